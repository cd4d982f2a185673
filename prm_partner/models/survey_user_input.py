from odoo import fields, models


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    prm_application_ids = fields.One2many(
        "prm.application",
        "user_input_id",
        string="Partner Applications",
        groups="prm_partner.group_partner_manager",
    )

    def _mark_done(self):
        res = super()._mark_done()
        # sudo: an applicant who answers has no access to applications.
        applications = self.sudo().prm_application_ids
        for application in applications:
            application._message_log(body=self.env._("The questionnaire has been answered."))
        applications._try_auto_approve()
        return res
