from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class PrmMembershipStop(models.TransientModel):
    """Suspend or end memberships with a reason, which the partner is told."""

    _name = "prm.membership.stop"
    _description = "Suspend or End Memberships"

    step = fields.Selection(
        [("suspend", "Suspend"), ("end", "End")], required=True, default="suspend"
    )
    membership_ids = fields.Many2many(
        "prm.membership",
        string="Memberships",
        required=True,
        default=lambda self: self._get_default_memberships(),
    )
    reason = fields.Char(
        required=True, help="The partner reads it in the mail about it and in the portal."
    )
    reseller_count = fields.Integer(compute="_compute_reseller_count")

    def _get_default_memberships(self):
        if self.env.context.get("active_model") == "prm.membership":
            return [Command.set(self.env.context.get("active_ids", []))]
        return []

    @api.depends("membership_ids")
    def _compute_reseller_count(self):
        for wizard in self:
            supplied = wizard.membership_ids._origin._get_supplied()
            wizard.reseller_count = len(supplied.filtered(lambda one: one.state != "ended"))

    def action_stop(self):
        """Suspend or end the memberships.

        :raise UserError: one of them is not in the status for it
        """
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Say why: the partner is told the reason."))
        if self.step == "suspend":
            self.membership_ids.action_suspend(self.reason)
        else:
            self.membership_ids.action_end(self.reason)
        return {"type": "ir.actions.act_window_close"}
