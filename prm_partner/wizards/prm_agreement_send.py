from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.prm_agreement import PENDING_STATES


class PrmAgreementSend(models.TransientModel):
    _name = "prm.agreement.send"
    _description = "Send Agreement to Members"

    template_id = fields.Many2one(
        "prm.agreement.template",
        string="Agreement",
        required=True,
        domain="[('state', '=', 'published'), ('program_ids', 'in', program_ids)]",
    )
    membership_ids = fields.Many2many(
        "prm.membership",
        string="Members",
        required=True,
        default=lambda self: [Command.set(self._get_default_memberships())],
    )
    program_ids = fields.Many2many("prm.program", compute="_compute_program_ids")
    date_sign_by = fields.Date(
        string="To Sign By", help="By default the time to sign of the agreement's template."
    )
    ready_ids = fields.Many2many(
        "prm.membership", string="Gets It", compute="_compute_ready_ids"
    )
    skipped_ids = fields.Many2many(
        "prm.membership",
        string="Does Not Get It",
        compute="_compute_ready_ids",
        help="Not in a program of the agreement, ended, or has this version already.",
    )

    @api.model
    def _get_default_memberships(self):
        is_membership = self.env.context.get("active_model") == "prm.membership"
        return self.env.context.get("active_ids", []) if is_membership else []

    @api.depends("membership_ids")
    def _compute_program_ids(self):
        for wizard in self:
            wizard.program_ids = wizard.membership_ids.program_id

    @api.depends("template_id", "membership_ids")
    def _compute_ready_ids(self):
        for wizard in self:
            template, members = wizard.template_id, wizard.membership_ids._origin
            fitting = members.filtered(
                lambda one, template=template: (
                    one.state != "ended" and one.program_id in template.program_ids
                )
            )
            wizard.ready_ids = template and fitting - wizard._get_supplied(fitting)
            wizard.skipped_ids = template and members - wizard.ready_ids

    def _get_supplied(self, memberships):
        """Members who have the agreement waiting, or this very version in force."""
        domain = [
            ("membership_id", "in", memberships.ids),
            ("family_id", "=", self.template_id.family_id.id),
            "|",
            ("state", "in", PENDING_STATES),
            "&",
            ("state", "=", "in_force"),
            ("template_id", "=", self.template_id.id),
        ]
        return self.env["prm.agreement"].search(domain).membership_id

    def action_send(self):
        """Make and send an agreement for each member who gets it.

        :return: action that shows the agreements
        :raise UserError: nobody gets it
        """
        self.ensure_one()
        if not self.ready_ids:
            raise UserError(
                self.env._(
                    "None of these members gets “%(agreement)s”: they have it already, have ended,"
                    " or are in other programs.",
                    agreement=self.template_id.display_name,
                )
            )
        agreements = self.env["prm.agreement"].create(
            [
                {
                    "membership_id": membership.id,
                    "template_id": self.template_id.id,
                    "date_sign_by": self.date_sign_by,
                }
                for membership in self.ready_ids
            ]
        )
        agreements.action_send()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.prm_agreement_action")
        return {**action, "domain": [("id", "in", agreements.ids)], "context": {}}
