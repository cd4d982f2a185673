from odoo import api, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    """A company that is a member of a program stays a company of its own."""

    _inherit = "res.partner"

    @api.constrains("parent_id", "is_company")
    def _check_prm_member(self):
        moved = self.filtered(
            lambda one: not one.is_company or one.commercial_partner_id != one
        )
        # sudo: a membership that the user does not see holds the company as well.
        member = moved and self.env["prm.membership"].sudo().search(
            [("partner_id", "in", moved.ids), ("state", "!=", "ended")], limit=1
        )
        if member:
            raise ValidationError(
                self.env._(
                    "%(partner)s is a member of “%(program)s”, so it stays a company of its own."
                    " End the membership before you make it a person or a contact of another"
                    " company.",
                    partner=member.partner_id.name,
                    program=member.program_id.name,
                )
            )

    @api.constrains("active")
    def _check_members_stay_active(self):
        """Whoever is put away has no business left: its memberships end first."""
        archived = self.filtered(lambda partner: not partner.active)
        # sudo: a membership that another manager looks after counts as well.
        memberships = self.env["prm.membership"].sudo()
        for membership in memberships.search(
            [("partner_id", "in", archived.ids), ("state", "!=", "ended")], limit=1
        ):
            raise ValidationError(
                self.env._(
                    "%(partner)s is a member of “%(program)s”. End the membership before you"
                    " archive the company.",
                    partner=membership.partner_id.name,
                    program=membership.program_id.name,
                )
            )
