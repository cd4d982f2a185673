from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command

from .onboarding_common import OnboardingCase


class TestEntry(OnboardingCase):
    """Neither a membership that is entered or imported nor a resumed one gets past the rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.basic = cls.program.copy({"name": "Basics", "prerequisite_ids": False})
        cls.today = fields.Date.today()
        cls.before = fields.Date.subtract(cls.today, days=1)

    def _enter(self, user=None, **values):
        memberships = self.env["prm.membership"].with_user(user or self.program_manager)
        names = {"partner_id": self.partner.id, "program_id": self.program.id}
        return memberships.create({**names, "state": "active", **values})

    def _ask_for_signature(self):
        template = self.env["prm.agreement.template"].create(
            {
                "name": "Rules of the Game",
                "company_id": self.company.id,
                "program_ids": [Command.set(self.program.ids)],
                "body": "<p>Be fair.</p>",
            }
        )
        template.action_publish()
        self.program.unsigned_blocks_activation = True

    def test_nothing_in_the_way(self):
        membership = self._enter()
        self.assertEqual(membership.state, "active")
        self.assertNotIn("although", "".join(membership.message_ids.mapped("body")))

    def test_new_members_meet_the_rules(self):
        self.program.prerequisite_ids = self.basic
        self._ask_for_signature()
        self._new_plan()
        for start in (False, self.today):
            with self.subTest(start=start), self.assertRaises(UserError) as refusal:
                self._enter(date_start=start)
            for reason in ("as an applicant", "“Basics”", "Rules of the Game", "Kick-off"):
                self.assertIn(reason, str(refusal.exception))
        self.assertEqual(self._enter(state="applicant").state, "applicant")

    def test_members_of_before_are_noted(self):
        self.program.prerequisite_ids = self.basic
        membership = self._enter(date_start=self.before)
        self.assertEqual(membership.state, "active")
        [note] = membership.message_ids.filtered(lambda one: "although" in one.body)
        self.assertIn("“Basics”", note.body)
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))

    def test_prerequisite_in_the_same_import(self):
        self.program.prerequisite_ids = self.basic
        rows = [[self.partner.name, name, "Active"] for name in ("Basics", self.program.name)]
        memberships = self.env["prm.membership"].with_user(self.program_manager)
        result = memberships.load(["partner_id", "program_id", "state"], rows)
        self.assertFalse(result["messages"])
        self.assertEqual(len(result["ids"]), 2)

    def test_import_names_the_reasons(self):
        self.program.prerequisite_ids = self.basic
        columns = ["partner_id", "program_id", "state", "date_start"]
        memberships = self.env["prm.membership"].with_user(self.program_manager)
        for start, loaded in (("", False), (str(self.before), True)):
            row = [self.partner.name, self.program.name, "Active", start]
            result = memberships.load(columns, [row])
            self.assertEqual(bool(result["ids"]), loaded)
            if not loaded:
                self.assertIn("“Basics”", result["messages"][0]["message"])

    def test_at_risk_is_left_to_the_reviews(self):
        with self.assertRaisesRegex(UserError, "Only a tier review"):
            self._enter(state="at_risk", date_start=self.before)

    def test_no_default_of_a_client_gets_past(self):
        values = {"partner_id": self.partner.id, "program_id": self.program.id}
        for state, message in (("active", "begins as an applicant"), ("at_risk", "tier review")):
            memberships = self.env["prm.membership"].with_user(self.manager)
            with self.subTest(state=state), self.assertRaisesRegex(UserError, message):
                memberships.with_context(default_state=state).create(values)

    def test_resuming_a_suspension_meets_the_rules(self):
        membership = self._enroll(self.partner, state="at_risk").with_user(self.manager)
        membership.sudo().grace_until = fields.Date.add(self.today, days=30)
        membership.action_suspend("Unpaid")
        self.program.prerequisite_ids = self.basic
        self._ask_for_signature()
        with self.assertRaisesRegex(UserError, "“Basics”.*\n.*Rules of the Game"):
            membership.action_resume()
        self.assertEqual(membership.state, "suspended")
        self._enroll(self.partner, program=self.basic)
        self.program.unsigned_blocks_activation = False
        membership.action_resume()
        self.assertEqual(membership.state, "at_risk")
        self.assertEqual(membership.sudo().grace_until, fields.Date.add(self.today, days=30))

    def test_an_open_gate_keeps_a_member_suspended(self):
        self._new_plan()
        membership = self._enroll(self.partner)
        membership._start_plan()
        membership.action_suspend("Unpaid")
        with self.assertRaisesRegex(UserError, "before: Profile, Kick-off"):
            membership.action_resume()
        membership.onboarding_task_ids._finish("done", self.env.user)
        membership.action_resume()
        self.assertEqual(membership.state, "active")

    def test_entered_as_suspended_is_not_active_at_once(self):
        self.program.prerequisite_ids = self.basic
        membership = self._enter(state="suspended")
        with self.assertRaisesRegex(UserError, "“Basics”"):
            membership.action_resume()

    @freeze_time("2026-03-02")
    def test_a_member_of_before_is_not_judged_at_once(self):
        """Its results of before are not known here: it has its first time like everybody."""
        membership = self._enroll(self.partner, state="applicant")
        entered = membership.create(
            {
                "partner_id": self.rival.id,
                "program_id": self.program.id,
                "grade_id": self.gold.id,
                "state": "active",
                "date_start": "2024-03-01",
            }
        )
        self.assertEqual(str(entered.next_review_date), "2027-03-02")
        self.assertEqual(str(entered.hold_until), "2026-09-02")
