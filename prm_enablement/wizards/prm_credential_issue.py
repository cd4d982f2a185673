from odoo import api, fields, models
from odoo.exceptions import UserError


class PrmCredentialIssue(models.TransientModel):
    _name = "prm.credential.issue"
    _description = "Issue Credentials"

    certification_id = fields.Many2one("prm.certification", required=True)
    partner_ids = fields.Many2many(
        "res.partner", string="People", domain=[("is_company", "=", False)]
    )
    date_start = fields.Date(string="Valid From", required=True, default=fields.Date.context_today)
    held_count = fields.Integer(string="To Be Renewed", compute="_compute_held_count")

    @api.model
    def default_get(self, fields_list):
        """Take the people from the list that the wizard was opened on."""
        values = super().default_get(fields_list)
        context = self.env.context
        if context.get("active_model") == "res.partner" and "partner_ids" in fields_list:
            people = self.env["res.partner"].browse(context.get("active_ids", []))
            values["partner_ids"] = people.filtered(lambda person: not person.is_company).ids
        return values

    @api.depends("certification_id", "partner_ids")
    def _compute_held_count(self):
        for wizard in self:
            wizard.held_count = self.env["prm.credential"].search_count(
                [
                    ("certification_id", "=", wizard.certification_id.id),
                    ("partner_id", "in", wizard.partner_ids.ids),
                    ("date_revoked", "=", False),
                ]
            )

    def action_issue(self):
        """Issue the certification to the chosen people; who holds it already renews it.

        :return: action that opens the credentials
        :raise AccessError: the user may not issue credentials
        :raise UserError: nobody is chosen, or the first day lies in the future
        """
        self.ensure_one()
        Credential = self.env["prm.credential"]
        Credential.check_access("create")
        # The people and the certification must be visible to the user, not only to the wizard.
        self.partner_ids.check_access("read")
        self.certification_id.check_access("read")
        if not self.partner_ids:
            raise UserError(self.env._("Choose at least one person."))
        # sudo: a renewal writes, and another company's credential must be found, not duplicated.
        issued = Credential.sudo()._issue(self._prepare_requests())
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_enablement.prm_credential_action"
        )
        return {**action, "domain": [("id", "in", issued.ids)], "context": {}}

    def _prepare_requests(self):
        return [
            {"partner": person, "certification": self.certification_id, "date": self.date_start}
            for person in self.partner_ids
        ]
