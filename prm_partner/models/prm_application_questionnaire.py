from odoo import api, fields, models
from odoo.exceptions import UserError

from .prm_application import OPEN_STATES


class PrmApplication(models.Model):
    """What applicants are asked after the few fields of the application."""

    _inherit = "prm.application"

    user_input_id = fields.Many2one(
        "survey.user_input",
        string="Answers",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )
    questionnaire_state = fields.Selection(
        [
            ("none", "No Questionnaire"),
            ("to_send", "Not Sent"),
            ("sent", "Sent"),
            ("done", "Answered"),
        ],
        string="Questionnaire",
        compute="_compute_questionnaire_state",
        compute_sudo=True,
    )
    questionnaire_score = fields.Float(
        string="Score (%)", related="user_input_id.scoring_percentage", store=True
    )
    questionnaire_url = fields.Char(compute="_compute_questionnaire_url", compute_sudo=True)

    @api.depends("program_id.survey_id", "user_input_id.state")
    def _compute_questionnaire_state(self):
        for application in self:
            answers = application.user_input_id
            if answers:
                application.questionnaire_state = "done" if answers.state == "done" else "sent"
            else:
                has_survey = application.program_id.survey_id
                application.questionnaire_state = "to_send" if has_survey else "none"

    @api.depends("user_input_id")
    def _compute_questionnaire_url(self):
        for application in self:
            answers = application.user_input_id
            application.questionnaire_url = (
                f"{application.get_base_url()}{answers.get_start_url()}" if answers else False
            )

    def action_send_questionnaire(self):
        """Mail the applicant the link to the questionnaire of the program.

        Pressed again, it sends the same link as a reminder.

        :raise UserError: the application is decided, or the program has no questionnaire
        """
        self.check_access("write")
        self._check_state(OPEN_STATES)
        # sudo: who reviews applications need not be allowed to create answers to surveys.
        for application in self.sudo():
            survey = application.program_id.survey_id
            if not survey:
                raise UserError(
                    self.env._(
                        "“%(program)s” has no questionnaire. Choose one in the program.",
                        program=application.program_id.name,
                    )
                )
            if application.questionnaire_state == "done":
                raise UserError(
                    self.env._("%s has answered already.", application.contact_name)
                )
            if not application.user_input_id:
                application.user_input_id = survey._create_answer(
                    email=application.contact_email,
                    nickname=application.contact_name,
                    check_attempts=False,
                )
        self.sudo()._send_mail("prm_partner.mail_template_application_questionnaire")  # sudo: above

    def action_view_answers(self):
        """Open the answers to the questionnaire as the applicant sees them."""
        self.ensure_one()
        self.check_access("read")
        answers = self.sudo().user_input_id  # sudo: the answers belong to the application
        if not answers:
            raise UserError(self.env._("The questionnaire has not been sent yet."))
        return {"type": "ir.actions.act_url", "url": answers.get_print_url(), "target": "new"}
