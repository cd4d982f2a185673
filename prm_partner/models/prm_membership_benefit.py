from odoo import fields, models

from .prm_membership import ACTIVE_STATES


class PrmMembership(models.Model):
    """What the tier of a membership gives."""

    _inherit = "prm.membership"

    def _prm_benefit(self, kind, date=None):
        """The value of one benefit of this membership, see ``_prm_benefits``."""
        self.ensure_one()
        return self._prm_benefits(kind, date)[self.id]

    def _prm_shown_benefits(self):
        """What partners are shown of the benefits that their tier gives today.

        :return: ``{membership_id: [(name of the kind, value as text)]}``
        """
        benefits = self.env["prm.tier.benefit"]
        names = dict(benefits._fields["kind"]._description_selection(self.env))
        shown = {membership_id: [] for membership_id in self.ids}
        for kind in benefits._get_partner_kinds():
            for membership_id, value in self._prm_benefits(kind).items():
                text = f"{value:g}" if isinstance(value, float) else value
                if text:
                    shown[membership_id].append((names[kind], text))
        return shown

    def _prm_benefits(self, kind, date=None):
        """The values of one benefit: the one method for all who read benefits.

        :param str kind: a kind of ``prm.tier.benefit``
        :param date: the day that counts, by default today
        :return: ``{membership_id: value}``, a number, a text or a price list by kind; None where
            the tier does not give the benefit on that day or the membership is not active
        """
        day = date or fields.Date.context_today(self)
        # sudo: whoever reads a membership may know what its tier gives.
        memberships = self.sudo()
        benefits = memberships.env["prm.tier.benefit"]
        effective = benefits._get_effective_domain(day)
        found = benefits.search(
            [("kind", "=", kind), ("grade_id", "in", memberships.grade_id.ids), *effective]
        ).grouped("grade_id")
        values = {grade.id: benefit._get_value() for grade, benefit in found.items()}
        return {
            membership.id: values.get(membership.grade_id.id)
            if membership.state in ACTIVE_STATES
            else None
            for membership in memberships
        }
