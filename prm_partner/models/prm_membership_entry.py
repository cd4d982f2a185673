from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from .prm_membership import ACTIVE_STATES


class PrmMembership(models.Model):
    """Memberships that are typed in or imported: new ones, and those of before."""

    _inherit = "prm.membership"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_first_state(vals_list)
        memberships = super().create(vals_list)
        if not self.env.su:
            memberships._check_entry()
        return memberships

    @api.model
    def _check_first_state(self, vals_list):
        """Members begin as applicants; those of before are entered by program managers."""
        states = {vals.get("state", "applicant") for vals in vals_list}
        if "at_risk" in states:
            raise UserError(
                self.env._(
                    "A tier is at risk by its review only. Enter the membership as active, then"
                    " review the program."
                )
            )
        manager = self.env.user.has_group("prm_partner.group_program_manager")
        if not manager and states != {"applicant"}:
            raise UserError(
                self.env._(
                    "A new membership begins as an applicant. Ask a program manager to enter"
                    " partners who are members already."
                )
            )

    def _check_entry(self):
        """Whoever is active from today on meets what an activation asks for.

        A member of before has a start date in the past: what it lacks is logged only.
        """
        today = fields.Date.context_today(self)
        for membership in self.filtered(lambda one: one.state in ACTIVE_STATES):
            reasons = membership._block_reasons("activation")
            if reasons and membership.date_start and membership.date_start < today:
                membership._log_passed_over(reasons)
            elif reasons:
                raise UserError(
                    self.env._(
                        "%(membership)s cannot be active yet:\n%(reasons)s\nEnter the partner as an"
                        " applicant, or the date in the past since which it has been a member.",
                        membership=membership.display_name,
                        reasons="\n".join(reasons),
                    )
                )

    def _log_passed_over(self, reasons):
        items = Markup("").join(Markup("<li>%s</li>") % reason for reason in reasons)
        text = self.env._("Entered as a member of before, although:")
        self._message_log(body=Markup("<p>%s</p><ul>%s</ul>") % (text, items))
