from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.extension import require_btree_gist
from ..tools.groups import STAFF_AND_FINANCE

# The field that holds a benefit's value; a kind that is not here is a number.
VALUE_FIELDS = {"pricelist": "pricelist_id", "content": "text", "support_sla": "text"}


class PrmTierBenefit(models.Model):
    """What a tier gives its partners in a period.

    Other add-ons read benefits through ``prm.membership._prm_benefit`` and add kinds. The weight
    of leads is read that way too; the field of that name on a tier, of Odoo's lead assignment, is
    left alone.
    """

    _name = "prm.tier.benefit"
    _description = "Tier Benefit"
    _order = "grade_id, kind, date_from, id"

    grade_id = fields.Many2one(
        "res.partner.grade", string="Tier", required=True, index=True, ondelete="cascade"
    )
    program_id = fields.Many2one(related="grade_id.program_id", store=True, index=True)
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("pricelist", "Price list"),
            ("protection_days", "Protection of deals (days)"),
            ("extensions", "Extensions of a protection"),
            ("open_registrations", "Most open registrations"),
            ("lead_weight", "Weight when leads are handed out"),
            ("content", "Content"),
            ("support_sla", "Support"),
        ],
        required=True,
    )
    value = fields.Float()
    pricelist_id = fields.Many2one(
        "product.pricelist",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', 'in', (False, company_id))]",
    )
    text = fields.Char(string="What Exactly", translate=True)
    date_from = fields.Date(string="From", help="Empty: since ever.")
    date_to = fields.Date(string="To", help="The last day. Empty: for good.")
    currency_id = fields.Many2one(related="program_id.currency_id")
    annual_cost = fields.Monetary(
        string="Cost per Partner and Year",
        groups=STAFF_AND_FINANCE,
        help="What the benefit costs us, for the what-if.",
    )
    cost_percent = fields.Float(
        string="Cost in % of Revenue",
        groups=STAFF_AND_FINANCE,
        help="What the benefit costs us of the partner's revenue, for the what-if.",
    )
    summary = fields.Char(string="Benefit", compute="_compute_summary")

    _dates_check = models.Constraint(
        "CHECK(date_to >= date_from)", "A benefit must end after it starts. Check its dates."
    )
    _value_check = models.Constraint(
        "CHECK(value BETWEEN 0 AND 1e6 AND annual_cost >= 0 AND annual_cost < 1e15"
        " AND cost_percent BETWEEN 0 AND 100)",
        "The value of a benefit is 0 to 1,000,000, its cost not negative, and 100 % at most.",
    )
    _pricelist_check = models.Constraint(
        "CHECK(kind != 'pricelist' OR pricelist_id IS NOT NULL)",
        "Choose the price list that the tier gives.",
    )
    _period_excl = models.Constraint(
        "EXCLUDE USING gist (grade_id WITH =, kind WITH =, daterange(date_from, date_to, '[]')"
        " WITH &&)",
        "This tier has the same benefit in an overlapping period already. End that one first.",
    )

    def _auto_init(self):
        require_btree_gist(self.env)
        return super()._auto_init()

    @api.depends("kind", "value", "pricelist_id.name", "text")
    def _compute_summary(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for benefit in self:
            shown = benefit._get_value()
            if isinstance(shown, models.BaseModel):
                shown = shown.display_name
            elif isinstance(shown, float):
                shown = f"{shown:g}"
            benefit.summary = f"{kinds.get(benefit.kind, '')}: {shown or ''}"

    @api.depends("summary", "grade_id.name")
    def _compute_display_name(self):
        for benefit in self:
            benefit.display_name = f"{benefit.grade_id.name or ''} · {benefit.summary}"

    @api.constrains("kind", "text")
    def _check_text(self):
        for benefit in self:
            if VALUE_FIELDS.get(benefit.kind) == "text" and not (benefit.text or "").strip():
                raise ValidationError(
                    self.env._("Say what exactly the partners of this tier get, as they read it.")
                )

    @api.constrains("pricelist_id", "grade_id")
    def _check_pricelist_company(self):
        for benefit in self:
            company = benefit.grade_id.program_id.company_id
            # sudo: whoever edits a tier may not see the price lists of all companies.
            pricelist = benefit.pricelist_id.sudo()
            if company and pricelist.company_id and pricelist.company_id != company:
                raise ValidationError(
                    self.env._(
                        "The price list “%(pricelist)s” belongs to another company than the"
                        " program “%(program)s”. Choose one of %(company)s.",
                        pricelist=pricelist.name,
                        program=benefit.grade_id.program_id.name,
                        company=company.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        benefits = super().create(vals_list)
        benefits.grade_id._prm_apply_pricelist()
        return benefits

    def write(self, vals):
        grades = self.grade_id
        res = super().write(vals)
        if {"grade_id", "kind", "pricelist_id", "date_from", "date_to"} & vals.keys():
            (grades | self.grade_id)._prm_apply_pricelist()
        return res

    def _get_value(self):
        """What readers get: a price list, a text or a number, by kind."""
        self.ensure_one()
        return self[VALUE_FIELDS.get(self.kind, "value")]

    @api.model
    def _get_partner_kinds(self):
        """The kinds that partners are shown: not how we price and hand out leads."""
        return ["protection_days", "extensions", "open_registrations", "support_sla", "content"]

    @api.model
    def _get_effective_domain(self, day):
        begun = Domain("date_from", "=", False) | Domain("date_from", "<=", day)
        return begun & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))

    @api.model
    def _cron_apply_pricelists(self):
        """Give partners the price list that begins today, and take back the one that ended."""
        self.search([("kind", "=", "pricelist")]).grade_id._prm_apply_pricelist()
