from odoo import api, fields, models

from .prm_credential import HELD_STATES


class ResPartner(models.Model):
    _inherit = "res.partner"

    prm_credential_ids = fields.One2many(
        "prm.credential",
        "partner_id",
        string="Credentials",
        groups="prm_partner.group_partner_manager,prm_partner.group_partner_portal",
    )
    prm_company_credential_ids = fields.One2many(
        "prm.credential",
        "company_partner_id",
        string="Credentials of the Company",
        groups="prm_partner.group_partner_manager,prm_partner.group_partner_portal",
    )
    prm_credential_count = fields.Integer(
        string="Credential Count",
        compute="_compute_prm_credential_count",
        groups="prm_partner.group_partner_manager",
        help="All credentials of the person, or of the people of the company.",
    )
    prm_certified_count = fields.Integer(
        string="Certified People",
        compute="_compute_prm_credential_count",
        groups="prm_partner.group_partner_manager",
        help="People of the company who hold a credential today.",
    )

    @api.depends("prm_credential_ids.state", "prm_company_credential_ids.state")
    def _compute_prm_credential_count(self):
        by_person, by_company, certified = self._count_prm_credentials()
        for partner in self:
            counts = by_company if partner.is_company else by_person
            partner.prm_credential_count = counts.get(partner.id, 0)
            partner.prm_certified_count = certified.get(partner.id, 0)

    def _count_prm_credentials(self):
        """Credentials per person and per company, and people with a valid one per company."""
        Credential = self.env["prm.credential"]
        by_person = Credential._read_group(
            [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
        )
        by_company = Credential._read_group(
            [("company_partner_id", "in", self.ids)], ["company_partner_id"], ["__count"]
        )
        certified = Credential._read_group(
            [("company_partner_id", "in", self.ids), ("state", "in", HELD_STATES)],
            ["company_partner_id"],
            ["partner_id:count_distinct"],
        )
        return tuple(
            {partner.id: count for partner, count in groups}
            for groups in (by_person, by_company, certified)
        )

    def action_prm_credentials(self):
        """Open the credentials of this person, or of the people of this company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_enablement.prm_credential_action"
        )
        field = "company_partner_id" if self.is_company else "partner_id"
        return {**action, "domain": [(field, "=", self.id)], "context": {}}
