from odoo import api, fields, models
from odoo.addons.prm_partner.tools import account_keys
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import path_range


class PrmDealProtection(models.Model):
    _name = "prm.deal.protection"
    _description = "Deal Protection"
    _order = "date_end desc, id desc"
    _rec_name = "account_key"

    registration_id = fields.Many2one(
        "prm.deal.registration", required=True, index=True, ondelete="restrict", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="restrict", readonly=True
    )
    account_key = fields.Char(required=True, readonly=True)
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        help="Empty: all products.",
    )
    # Kept up with the tree of categories, because the constraint below compares it.
    category_path = fields.Char(
        string="Path of the Category",
        related="category_id.parent_path",
        store=True,
        precompute=True,
    )
    date_start = fields.Date(required=True, readonly=True)
    date_end = fields.Date(required=True, readonly=True)
    active = fields.Boolean(default=True, readonly=True)

    # Lookup of a few keys; the index of the exclusion constraint is slower for this.
    _account_idx = models.Index("(account_key, company_id) WHERE active")
    _end_idx = models.Index("(date_end) WHERE active")
    # The last word: whatever the code does, two partners never hold the same customer at once.
    # A category covers those below it, an empty one covers all.
    _overlap_excl = models.Constraint(
        "EXCLUDE USING gist (company_id WITH =, account_key WITH =, partner_id WITH <>,"
        " prm_path_range(category_path, category_path || ':') WITH &&,"
        " daterange(date_start, date_end, '[]') WITH &&) WHERE (active)",
        "This customer is already protected for another partner in this period."
        " Reject the registration, or wait until that protection has ended.",
    )
    _dates_check = models.Constraint(
        "CHECK(date_end >= date_start)", "A protection must end after it starts."
    )

    def _auto_init(self):
        path_range.create(self.env.cr)
        return super()._auto_init()

    @api.model
    def _protect(self, registrations):
        """Give the partners of approved registrations the sole right to their customers."""
        return self.create(
            [
                self._prepare_protection_vals(registration, key)
                for registration in registrations
                for key in account_keys.protection_keys(registration._get_account_keys())
            ]
        )

    @api.model
    def _prepare_protection_vals(self, registration, key):
        return {
            "registration_id": registration.id,
            "partner_id": registration.partner_id.id,
            "company_id": registration.company_id.id,
            "account_key": key,
            "category_id": registration.category_id.id,
            "date_start": registration.date_protected_from,
            "date_end": registration.date_protected_until,
        }

    @api.model
    def _get_rivals(self, registration, start, end):
        """Protections of other partners that overlap what this registration would get."""
        keys = account_keys.protection_keys(registration._get_account_keys())
        domain = Domain(
            [
                ("company_id", "=", registration.company_id.id),
                ("account_key", "in", keys),
                ("partner_id", "!=", registration.partner_id.id),
                ("date_start", "<=", end),
                ("date_end", ">=", start),
            ]
        )
        return self.search(domain & self._get_scope_domain(registration.category_id))

    @api.model
    def _get_scope_domain(self, category):
        """Protections whose category is this one, above or below it, or none."""
        if not category:
            return Domain.TRUE
        above_or_below = Domain("category_id", "parent_of", category.id) | Domain(
            "category_id", "child_of", category.id
        )
        return Domain("category_id", "=", False) | above_or_below

    def _get_message(self):
        """Why a registration cannot be approved, for staff."""
        protection = self[:1]
        return self.env._(
            "This customer is protected for %(partner)s by %(deal)s until %(date)s."
            " Reject the registration, or withdraw the other one first.",
            partner=protection.partner_id.name,
            deal=protection.registration_id.name,
            date=format_date(self.env, protection.date_end),
        )

    def _get_notice(self):
        """Warning for a salesperson who works on the customer."""
        self.ensure_one()
        return self.env._(
            "This customer is protected for the partner %(partner)s until %(date)s.",
            partner=self.partner_id.name,
            date=format_date(self.env, self.date_end),
        )
