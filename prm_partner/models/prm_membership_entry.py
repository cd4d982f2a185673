from odoo import api, fields, models
from odoo.exceptions import UserError

from .prm_membership import ACTIVE_STATES


class PrmMembership(models.Model):
    """Entering memberships by hand or import: nobody gets past the rules of the program that way.

    Code that acts for the system is the superuser, and takes the steps of the life cycle.
    """

    _inherit = "prm.membership"

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._without_blanks(vals) for vals in vals_list]
        self._check_first_state(vals_list)
        memberships = super().create(vals_list)
        if not self.env.su:
            memberships._check_entered()
        return memberships

    def _load_records_write(self, vals):
        return super()._load_records_write(self._without_blanks(vals))

    @api.model
    def _without_blanks(self, vals):
        """An empty cell of a required column is no value: new members get the default of it."""
        required = {name for name, field in self._fields.items() if field.required}
        return {name: value for name, value in vals.items() if value or name not in required}

    @api.model
    def _check_first_state(self, vals_list):
        """Members begin as applicants; those of before are entered by program managers."""
        if self.env.su:
            return
        default = self.default_get(["state"])["state"]  # a client may send another one
        states = {vals.get("state", default) for vals in vals_list}
        if "at_risk" in states:
            raise UserError(
                self.env._(
                    "Only a tier review puts a membership at risk, and grants the days of grace."
                    " Enter it as “Active”; the next review looks at it."
                )
            )
        if states != {"applicant"} and not self.env.user.has_group(
            "prm_partner.group_program_manager"
        ):
            raise UserError(
                self.env._(
                    "A new membership begins as an applicant. Ask a program manager to enter"
                    " partners who are members already."
                )
            )

    def _check_entered(self):
        """Refuse new active members that may not be active yet; those of before are noted."""
        today = fields.Date.context_today(self)
        passed_over = {}
        for membership in self.filtered(lambda one: one.state in ACTIVE_STATES):
            plan = self.env["prm.onboarding.plan"]._match(membership)
            reasons = membership._get_start_reasons(plan)
            if not reasons:
                continue
            if not membership.date_start or membership.date_start >= today:
                raise UserError(membership._get_entry_message(reasons))
            passed_over[membership.id] = self.env._(
                "Entered as a member of before, although: %s", " ".join(reasons)
            )
        self.browse(passed_over)._message_log_batch(passed_over)

    def _get_entry_message(self, reasons):
        advice = self.env._(
            "%(partner)s cannot be entered as active in “%(program)s”. Enter it as an applicant,"
            " or with the day on which it became a member if it is one already.",
            partner=self.partner_id.name,
            program=self.program_id.name,
        )
        return "\n".join([advice, *reasons])
