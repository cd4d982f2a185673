from odoo import api, fields, models

from ..tools.groups import STAFF

# What the program can hold back → the field that says so.
BLOCKS = {
    "activation": "unsigned_blocks_activation",
    "registration": "unsigned_blocks_registration",
    "payout": "unsigned_blocks_payout",
}


class PrmProgram(models.Model):
    """What a program does with agreements."""

    _inherit = "prm.program"

    agreement_template_ids = fields.Many2many(
        "prm.agreement.template", string="Agreements", groups=STAFF
    )
    send_agreements = fields.Boolean(
        default=True,
        groups=STAFF,
        help="Members get the mandatory agreements by themselves when they start onboarding or"
        " become active.",
    )
    unsigned_blocks_activation = fields.Boolean(
        string="Blocks Activation",
        groups=STAFF,
        help="A membership becomes active only when all mandatory agreements are signed.",
    )
    unsigned_blocks_registration = fields.Boolean(
        string="Blocks Registrations",
        default=True,
        groups=STAFF,
        help="No deals are registered while a mandatory agreement is not signed.",
    )
    unsigned_blocks_payout = fields.Boolean(
        string="Blocks Payouts",
        default=True,
        groups=STAFF,
        help="No commission is billed while a mandatory agreement is not signed.",
    )

    @api.constrains("agreement_template_ids", "company_id")
    def _check_agreement_companies(self):
        self.agreement_template_ids._check_companies()
