from odoo import api, models
from odoo.exceptions import UserError


class PrmProgram(models.Model):
    """The currency of a program: its amounts would mean something else in another one."""

    _inherit = "prm.program"

    @api.model_create_multi
    def create(self, vals_list):
        # A program of another company than the user's present one counts in that one's currency.
        companies = self.env["res.company"]
        return super().create(
            [
                {"currency_id": companies.browse(vals["company_id"]).currency_id.id, **vals}
                if vals.get("company_id")
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if "currency_id" in vals:
            self.filtered(
                lambda program: program.currency_id.id != vals["currency_id"]
            )._check_no_amounts()
        return super().write(vals)

    def _check_no_amounts(self):
        # sudo: memberships and amounts that the user cannot see count as well.
        for program in self.sudo():
            names = {"program": program.name, "currency": program.currency_id.name}
            if program.membership_ids:
                raise UserError(
                    self.env._(
                        "“%(program)s” has members, so its currency stays %(currency)s. Make"
                        " another program for the other currency.",
                        **names,
                    )
                )
            amounts = program._get_amounts()
            if amounts:
                raise UserError(
                    self.env._(
                        "“%(program)s” has amounts in %(currency)s: %(amounts)s. Remove them,"
                        " change the currency, then enter them anew.",
                        amounts=", ".join(amounts),
                        **names,
                    )
                )

    def _get_amounts(self):
        """What this program says in its currency, as names for people."""
        requirements = self.grade_ids.requirement_ids.filtered(
            lambda requirement: requirement.metric_id.unit == "money"
        )
        benefits = self.grade_ids.benefit_ids.filtered("annual_cost")
        return requirements.mapped("display_name") + benefits.mapped("display_name")
