from odoo import models


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    def _mark_done(self):
        res = super()._mark_done()
        self._prm_issue_credentials()
        return res

    def _prm_issue_credentials(self):
        """Issue or renew the credentials that these attempts have earned.

        Trial runs of the exam and attempts of unknown people earn nothing.
        """
        passed = self.filtered(
            lambda attempt: (
                attempt.scoring_success and attempt.partner_id and not attempt.test_entry
            )
        )
        if not passed:
            return self.env["prm.credential"]
        # sudo: the exam is the authority here; who takes it has no right to issue a credential.
        certifications = (
            self.env["prm.certification"].sudo().search([("survey_id", "in", passed.survey_id.ids)])
        )
        by_survey = certifications.grouped("survey_id")
        # sudo: as above.
        return (
            self.env["prm.credential"]
            .sudo()
            ._issue(
                [
                    {"partner": attempt.partner_id, "certification": cert, "user_input": attempt}
                    for attempt in passed
                    for cert in by_survey.get(attempt.survey_id, ())
                ]
            )
        )
