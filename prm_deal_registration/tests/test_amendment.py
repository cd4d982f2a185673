from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError

from .common import DealCase


class TestAmendment(DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._register(category_id=cls.hardware.id)  # 12,000

    def _amend(self, user=None, **vals):
        return self.deal.with_user(user or self.sales_user).action_amend(vals, "More sites")

    def _get_request(self):
        return self.deal.request_ids.sorted("id")[-1:]

    def test_small_change(self):
        protection = self.deal.protection_ids
        until = self.deal.date_protected_until
        self.assertTrue(self._amend(amount="14400", date_close="2099-01-01"))
        self.assertEqual((self.deal.amount, self.deal.date_close), (14400, date(2099, 1, 1)))
        self.assertEqual(self.deal.state, "approved")
        self.assertEqual((self.deal.protection_ids, self.deal.date_protected_until),
                         (protection, until))  # fmt: skip
        lead = self.deal.lead_id
        self.assertEqual((lead.expected_revenue, lead.date_deadline), (14400, date(2099, 1, 1)))
        event = self.deal.event_ids[-1]
        self.assertEqual(event.type, "amendment_granted")
        self.assertEqual(event.data["amount"], "12000.0 → 14400.0")
        self.assertEqual(event.user_id, self.sales_user)
        self.assertFalse(self.deal.activity_ids)

    def test_large_change_waits(self):
        self.assertFalse(self._amend(amount="14400.01"))
        self.assertEqual((self.deal.amount, self.deal.lead_id.expected_revenue), (12000, 12000))
        request = self._get_request()
        self.assertEqual(self.deal.activity_ids.user_id, self.manager)
        request.with_user(self.manager).action_grant()
        self.assertEqual((self.deal.amount, self.deal.amount_approved), (14400.01, 14400.01))
        self.assertEqual(self.deal.lead_id.expected_revenue, 14400.01)
        self.assertFalse(self.deal.activity_ids)

    def test_smaller_amount_waits_too(self):
        self.assertFalse(self._amend(amount="9000"))

    def test_refused(self):
        self._amend(amount="90000")
        self._get_request().with_user(self.manager).action_refuse("Prove it")
        self.assertEqual(self.deal.amount, 12000)

    def test_many_small_changes_are_a_large_one(self):
        self.assertTrue(self._amend(amount="14000"))
        self.assertFalse(self._amend(amount="16000"))

    def test_own_estimate_stays(self):
        self.deal.lead_id.write({"expected_revenue": 5000, "date_deadline": "2040-01-01"})
        self._amend(amount="13000", date_close="2099-01-01")
        lead = self.deal.lead_id
        self.assertEqual((lead.expected_revenue, lead.date_deadline), (5000, date(2040, 1, 1)))

    def test_scope(self):
        self.assertFalse(self._amend(category_id=str(self.software.id)))
        self.assertEqual(self.deal.category_id, self.hardware)
        self._get_request().with_user(self.manager).action_grant()
        self.assertEqual(self.deal.category_id, self.software)
        self.assertEqual(self.deal.protection_ids.category_id, self.software)

    def test_scope_of_a_rival(self):
        rival = self._register(self.rival_user, category_id=self.software.id)
        self.assertEqual(rival.state, "approved")
        for category in (self.software.id, False):
            self._amend(category_id=category)
            request = self._get_request()
            with self.assertRaises(UserError) as caught:
                request.with_user(self.manager).action_grant()
            self.assertIn(rival.name, str(caught.exception))
            self.assertEqual(self.deal.category_id, self.hardware)
            request.with_user(self.sales_user).action_cancel()

    def test_one_request_at_a_time(self):
        self._amend(amount="90000")
        with self.assertRaisesRegex(UserError, "asked for already"):
            self._amend(amount="80000")

    def test_bad_input(self):
        for vals in (
            {"amount": "-1"},
            {"amount": "nan"},
            {"amount": "a lot"},
            {"amount": ""},
            {"amount": 10**13},
            {"date_close": "2020-01-01"},
            {"date_close": "soon"},
            {"category_id": -1},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self._amend(**vals)
        with self.assertRaises(ValidationError):
            self.deal.with_user(self.sales_user).action_amend("amount")
        with self.assertRaises(UserError):
            self.deal.with_user(self.sales_user).action_amend({"amount": "13000"}, "x" * 10_001)

    def test_nothing_changes(self):
        for vals in ({}, {"amount": "12000.00"}, {"customer_name": "Initech"}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "Nothing"):
                self._amend(**vals)
        self.assertEqual(self.deal.customer_name, "Globex GmbH")

    def test_rights(self):
        for user in (self.rival_user, self.other_manager):
            with self.assertRaises(AccessError):
                self._amend(user, amount="13000")
        pending = self._register(name="initech", amount=200000)
        with self.assertRaises(UserError):
            pending.with_user(self.sales_user).action_amend({"amount": "13000"})

    def test_not_by_writing(self):
        for vals in ({"amount": 1}, {"date_close": "2099-01-01"}, {"amount_approved": 1}):
            with self.assertRaises(UserError):
                self.deal.with_user(self.manager).write(vals)

    def test_by_wizard(self):
        wizard = self.env["prm.deal.amend"].with_user(self.manager).create(
            {"registration_id": self.deal.id}
        )
        self.assertEqual((wizard.amount, wizard.category_id), (12000, self.hardware))
        wizard.amount = 13000
        wizard.action_amend()
        self.assertEqual((self.deal.amount, self.deal.category_id), (13000, self.hardware))

    def test_summary(self):
        self._amend(amount="90000", category_id=False)
        summary = self._get_request().with_user(self.manager).summary
        self.assertIn("90,000.00", summary)
        self.assertIn("Test Hardware → All products", summary)
        self.assertNotIn("Expected Closing", summary)
