from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .prm_membership import OPEN_STATES


class PrmProgram(models.Model):
    """A program that is over has no members: they are reminded, and end, on its last day."""

    _inherit = "prm.program"

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_no_open_members()
        old_ends = {program: program.date_end for program in self}
        res = super().write(vals)
        if "date_end" in vals:
            for program, old_end in old_ends.items():
                program._move_ends(old_end)
        return res

    def _check_no_open_members(self):
        # sudo: memberships that the user cannot see count as well.
        for program, count in self.env["prm.membership"].sudo()._read_group(
            [("program_id", "in", self.ids), ("state", "in", OPEN_STATES)],
            ["program_id"],
            ["__count"],
        ):
            raise UserError(
                self.env._(
                    "“%(program)s” has %(count)s open memberships. Give it a last day instead, on"
                    " which they end, or end them first.",
                    program=program.name,
                    count=count,
                )
            )

    def _move_ends(self, old_end):
        """Let the terms of the members end with the program, not after it.

        :param old_end: its last day before; terms that ended with it move along
        """
        self.ensure_one()
        new_end = self.date_end
        # sudo: the terms follow the program, also those of members that the user cannot see.
        memberships = self.env["prm.membership"].sudo()
        own = Domain([("program_id", "=", self.id), ("state", "in", OPEN_STATES)])
        if old_end and not self.duration_months and (not new_end or new_end > old_end):
            memberships.search(own & Domain("date_end", "=", old_end)).date_end = new_end
        if new_end:
            longer = Domain("date_end", "=", False) | Domain("date_end", ">", new_end)
            begun = Domain("date_start", "=", False) | Domain("date_start", "<=", new_end)
            memberships.search(own & longer & begun).date_end = fields.Date.to_date(new_end)
