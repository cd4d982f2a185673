from odoo.tests import tagged

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestCredentials(PortalCase):
    def test_list(self):
        self._login(self.people["technical"])
        page = self._get("/my/credentials")
        self.assertIn(self.credential.name, page)
        self.assertIn(self.contact.name, page)
        self.assertIn("Valid", page)

    def test_revoked_with_reason(self):
        self.credential.action_revoke("Cheated in the exam")
        self._login(self.people["technical"])
        self.assertIn("Cheated in the exam", self._get("/my/credentials"))

    def test_person_who_left_keeps_the_name(self):
        """The credential stays with the company; the person's record is no longer readable."""
        self.contact.parent_id = self.rival
        self._login(self.people["technical"])
        self.assertIn(self.contact.name, self._get("/my/credentials"))
        self.assertIn(self.contact.name, self._get("/my/partner"))

    def test_exam_to_take(self):
        survey = self.env["survey.survey"].create(
            {
                "title": "Exam",
                "survey_type": "assessment",
                "scoring_type": "scoring_with_answers",
                "certification": True,
                "access_mode": "public",
                "users_login_required": True,
            }
        )
        self.certification.survey_id = survey
        self._login(self.people["technical"])
        self.assertIn(f"/survey/start/{survey.access_token}", self._get("/my/credentials"))
        self._login(self.sales_user)  # holds it already
        self.assertNotIn(f"/survey/start/{survey.access_token}", self._get("/my/credentials"))
