from odoo import api, fields, models
from odoo.exceptions import UserError


class PrmAgreementAskAgain(models.TransientModel):
    _name = "prm.agreement.ask.again"
    _description = "Ask All to Sign the New Version"

    template_id = fields.Many2one(
        "prm.agreement.template", string="Agreement", required=True, readonly=True
    )
    former_count = fields.Integer(
        string="Members Who Get It", compute="_compute_former_count"
    )
    date_until = fields.Date(
        string="Earlier Versions Until",
        help="Earlier versions end on this day, signed or not. Leave it empty to keep each of them"
        " until the partner has signed the new one.",
    )

    @api.depends("template_id")
    def _compute_former_count(self):
        for wizard in self:
            domain = self.env["prm.agreement"]._get_ask_again_domain(wizard.template_id)
            wizard.former_count = self.env["prm.membership"].search_count(domain)

    def action_ask(self):
        """Send the new version to all who have an earlier one, in the background.

        :return: notification
        :raise UserError: the day has passed
        """
        self.ensure_one()
        if self.date_until and self.date_until <= fields.Date.context_today(self):
            raise UserError(
                self.env._("Earlier versions cannot end in the past. Choose a later day.")
            )
        self.template_id._ask_again(self.date_until)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(agreement)s is being sent to %(count)s members.",
                    agreement=self.template_id.display_name,
                    count=self.former_count,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
