from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.groups import STAFF


class PrmProgram(models.Model):
    """How a program takes in partners."""

    _inherit = "prm.program"

    review_days = fields.Integer(
        string="Decision on Applications (Working Days)",
        default=2,
        groups=STAFF,
        help="What applicants are promised, by the working hours of the company.",
    )
    confirm_receipt = fields.Boolean(
        default=True,
        groups=STAFF,
        help="Applicants get a mail that says until when they hear from us.",
    )
    survey_id = fields.Many2one(
        "survey.survey",
        string="Questionnaire",
        index="btree_not_null",
        ondelete="restrict",
        groups=STAFF,
        help="What applicants are asked after the few fields of the application.",
    )
    auto_approve_domain = fields.Char(
        string="Approve by Rule",
        groups=STAFF,
        help="Applications that fulfil it are approved without a person, if they have no possible"
        " duplicate, no open due diligence and an answered questionnaire. Empty: a person decides.",
    )
    due_diligence_item_ids = fields.One2many(
        "prm.due.diligence.item",
        "program_id",
        string="Due Diligence",
        groups=STAFF,
        copy=True,
    )
    onboarding_plan_ids = fields.One2many(
        "prm.onboarding.plan",
        "program_id",
        string="Onboarding Plans",
        groups=STAFF,
        copy=True,
    )
    registration_target_days = fields.Integer(
        string="First Registration within (Days)",
        default=90,
        groups=STAFF,
        help="Days from the approval until a new partner should have registered its first deal.",
    )
    application_ids = fields.One2many("prm.application", "program_id", groups=STAFF)
    open_application_count = fields.Integer(
        string="Applications",
        compute="_compute_open_application_count",
        groups=STAFF,
    )

    _review_days_check = models.Constraint(
        "CHECK(review_days >= 0 AND registration_target_days >= 0)", "Days cannot be negative."
    )

    @api.depends("application_ids.state")
    def _compute_open_application_count(self):
        groups = self.env["prm.application"]._read_group(
            [("program_id", "in", self.ids), ("state", "in", ("new", "in_review"))],
            ["program_id"],
            ["__count"],
        )
        counts = {program.id: count for program, count in groups}
        for program in self:
            program.open_application_count = counts.get(program.id, 0)

    @api.constrains("auto_approve_domain")
    def _check_auto_approve_domain(self):
        for program in self.filtered("auto_approve_domain"):
            try:
                domain = program._get_auto_approve_domain()
                domain.validate(self.env["prm.application"])
            except (ValueError, SyntaxError, TypeError, KeyError, UserError) as error:
                raise ValidationError(
                    self.env._(
                        "The rule that approves applications cannot be read: %s", error
                    )
                )

    def _get_auto_approve_domain(self):
        """The rule as a ``Domain``; only literal values are read, nothing is executed.

        :raise ValueError: it is no domain
        """
        return Domain(literal_eval(self.auto_approve_domain or "[]"))

    def action_view_applications(self):
        """Open the applications for this program."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.prm_application_action")
        return {
            **action,
            "domain": [("program_id", "=", self.id)],
            "context": {"default_program_id": self.id, "search_default_open": 1},
        }
