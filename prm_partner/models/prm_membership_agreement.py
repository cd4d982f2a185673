from odoo import api, fields, models

from .prm_agreement import PENDING_STATES, SIGNED_STATES
from .prm_program_agreement import BLOCKS

SENDING_STATES = ("onboarding", "active")


class PrmMembership(models.Model):
    """Agreements that a membership needs, and what waits for them."""

    _inherit = "prm.membership"

    # A distributor reads the memberships of resellers: what they have signed is not its business.
    agreement_ids = fields.One2many(
        "prm.agreement", "membership_id", string="Agreements", groups="base.group_user"
    )
    agreement_count = fields.Integer(compute="_compute_agreement_counts", groups="base.group_user")
    unsigned_count = fields.Integer(
        string="Agreements to Sign",
        compute="_compute_agreement_counts",
        groups="base.group_user",
    )

    @api.depends("agreement_ids.state")
    def _compute_agreement_counts(self):
        groups = self.env["prm.agreement"]._read_group(
            [("membership_id", "in", self.ids)], ["membership_id", "state"], ["__count"]
        )
        for membership in self:
            counts = {state: count for one, state, count in groups if one == membership}
            membership.agreement_count = sum(counts.values())
            membership.unsigned_count = counts.get("sent", 0)

    @api.model_create_multi
    def create(self, vals_list):
        memberships = super().create(vals_list)
        memberships._send_missing_agreements()
        return memberships

    def write(self, vals):
        res = super().write(vals)
        if vals.get("state") in SENDING_STATES:
            self._send_missing_agreements()
        return res

    def _block_reasons(self, action):
        reasons = super()._block_reasons(action)
        # sudo: partners do not read how the program treats agreements.
        if action not in BLOCKS or not self.sudo().program_id[BLOCKS[action]]:
            return reasons
        return reasons + [
            self.env._("The agreement “%s” is not signed yet.", template.name)
            for template in self._get_missing_agreements(SIGNED_STATES)[self]
        ]

    def _get_missing_agreements(self, states):
        """The mandatory agreements that a membership has not got.

        :param states: states of an agreement, in any version, that count as having it
        :return: ``{membership: prm.agreement.template}``, with sudo, for each of these memberships
        """
        # sudo: what must be signed does not depend on what the user sees.
        memberships = self.sudo()
        templates = memberships.env["prm.agreement.template"].search(
            [
                ("program_ids", "in", memberships.program_id.ids),
                ("mandatory", "=", True),
                ("state", "=", "published"),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", fields.Date.context_today(self)),
            ]
        )
        groups = memberships.env["prm.agreement"]._read_group(
            [("membership_id", "in", memberships.ids), ("state", "in", states)],
            ["membership_id"],
            ["family_id:recordset"],
        )
        present = dict(groups)
        missing = {}
        for membership in memberships:
            families = present.get(membership, templates.browse())
            missing[membership] = templates.filtered(
                lambda template, program=membership.program_id, families=families: (
                    program in template.program_ids and template.family_id not in families
                )
            )
        return missing

    def _send_missing_agreements(self):
        """Send the mandatory agreements to members that are on board, if their program does so."""
        # sudo: it is the program that sends, whoever moved the membership.
        memberships = self.sudo().filtered(
            lambda one: one.state in SENDING_STATES and one.program_id.send_agreements
        )
        if not memberships:
            return
        missing = memberships._get_missing_agreements((*PENDING_STATES, *SIGNED_STATES))
        # sudo: as above.
        agreements = self.env["prm.agreement"].sudo().create(
            [
                {"membership_id": membership.id, "template_id": template.id}
                for membership, templates in missing.items()
                for template in templates
            ]
        )
        agreements._send()

    def _preview_begin(self):
        names = ", ".join(self._preview_agreements().mapped("name"))
        sent = [self.env._("These agreements are sent to be signed: %s.", names)] if names else []
        return [*sent, *super()._preview_begin()]

    def _preview_agreements(self):
        """What ``_begin`` would send, as ``prm.agreement.template``."""
        templates = self._get_missing_agreements(SIGNED_STATES)[self]
        # sudo: as for the missing agreements
        return templates if self.sudo().program_id.send_agreements else templates.browse()

    def _preview_signers(self, groups):
        """Which of the agreements that ``_begin`` would send nobody could sign, as sentences.

        :param groups: ``res.groups`` of the partner's people
        """
        return [
            self.env._(
                "Nobody of the partner can sign “%(agreement)s”. Invite somebody as: %(roles)s.",
                agreement=template.name,
                roles=", ".join(template.signer_group_ids.mapped("name")),
            )
            for template in self._preview_agreements()
            if not template.signer_group_ids & groups
        ]

    def _activate_after_signing(self):
        """Activate those that have waited for a signature."""
        self.filtered(
            lambda membership: membership.program_id.unsigned_blocks_activation
        )._activate_if_ready()

    def action_view_agreements(self):
        """Open the agreements of this membership."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.prm_agreement_action")
        return {
            **action,
            "domain": [("membership_id", "=", self.id)],
            "context": {"default_membership_id": self.id},
        }
