from odoo import fields, models


class PrmSetupStep(models.TransientModel):
    _name = "prm.setup.step"
    _description = "Step of the Partner Setup"
    _order = "id"

    setup_id = fields.Many2one("prm.setup", required=True, index=True, ondelete="cascade")
    code = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    description = fields.Char(readonly=True)
    button = fields.Char(readonly=True)
    icon = fields.Char(readonly=True)
    is_done = fields.Boolean(compute="_compute_is_done")

    def _compute_is_done(self):
        Setup = self.env["prm.setup"]
        known = {step["code"]: step for step in Setup._get_available_steps()}
        for step in self:
            step.is_done = step.code in known and Setup._is_done(
                known[step.code], step.setup_id.company_id
            )

    def action_open(self):
        """Open the screen where this step is done."""
        self.ensure_one()
        steps = {step["code"]: step for step in self.env["prm.setup"]._get_available_steps()}
        return self.env["ir.actions.act_window"]._for_xml_id(steps[self.code]["action"])
