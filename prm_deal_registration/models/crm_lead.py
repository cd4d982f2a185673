from odoo import api, fields, models
from odoo.addons.prm_partner.tools import account_keys
from odoo.exceptions import UserError
from odoo.tools import sql

STAFF = "base.group_user"


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "prm.account.keys"]

    # Portal partners read the leads assigned to them: every field here is for staff only.
    registration_ids = fields.One2many("prm.deal.registration", "lead_id", groups=STAFF)
    registration_id = fields.Many2one(
        "prm.deal.registration",
        string="Deal Registration",
        compute="_compute_registration_id",
        store=True,
        index="btree_not_null",
        groups=STAFF,
        help="The approved claim of a partner on this opportunity.",
    )
    prm_partner_id = fields.Many2one(
        "res.partner",
        string="Deal Partner",
        related="registration_id.partner_id",
        store=True,
        index="btree_not_null",
        groups=STAFF,
    )
    prm_protection_notice = fields.Char(
        string="Protected Account",
        compute="_compute_prm_protection_notice",
        compute_sudo=True,
        groups=STAFF,
    )

    def _auto_init(self):
        # No lead can have a registration yet: don't compute a million empty values at installation.
        for column in ("registration_id", "prm_partner_id"):
            if not sql.column_exists(self.env.cr, self._table, column):
                sql.create_column(self.env.cr, self._table, column, "int4")
        return super()._auto_init()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_registered(self):
        # sudo: the deal may be another manager's.
        deals = self.sudo().registration_ids
        if deals:
            raise UserError(
                self.env._(
                    "The deal registration %s is about this opportunity, so it cannot be deleted."
                    " Mark it as lost instead.",
                    deals[0].name,
                )
            )

    @api.depends("registration_ids.state", "registration_ids.main_registration_id")
    def _compute_registration_id(self):
        for lead in self:
            lead.registration_id = lead.registration_ids.filtered(
                lambda deal: deal.state in ("approved", "won") and not deal.main_registration_id
            )[:1]

    @api.depends(lambda self: [f"key_{key}" for key in account_keys.AccountKeys.__annotations__])
    @api.depends_context("lang")
    def _compute_prm_protection_notice(self):
        found = self._get_protections_by_key()
        for lead in self:
            keys = account_keys.protection_keys(lead._get_account_keys())
            rivals = [
                protection
                for key in keys
                for protection in found.get((key, lead.company_id or self.env.company), [])
                if protection.partner_id != lead.prm_partner_id
            ]
            lead.prm_protection_notice = rivals[0]._get_notice() if rivals else False

    def _get_protections_by_key(self):
        keys = {
            key for lead in self for key in account_keys.protection_keys(lead._get_account_keys())
        }
        today = fields.Date.context_today(self)
        domain = [("account_key", "in", list(keys))]
        domain += [("date_start", "<=", today), ("date_end", ">=", today)]
        protections = self.env["prm.deal.protection"].search(domain) if keys else []
        by_key = {}
        for protection in protections:
            scope = (protection.account_key, protection.company_id)
            by_key.setdefault(scope, []).append(protection)
        return by_key

    @api.model
    def _get_account_key_depends(self):
        return [
            "partner_name",
            "website",
            "email_from",
            "phone",
            "country_id",
            "zip",
            "street",
            "partner_id.commercial_partner_id.vat",
            "partner_id.commercial_partner_id.name",
        ]

    def _get_account_data(self):
        company = self.partner_id.commercial_partner_id
        return {
            "name": self.partner_name or (company.is_company and company.name) or "",
            "vat": company.vat,
            "website": self.website,
            "email": self.email_from,
            "phone": self.phone,
            "country": self.country_id.code,
            "zip": self.zip,
            "street": self.street,
        }

    def _handle_won_lost(self, old_status_by_lead, new_status_by_lead):
        res = super()._handle_won_lost(old_status_by_lead, new_status_by_lead)
        # sudo: a deal follows its opportunity, whoever loses that.
        leads = self.sudo()
        now_lost = leads.filtered(lambda lead: new_status_by_lead.get(lead.id, {}).get("is_lost"))
        was_lost = leads.filtered(lambda lead: old_status_by_lead.get(lead.id, {}).get("is_lost"))
        (now_lost - was_lost).registration_ids._lose()
        (was_lost - now_lost).registration_ids.filtered(lambda deal: deal.state == "lost")._reopen()
        return res

    def _merge_dependences(self, opportunities):
        res = super()._merge_dependences(opportunities)
        # sudo: whoever may merge opportunities keeps their registrations, also of other managers.
        leads = (self | opportunities).sudo()
        approved = leads.registration_id
        if len(approved) > 1:
            raise UserError(
                self.env._(
                    "These opportunities belong to several approved registrations: %s."
                    " Withdraw all but one before you merge them.",
                    ", ".join(approved.mapped("name")),
                )
            )
        opportunities.sudo().registration_ids.lead_id = self  # sudo: as above
        return res

    def action_view_registration(self):
        """Open the registration of this opportunity."""
        self.ensure_one()
        return self.registration_id.get_formview_action()

    def update_stage_from_portal(self, stage_id):
        """Stock method, closed for registered deals: those are won by an order, not by the partner.

        :raise UserError: a winning stage on a registered deal
        """
        stage = self.env["crm.stage"].browse(stage_id)
        if stage.is_won and self._get_registered_for_portal():
            raise UserError(
                self.env._("A registered deal is won when the order is confirmed. Tell your contact"
                           " person about the order.")
            )  # fmt: skip
        return super().update_stage_from_portal(stage_id)

    def update_lead_portal(self, values):
        """Stock method, closed for revenue and certainty of registered deals.

        :raise UserError: the expected revenue would change, or the probability be 100 %
        """
        for lead in self._get_registered_for_portal():
            revenue = float(values.get("expected_revenue") or 0.0)
            changed = lead.company_currency.compare_amounts(revenue, lead.expected_revenue) != 0
            if changed or float(values.get("probability") or 0.0) >= 100:
                raise UserError(
                    self.env._("The amount and the result of a registered deal are set by us."
                               " Ask your contact person to change them.")
                )  # fmt: skip
        return super().update_lead_portal(values)

    def update_contact_details_from_portal(self, values):
        """Stock method, closed for registered deals: the customer is what was decided on.

        :raise UserError: the opportunity belongs to a registration
        """
        if not self.env.user._is_internal():
            self._assert_portal_write_access()
            # sudo: the partner may not read the field, but its rights depend on it.
            if self.sudo().registration_ids:
                raise UserError(
                    self.env._("The customer of a registered deal is changed by us."
                               " Ask your contact person to change it.")
                )  # fmt: skip
        return super().update_contact_details_from_portal(values)

    @api.model
    def create_opp_portal(self, values):
        """Stock method, closed for partners in a program: they register deals.

        :raise UserError: the user belongs to a partner in a program
        """
        if self.env.user.has_group("prm_partner.group_partner_portal"):
            raise UserError(
                self.env._("Opportunities are not created here. Register the deal instead.")
            )
        return super().create_opp_portal(values)

    def partner_desinterested(self, comment=False, contacted=False, spam=False):
        """Stock method, closed for registered deals: those are withdrawn.

        :raise UserError: the opportunity belongs to a registration
        """
        if self._get_registered_for_portal():
            raise UserError(
                self.env._("This is a registered deal. Withdraw the registration instead.")
            )
        return super().partner_desinterested(comment=comment, contacted=contacted, spam=spam)

    def _get_registered_for_portal(self):
        """The leads of a registered deal, if the user is no member of staff."""
        if self.env.user._is_internal():
            return self.browse()
        self._assert_portal_write_access()
        # sudo: the partner may not read the field, but its rights depend on it.
        return self.sudo().filtered("registration_id")
