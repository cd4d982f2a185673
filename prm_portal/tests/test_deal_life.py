from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestDealLife(PortalCase):
    def setUp(self):
        super().setUp()
        self._login(self.people["sales"])
        self.path = f"/my/deals/{self.deal.id}"
        self.policy = self.program.deal_policy_ids

    def _send(self, step, **values):
        hidden = self._get_form(self.path, f"{self.path}/{step}")
        self.assertTrue(hidden, f"no form for {step}")
        return self._post(f"{self.path}/{step}", {**hidden, **values})

    def _get_text(self):
        return " ".join(self._parse(self._get(self.path)).text_content().split())

    def test_milestone(self):
        refused = self._send("milestone", milestone_note="", milestone_date="2020-01-01")
        self.assertEqual(refused.status_code, 422)
        refused = self._send("milestone", milestone_note="Our demo", milestone_date="2020-01-01")
        self.assertEqual(refused.status_code, 422)
        self.assertIn("Our demo", refused.text)
        today = fields.Date.to_string(fields.Date.today())
        done = self._send("milestone", milestone_note="Our demo", milestone_date=today)
        self.assertEqual(done.status_code, 303)
        self.assertEqual(self.deal.milestone_note, "Our demo")
        self.assertIn("Our demo", self._get_text())
        self.assertFalse(self._get_form(self.path, f"{self.path}/milestone"))

    def test_extension(self):
        done = self._send("extend", extension_reason="The trial runs")
        self.assertEqual(done.status_code, 303)
        asked = self.deal.request_ids
        self.assertEqual((asked.kind, asked.reason), ("extension", "The trial runs"))
        self.assertIn("The trial runs", self._get_text())
        self.assertFalse(self._get_form(self.path, f"{self.path}/extend"))
        token = {"csrf_token": self._get_csrf_token()}
        again = self._post(f"{self.path}/extend", {**token, "extension_reason": "More time"})
        self.assertEqual(again.status_code, 422)
        self.assertIn("asked for already", again.text)
        cancelled = self._send(f"requests/{asked.id}/cancel")
        self.assertEqual(cancelled.status_code, 303)
        self.assertEqual(asked.state, "cancelled")
        self.policy.extensions = 0
        refused = self._post(f"{self.path}/extend", {**token, "extension_reason": "More time"})
        self.assertEqual(refused.status_code, 422)

    def test_what_was_typed_is_kept(self):
        self.policy.write({"extension_activity_days": 30})
        self.deal.date_protected_from = fields.Date.today() - timedelta(days=60)
        refused = self._send("extend", extension_reason="We are <b>close</b>")
        self.assertEqual(refused.status_code, 422)
        self.assertIn("last 30 days", refused.text)
        self.assertIn("We are &lt;b&gt;close&lt;/b&gt;", refused.text)

    def test_extension_that_is_too_late_is_not_offered(self):
        self.deal.date_protected_until = fields.Date.today() + timedelta(days=3)
        self.assertNotIn("Ask for a longer protection", self._get_text())

    def test_amendment(self):
        values = {"date_close": str(self.deal.date_close), "category_id": ""}
        refused = self._send("amend", amount="-5", amendment_reason="More sites", **values)
        self.assertEqual(refused.status_code, 422)
        self.assertIn("larger than zero", refused.text)
        self.assertIn('value="-5"', refused.text)
        done = self._send("amend", amount="4500", amendment_reason="More sites", **values)
        self.assertEqual((done.status_code, self.deal.amount), (303, 4500))
        self._send("amend", amount="99000", amendment_reason="Many sites", **values)
        self.assertEqual(self.deal.amount, 4500)
        self.assertIn("99,000.00", self._get_text())
        self.assertFalse(self._get_form(self.path, f"{self.path}/amend"))

    def test_amounts_of_requests_by_role(self):
        self.deal.with_user(self.sales_user).action_amend({"amount": "99000"})
        self._login(self.people["technical"])
        text = self._get_text()
        self.assertIn("Amendment", text)
        self.assertNotIn("99,000.00", text)
        for step in ("milestone", "extend", "amend"):
            self.assertFalse(self._get_form(self.path, f"{self.path}/{step}"))
            token = {"csrf_token": self._get_csrf_token()}
            values = {"milestone_note": "x", "extension_reason": "x", "amount": "5"}
            response = self._post(f"{self.path}/{step}", {**token, **values})
            self.assertEqual(response.status_code, 422)
        self.assertEqual(len(self.deal.request_ids), 1)

    def test_rivals(self):
        self.deal.with_user(self.sales_user).action_request_extension("Trial")
        asked = self.deal.request_ids
        self._login(self.rival_user)
        token = {"csrf_token": self._get_csrf_token()}
        for step in ("milestone", "extend", "amend", f"requests/{asked.id}/cancel"):
            response = self._post(f"{self.path}/{step}", token)
            self.assertEqual(response.status_code, 404)
        other = f"/my/deals/{self.rival_deal.id}/requests/{asked.id}/cancel"
        self.assertEqual(self._post(other, token).status_code, 404)
        self.assertEqual(asked.state, "open")

    def test_share(self):
        self.assertNotIn("Shared deal", self._get_text())
        self.env["prm.deal.share"].create(
            {"registration_id": self.deal.id, "partner_id": self.rival.id, "percent": 30}
        )
        text = self._get_text()
        self.assertIn("70.00 %", text)
        self.assertNotIn(self.rival.name, text)
