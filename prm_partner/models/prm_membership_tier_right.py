from odoo import api, models
from odoo.exceptions import UserError


class PrmMembership(models.Model):
    """Who gives tiers: partner managers by the steps that keep the reason, or not at all."""

    _inherit = "prm.membership"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if self._is_tier_for_program_manager(vals):
                raise UserError(
                    self.env._(
                        "A new membership begins with the lowest tier of its program. Save it"
                        " without another one, then use “Change Tier”, which asks for the reason."
                    )
                )
        return super().create(vals_list)

    def write(self, vals):
        if "grade_id" in vals and not self._gives_any_tier():
            self._check_direct_tier(vals["grade_id"])
        return super().write(vals)

    @api.model
    def _check_enrolled_tier(self, vals):
        """Refuse a tier to begin with that only a program manager may give.

        :param vals: values of a new membership
        """
        program = self.env["prm.program"].browse(vals["program_id"])
        if program.change_mode == "approved" and self._is_tier_for_program_manager(vals):
            raise UserError(
                self.env._(
                    "In “%(program)s” a program manager approves each change of a tier. Enroll the"
                    " partner with the lowest tier, or ask a program manager to do it.",
                    program=program.name,
                )
            )

    @api.model
    def _gives_any_tier(self):
        return self.env.su or self.env.user.has_group("prm_partner.group_program_manager")

    @api.model
    def _is_tier_for_program_manager(self, vals):
        """Whether only a program manager may make a membership with the tier of ``vals``."""
        if not vals.get("grade_id") or self._gives_any_tier():
            return False
        program = self.env["prm.program"].browse(vals.get("program_id"))
        return vals["grade_id"] not in program._prm_tiers()[:1].ids

    def _check_direct_tier(self, grade_id):
        """Nobody but a program manager sets a tier as a mere value, by RPC, import or form."""
        for membership in self:
            if membership.grade_id.id != (grade_id or False):
                raise UserError(
                    self.env._(
                        "The tier of %(membership)s is changed by “Change Tier” on its form, which"
                        " asks for the reason.",
                        membership=membership.display_name,
                    )
                )

    def _check_may_change_tier(self):
        """Whether the user may change tiers, giving a reason.

        :raise UserError: the program wants the approval of a program manager
        """
        self.check_access("write")
        if self._gives_any_tier():
            return
        for program in self.program_id:
            if program.change_mode == "approved":
                raise UserError(
                    self.env._(
                        "In “%(program)s” a program manager approves each change of a tier. Ask a"
                        " program manager to change it.",
                        program=program.name,
                    )
                )
