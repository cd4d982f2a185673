from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time

from .common import DealCase


class TestExtension(DealCase):
    """A deal protected from 1 March to 30 May 2030, with extensions asked for until 23 May."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.program.deal_policy_ids
        with freeze_time("2030-03-01"):
            cls.deal = cls._register(date_close="2031-01-01")
        cls.end = date(2030, 5, 30)
        cls.longer = date(2030, 6, 29)

    def _ask(self, day="2030-05-10", user=None):
        with freeze_time(day):
            self.deal.with_user(user or self.sales_user).action_request_extension("Test runs")
        return self.deal.request_ids.sorted("id")[-1:]

    def _work(self, day="2030-05-01"):
        with freeze_time(day):
            self.deal.message_post(
                body="We met", message_type="comment", subtype_xmlid="mail.mt_comment"
            )

    def _assert_end(self, day):
        self.assertEqual(self.deal.date_protected_until, day)
        self.assertEqual(self.deal.protection_ids.mapped("date_end"), [day])

    def test_granted_by_staff(self):
        self._work()
        request = self._ask()
        self._assert_end(self.end)
        self.assertEqual((request.state, request.date_end), ("open", self.longer))
        self.assertEqual(self.deal.activity_ids.user_id, self.manager)
        request.with_user(self.manager).action_grant()
        self._assert_end(self.longer)
        self.assertEqual((request.state, request.decided_by_id), ("granted", self.manager))
        self.assertFalse(self.deal.activity_ids)
        self.assertEqual(self.deal.extension_count, 1)
        types = self.deal.event_ids.mapped("type")[-2:]
        self.assertEqual(types, ["extension_asked", "extension_granted"])
        self.assertIn("2030-05-30 → 2030-06-29", self.deal.event_ids[-1].data_text)
        self.assertFalse(self.deal.event_ids._verify())
        with self.assertRaises(UserError):
            request.with_user(self.manager).action_grant()

    def test_refused_by_staff(self):
        self._work()
        request = self._ask()
        with self.assertRaises(UserError):
            request.with_user(self.manager).action_refuse(" ")
        wizard = self.env["prm.deal.refuse"].with_user(self.manager)
        wizard.with_context(active_ids=request.ids).create({"note": "Too quiet"}).action_refuse()
        self.assertEqual((request.state, request.note), ("refused", "Too quiet"))
        self._assert_end(self.end)
        self.assertEqual(self.deal.extension_count, 0)

    def test_automatic(self):
        self.policy.extension_automatic = True
        self._work()
        self.assertEqual(self._ask().state, "granted")
        self._assert_end(self.longer)
        self.assertFalse(self.deal.activity_ids)

    def test_deadline(self):
        self._work("2030-05-20")
        with freeze_time("2030-05-23"):
            self.deal.invalidate_recordset()
            self.assertEqual(self.deal.date_extension_until, date(2030, 5, 23))
        with freeze_time("2030-05-24"):
            self.deal.invalidate_recordset()
            self.assertFalse(self.deal.date_extension_until)
        with self.assertRaisesRegex(UserError, "at least 7 days"):
            self._ask("2030-05-24")
        self.assertTrue(self._ask("2030-05-23"))

    def test_count(self):
        self.policy.write({"extension_automatic": True, "extensions": 1})
        self._work()
        self._ask()
        self._work("2030-06-01")
        with self.assertRaisesRegex(UserError, "1 of 1"):
            self._ask("2030-06-02")
        self.env["prm.tier.benefit"].create(
            {"grade_id": self.gold.id, "kind": "extensions", "value": 2}
        )
        self.assertEqual(self._ask("2030-06-02").state, "granted")
        self._assert_end(date(2030, 7, 29))

    def test_activity(self):
        with self.assertRaisesRegex(UserError, "last 30 days"):
            self._ask()
        self._work("2030-04-09")
        with self.assertRaisesRegex(UserError, "last 30 days"):
            self._ask()
        self._work("2030-04-11")
        self.assertTrue(self._ask())

    def test_signs_of_work(self):
        moment = fields.Datetime.to_datetime("2030-04-10")
        self.assertFalse(self.deal._has_activity_since(moment))
        signs = (
            lambda: self.deal.lead_id.message_post(body="Call", message_type="comment"),
            lambda: self.deal.with_user(self.sales_user).action_report_milestone("Demo"),
            lambda: self._order(self.deal),
        )
        for sign in signs:
            with self.subTest(sign=sign), freeze_time("2030-05-01"):
                savepoint = self.env.cr.savepoint()
                sign()
                self.assertTrue(self.deal._has_activity_since(moment))
                savepoint.close(rollback=True)
                self.env.invalidate_all(flush=False)

    def test_mail_of_the_system_is_no_work(self):
        with freeze_time("2030-05-01"):
            self.deal._send_mail("prm_deal_registration.mail_template_expiring")
        moment = fields.Datetime.to_datetime("2030-04-10")
        self.assertFalse(self.deal._has_activity_since(moment))

    def test_no_activity_asked_for(self):
        self.policy.extension_activity_days = 0
        self.assertTrue(self._ask())

    def test_one_request_at_a_time(self):
        self._work()
        request = self._ask()
        with self.assertRaisesRegex(UserError, "asked for already"):
            self._ask()
        request.with_user(self.sales_user).action_cancel()
        self.assertEqual(request.state, "cancelled")
        self.assertTrue(self._ask())

    def test_reason(self):
        self._work()
        for reason in (False, " ", None, 5, "x" * 10_001):
            with self.subTest(reason=reason), self.assertRaises(UserError):
                self.deal.action_request_extension(reason)

    def test_approved_deals_only(self):
        deal = self._register(name="initech", amount=200000)
        with self.assertRaises(UserError):
            deal.action_request_extension("Please")

    def test_rival_is_in_the_way(self):
        """A protection that was moved by hand, for example, begins right after ours."""
        self._work()
        request = self._ask()
        rival = self._register(self.rival_user, name="initech")
        rival.protection_ids.write(
            {
                "account_key": self.deal.protection_ids.account_key,
                "date_start": self.end + timedelta(days=1),
                "date_end": date(2030, 8, 1),
            }
        )
        with self.assertRaises(UserError) as caught:
            request.with_user(self.manager).action_grant()
        self.assertIn(rival.name, str(caught.exception))
        self._assert_end(self.end)
        self.policy.extension_automatic = True
        request.action_cancel()
        request = self._ask()  # the partner learns nothing, staff decide
        self.assertEqual(request.state, "open")

    def test_rights(self):
        self._work()
        with self.assertRaises(AccessError):
            self._ask(user=self.rival_user)
        request = self._ask()
        for user in (self.sales_user, self.rival_user, self.other_manager):
            other = request.with_user(user)
            for decide in (other.action_grant, lambda other=other: other.action_refuse("No")):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    decide()
        with self.assertRaises(AccessError):
            request.with_user(self.rival_user).action_cancel()
        with self.assertRaises(AccessError):
            request.with_user(self.sales_user).write({"state": "granted"})
        with self.assertRaises(AccessError):
            request.with_user(self.manager).write({"state": "granted"})
        self.assertEqual(request.state, "open")

    def test_ends_with_the_deal(self):
        self._work()
        request = self._ask()
        self.deal.with_user(self.sales_user).action_withdraw()
        self.assertEqual(request.state, "cancelled")
        self.assertFalse(self.deal.activity_ids)

    def test_not_answered(self):
        self._work("2030-05-20")
        request = self._ask("2030-05-20")
        self._run_expiry("2030-05-29")
        self.assertEqual(request.state, "open")
        self.policy.deemed_approval = True
        with freeze_time("2030-05-30"):
            self._run_expiry()
            self._run_expiry()
        self.assertEqual(request.state, "granted")
        self._assert_end(self.longer)

    def test_not_answered_and_no_promise(self):
        self._work("2030-05-20")
        request = self._ask("2030-05-20")
        self._run_expiry("2030-05-31")
        self.assertEqual((self.deal.state, request.state), ("expired", "cancelled"))

    def test_by_wizard(self):
        self._work(str(fields.Date.today()))
        wizard = self.env["prm.deal.step"].with_user(self.manager)
        values = {"registration_id": self.deal.id, "kind": "extension", "reason": "Trial"}
        wizard.create(values).action_confirm()
        self.assertEqual(self.deal.request_ids.reason, "Trial")

    def test_mail(self):
        self._work()
        request = self._ask()
        request.with_user(self.manager).action_grant()
        mail = self.env["mail.mail"].search(
            [("model", "=", "prm.deal.request"), ("res_id", "=", request.id)]
        )
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertIn("06/29/2030", mail.body_html)
