from odoo import api, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.constrains("parent_id", "is_company")
    def _check_members_stay_companies(self):
        """Memberships belong to companies: a member does not become somebody's contact."""
        moved = self.filtered(lambda partner: partner.commercial_partner_id != partner)
        # sudo: a membership that another manager looks after counts as well.
        memberships = self.env["prm.membership"].sudo()
        for membership in memberships.search(
            [("partner_id", "in", moved.ids), ("state", "!=", "ended")], limit=1
        ):
            raise ValidationError(
                self.env._(
                    "%(partner)s is a member of “%(program)s”, so it cannot become a contact of"
                    " %(company)s. End the membership first.",
                    partner=membership.partner_id.name,
                    program=membership.program_id.name,
                    company=membership.partner_id.commercial_partner_id.name,
                )
            )
