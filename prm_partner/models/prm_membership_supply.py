from markupsafe import Markup

from odoo import fields, models

SUPPLY_ACTIVITY = "prm_partner.mail_activity_type_supply"


class PrmMembership(models.Model):
    """What becomes of the resellers of a distributor that leaves, and comes back."""

    _inherit = "prm.membership"

    former_distributor_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The distributor that supplied this partner until it left its last program.",
    )

    def action_end(self, reason=False):
        """End the membership; the resellers of a distributor that has no other one lose it."""
        res = super().action_end(reason)
        self._release_resellers()
        return res

    def unlink(self):
        self._release_resellers()
        return super().unlink()

    def _reopen(self):
        res = super()._reopen()
        self._check_distributor()
        self._win_back_resellers()
        return res

    def _get_distributor_pairs(self):
        return {(membership.partner_id, membership.company_id) for membership in self}

    def _get_supplied(self):
        """The memberships that nobody supplies any more once these ones have ended.

        :return: ``prm.membership``, ended ones too, with sudo
        """
        # sudo: the resellers of a distributor have managers of their own.
        roles = self.sudo().filtered(lambda one: one.program_id.kind == "distributor")
        if not roles:
            return roles
        kept = roles.search(
            [
                ("partner_id", "in", roles.partner_id.ids),
                ("program_id.kind", "=", "distributor"),
                ("state", "!=", "ended"),
                ("id", "not in", roles.ids),
            ]
        )
        lost = roles._get_distributor_pairs() - kept._get_distributor_pairs()
        supplied = roles.search([("distributor_id", "in", roles.partner_id.ids)])
        return supplied.filtered(lambda one: (one.distributor_id, one.company_id) in lost)

    def _release_resellers(self):
        for distributor, resellers in self._get_supplied().grouped("distributor_id").items():
            resellers.write(
                {"former_distributor_id": distributor.id, "distributor_id": False}
            )
            resellers.filtered(lambda one: one.state != "ended")._ask_for_distributor(distributor)

    def _ask_for_distributor(self, distributor):
        """One activity for each manager of these resellers, with all of the manager's."""
        by_manager = self.grouped(lambda one: one.user_id or one.program_id.user_id)
        for user, resellers in by_manager.items():
            if not user:
                continue
            record = distributor.with_context(lang=user.lang)
            names = Markup("").join(
                Markup("<li>%s</li>") % name
                for name in sorted(resellers.with_env(record.env).mapped("display_name"))
            )
            record.activity_schedule(
                SUPPLY_ACTIVITY,
                note=Markup("<p>%s</p><ul>%s</ul>")
                % (
                    record.env._(
                        "%s is no distributor any more. Choose another one for:", record.name
                    ),
                    names,
                ),
                user_id=user.id,
            )

    def _win_back_resellers(self):
        """A distributor that is back supplies those who have not found another one."""
        # sudo: see _get_supplied.
        roles = self.sudo().filtered(lambda one: one.program_id.kind == "distributor")
        if not roles:
            return
        pairs = roles._get_distributor_pairs()
        former = roles.search([("former_distributor_id", "in", roles.partner_id.ids)]).filtered(
            lambda one: (one.former_distributor_id, one.company_id) in pairs
        )
        waiting = former.filtered(lambda one: not one.distributor_id)
        for distributor, resellers in waiting.grouped("former_distributor_id").items():
            resellers.distributor_id = distributor
        former.former_distributor_id = False
        roles.partner_id.activity_unlink([SUPPLY_ACTIVITY])
