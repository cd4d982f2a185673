import json

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import EnablementCase


@tagged("post_install", "-at_install")
class TestExamOverHttp(EnablementCase, HttpCase):
    """A partner's portal user takes the exam as a browser does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._new_portal_user(cls.contact, "technical")
        cls.rival_user = cls._new_portal_user(cls.rival_contact, "admin")

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def _take_exam(self, right=True):
        response = self.url_open(f"/survey/start/{self.survey.access_token}")
        self.assertEqual(response.status_code, 200)
        answer_token = response.url.split("?")[0].rsplit("/", 1)[1]
        path = f"{self.survey.access_token}/{answer_token}"
        self.make_jsonrpc_request(f"/survey/begin/{path}", {})
        answers = {
            str(question.id): str(
                question.suggested_answer_ids.filtered(lambda one: one.is_correct == right).id
            )
            for question in self.survey.question_ids
        }
        self.make_jsonrpc_request(f"/survey/submit/{path}", answers)
        return self.env["survey.user_input"].search([("access_token", "=", answer_token)])

    def test_pass(self):
        self._log_in(self.user)
        attempt = self._take_exam()
        self.assertEqual(attempt.state, "done")
        self.assertEqual(attempt.partner_id, self.contact)
        credential = self._credentials(self.contact)
        self.assertEqual(credential.user_input_id, attempt)
        self.assertEqual(credential.company_partner_id, self.partner)
        self.assertEqual(credential.state, "valid")

    def test_fail(self):
        self._log_in(self.user)
        attempt = self._take_exam(right=False)
        self.assertEqual(attempt.state, "done")
        self.assertFalse(self._credentials(self.contact))

    def test_login_is_required(self):
        self.authenticate(None, None)
        self.url_open(f"/survey/start/{self.survey.access_token}")
        self.assertFalse(self.env["survey.user_input"].search([("survey_id", "=", self.survey.id)]))

    def test_trial_run_is_not_for_partners(self):
        self._log_in(self.user)
        self.url_open(f"/survey/test/{self.survey.access_token}")
        self.assertFalse(self.env["survey.user_input"].search([("survey_id", "=", self.survey.id)]))

    def _call(self, method, args, kwargs=None):
        response = self.url_open(
            f"/web/dataset/call_kw/prm.credential/{method}",
            data=json.dumps(
                {
                    "params": {
                        "model": "prm.credential",
                        "method": method,
                        "args": args,
                        "kwargs": kwargs or {},
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    def test_rpc(self):
        credential = self._issue(self.contact)
        rival = self._issue(self.rival_contact)
        self._log_in(self.user)
        vals = {"partner_id": self.contact.id, "certification_id": self.certification.id}
        with mute_logger("odoo.http"):
            for method, args in (
                ("create", [[vals]]),
                ("write", [credential.ids, {"date_end": "2099-01-01"}]),
                ("unlink", [credential.ids]),
                ("action_revoke", [credential.ids, "Because"]),
                ("_issue", [[]]),
                ("_renew", [credential.ids, {}]),
                ("_cron_update_states", []),
                ("read", [rival.ids, ["name"]]),
            ):
                with self.subTest(method=method):
                    error = self._call(method, args)["error"]["data"]
                    self.assertEqual(error["name"], "odoo.exceptions.AccessError")
        found = self._call("search_read", [[]], {"fields": ["name"]})["result"]
        self.assertEqual([row["name"] for row in found], [credential.name])

    def test_certificate(self):
        credential = self._issue(self.contact)
        url = f"/report/html/prm_enablement.report_prm_credential/{credential.id}"
        self._log_in(self.user)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        for text in (credential.name, self.contact.name, self.certification.name):
            self.assertIn(text, response.text)
        self._log_in(self.rival_user)
        with mute_logger("odoo.http"):
            response = self.url_open(url)
        self.assertNotIn(credential.name, response.text)
        self.assertNotIn(self.contact.name, response.text)
