from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import PartnerCase


@freeze_time("2026-03-02")
class TestEntry(PartnerCase):
    """Memberships that are typed in or imported by staff."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.basic = cls.env["prm.program"].create({"name": "Basics"})
        cls.program.prerequisite_ids = cls.basic

    def _enter(self, user=None, **values):
        return (
            self.env["prm.membership"]
            .with_user(user or self.program_manager)
            .create({"partner_id": self.partner.id, "program_id": self.program.id, **values})
        )

    def test_active_from_today_on_needs_what_an_activation_needs(self):
        for values in ({}, {"date_start": "2026-03-02"}, {"date_start": "2026-04-01"}):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(UserError, "cannot be active yet:\n.*“Basics”"),
                self.cr.savepoint(),
            ):
                self._enter(state="active", **values)
        self._enroll(self.partner, program=self.basic)
        self.assertEqual(self._enter(state="active").state, "active")

    def test_members_of_before_are_entered_and_what_they_lack_is_logged(self):
        membership = self._enter(state="active", date_start="2025-03-01")
        self.assertEqual(membership.state, "active")
        [note] = membership.message_ids.filtered(lambda one: "although" in (one.body or ""))
        self.assertIn("“Basics”", note.body)
        self.assertTrue(note.is_internal or note.message_type == "notification")

    def test_import(self):
        memberships = self.env["prm.membership"].with_user(self.program_manager)
        columns = ["partner_id/.id", "program_id/.id", "state", "date_start"]
        row = [str(self.partner.id), str(self.program.id), "Active"]
        result = memberships.load(columns, [[*row, ""]])
        self.assertFalse(result["ids"])
        self.assertRegex(result["messages"][0]["message"], "cannot be active yet")
        self.assertTrue(memberships.load(columns, [[*row, "2025-03-01"]])["ids"])

    def test_nobody_enters_a_membership_at_risk(self):
        with self.assertRaisesRegex(UserError, "at risk by its review only"):
            self._enter(state="at_risk", date_start="2025-03-01")

    def test_partner_managers_enter_applicants_only(self):
        for state in ("onboarding", "active", "suspended", "ended"):
            with self.subTest(state=state), self.assertRaisesRegex(UserError, "as an applicant"):
                self._enter(self.manager, state=state, date_start="2025-03-01")
        self.assertEqual(self._enter(self.manager).state, "applicant")

    def test_resuming_asks_what_an_activation_asks(self):
        membership = self._enter(state="active", date_start="2025-03-01")
        membership.action_suspend("Unpaid")
        with self.assertRaisesRegex(UserError, "“Basics”"):
            membership.action_resume()
        self.assertEqual(membership.state, "suspended")
        self._enroll(self.partner, program=self.basic)
        membership.action_resume()
        self.assertEqual(membership.state, "active")
