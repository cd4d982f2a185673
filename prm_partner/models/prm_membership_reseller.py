from markupsafe import Markup

from odoo import fields, models


class PrmMembership(models.Model):
    """What becomes of the resellers of a distributor that is one no more."""

    _inherit = "prm.membership"

    former_distributor_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The distributor that this partner had when that left its program.",
    )

    def write(self, vals):
        # Whoever chooses another distributor has settled it.
        if vals.get("distributor_id"):
            vals = {"former_distributor_id": False, **vals}
        return super().write(vals)

    def action_end(self, reason=False):
        """End the membership; the resellers of a distributor that leaves have none any more."""
        res = super().action_end(reason)
        self._release_resellers()
        return res

    def _reopen(self):
        res = super()._reopen()
        self._take_resellers_back()
        return res

    def _get_resellers(self):
        """The members that these distributors leave without one when these memberships end.

        :return: open ``prm.membership``, with sudo
        """
        # sudo: resellers and other memberships of the distributor may be another manager's.
        memberships = self.sudo()
        roles = memberships.filtered(lambda one: one.program_id.kind == "distributor")
        staying = memberships._read_group(
            [
                ("partner_id", "in", roles.partner_id.ids),
                ("id", "not in", self.ids),
                ("program_id.kind", "=", "distributor"),
                ("state", "!=", "ended"),
            ],
            ["partner_id", "company_id"],
        )
        leaving = {(role.partner_id, role.company_id) for role in roles} - set(staying)
        return memberships.search(
            [("distributor_id", "in", roles.partner_id.ids), ("state", "!=", "ended")]
        ).filtered(lambda one: (one.distributor_id, one.company_id) in leaving)

    def _release_resellers(self):
        for distributor, resellers in self._get_resellers().grouped("distributor_id").items():
            resellers.write({"distributor_id": False, "former_distributor_id": distributor.id})
            for manager, own in resellers.filtered("user_id.active").grouped("user_id").items():
                own._ask_for_distributor(distributor, manager)

    def _ask_for_distributor(self, distributor, manager):
        """One activity for a manager, however many resellers have lost their distributor."""
        translated = self.with_context(lang=manager.lang)
        links = Markup("").join(Markup("<li>%s</li>") % one._get_html_link() for one in self)
        translated[0].activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=manager.id,
            summary=translated.env._(
                "Choose another distributor in place of %s", distributor.name
            ),
            note=Markup("<ul>%s</ul>") % links,
        )

    def _take_resellers_back(self):
        # sudo: the resellers may be another manager's.
        memberships = self.sudo()
        for membership in memberships.filtered(lambda one: one.program_id.kind == "distributor"):
            memberships.search(
                [
                    ("former_distributor_id", "=", membership.partner_id.id),
                    ("distributor_id", "=", False),
                    ("company_id", "=", membership.company_id.id),
                    ("state", "!=", "ended"),
                ]
            ).write({"distributor_id": membership.partner_id.id})
