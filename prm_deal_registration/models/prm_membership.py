from odoo import api, fields, models

# A registration in these states takes one of the places that a partner has.
OPEN_STATES = ("submitted", "in_review", "returned", "appealed", "approved")


class PrmMembership(models.Model):
    """By which rules a member registers deals."""

    _inherit = "prm.membership"

    deal_policy_id = fields.Many2one(
        "prm.deal.policy",
        compute="_compute_deal_policy_id",
        compute_sudo=True,
        groups="base.group_user",
        help="The policy of the tier, else the one of the program.",
    )

    @api.depends("grade_id", "program_id.deal_policy_ids.grade_id")
    def _compute_deal_policy_id(self):
        for membership in self:
            policies = membership.program_id.deal_policy_ids
            membership.deal_policy_id = policies._choose(membership.grade_id)

    def _get_deal_term(self, kind):
        """A number of the policy, or the one that the tier gives instead as a benefit.

        :param str kind: "protection_days", "extensions" or "open_registrations"
        """
        self.ensure_one()
        benefit = self._prm_benefit(kind)
        # sudo: partners don't read policies, but are bound by their numbers.
        return int(self.sudo().deal_policy_id[kind] if benefit is None else benefit)

    def _block_reasons(self, action):
        reasons = super()._block_reasons(action)
        if action == "registration":
            # A registration that is handed in again has its place already.
            known = self.env.context.get("prm_placed_deal_ids", ())
            deals = self.env["prm.deal.registration"].browse(known)
            reasons += filter(None, [self._get_open_limit_reason(deals)])
        return reasons

    def _get_open_limit_reason(self, deals):
        """Why these deals cannot be handed in: all places are taken.

        :param deals: ``prm.deal.registration`` to be handed in; none stands for a new one
        :return: a sentence for staff and the partner, None if there is room
        """
        self.ensure_one()
        limit = self._get_deal_term("open_registrations")
        if not limit:
            return None
        # sudo: the deals of colleagues count as well; only their number is used.
        taken = deals.sudo().search_count(
            [
                ("membership_id", "=", self.id),
                ("state", "in", OPEN_STATES),
                ("id", "not in", deals.ids),
            ]
        )
        if taken + max(len(deals), 1) <= limit:
            return None
        return self.env._(
            "%(partner)s has %(count)s open deals in “%(program)s”; at most %(limit)s are possible"
            " at once. Withdraw one that is not pursued, or wait until one is won or ends.",
            partner=self.partner_id.name,
            count=taken,
            program=self.program_id.name,
            limit=limit,
        )
