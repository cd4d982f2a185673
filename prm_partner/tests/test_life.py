from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time

from .common import PartnerCase


class TestLife(PartnerCase):
    """Activating, suspending, ending, and undoing it."""

    def _program(self, name, **values):
        return self.program.copy({"name": name, **values})

    def test_clocks(self):
        with freeze_time("2026-03-01"):
            membership = self._enroll(self.partner, state="applicant")
        self.assertEqual(membership.date_applied, date(2026, 3, 1))
        self.assertFalse(membership.date_activated)
        with freeze_time("2026-03-20"):
            membership.with_user(self.manager).action_activate()
        self.assertEqual(membership.date_activated, date(2026, 3, 20))
        with freeze_time("2026-05-01"):
            membership.action_suspend()
            membership.action_resume()
        self.assertEqual(membership.date_activated, date(2026, 3, 20))

    def test_clocks_of_an_imported_member(self):
        membership = self.env["prm.membership"].create(
            {
                "partner_id": self.partner.id,
                "program_id": self.program.id,
                "state": "active",
                "date_start": "2024-02-01",
            }
        )
        self.assertEqual(membership.date_applied, date(2024, 2, 1))
        self.assertEqual(membership.date_activated, date(2024, 2, 1))

    def test_suspending_and_resuming_keeps_at_risk(self):
        membership = self._enroll(self.partner, state="at_risk").with_user(self.manager)
        membership.action_suspend("Late payments")
        self.assertEqual(membership.state, "suspended")
        self.assertEqual(membership.state_reason, "Late payments")
        self.assertTrue(membership.is_primary)
        membership.action_resume()
        self.assertEqual(membership.state, "at_risk")
        self.assertFalse(membership.state_reason)

    def test_ending_a_suspended_membership_is_undone_step_by_step(self):
        membership = self._enroll(self.partner, state="at_risk").with_user(self.manager)
        membership.action_suspend("Late payments")
        membership.action_end("Closed down")
        self.assertEqual(membership.state_reason, "Closed down")
        membership.action_resume()
        self.assertEqual(membership.state, "suspended")
        membership.action_resume()
        self.assertEqual(membership.state, "at_risk")

    def test_undoing_the_end_restores_dates_and_primary(self):
        first = self._enroll(self.partner, self.gold)
        second = self._enroll(self.partner, program=self._program("Other"))
        last_day = fields.Date.add(fields.Date.today(), months=4)
        first.date_end = last_day
        first.action_end("By mistake")
        self.assertEqual(first.date_end, fields.Date.today())
        self.assertTrue(second.is_primary)
        self.assertEqual(self.partner.grade_id, second.grade_id)
        first.action_resume()
        self.assertEqual(first.date_end, last_day)
        self.assertTrue(first.is_primary)
        self.assertFalse(second.is_primary)
        self.assertEqual(self.partner.grade_id, self.gold)

    def test_undoing_the_end_leaves_a_primary_chosen_since(self):
        first = self._enroll(self.partner)
        second, third = (
            self._enroll(self.partner, program=self._program(name)) for name in ("B", "C")
        )
        first.action_end()
        third.action_make_primary()
        first.action_resume()
        self.assertEqual((first | second | third).filtered("is_primary"), third)

    def test_another_primary_in_one_step(self):
        first = self._enroll(self.partner, self.gold)
        program = self._program("Other")
        second = self._enroll(self.partner, program=program)
        second.with_user(self.manager).action_make_primary()
        self.env.flush_all()
        self.assertFalse(first.is_primary)
        self.assertTrue(second.is_primary)
        self.assertEqual(self.partner.grade_id, second.grade_id)
        second.action_end()
        with self.assertRaisesRegex(UserError, "Ended"):
            second.action_make_primary()

    def test_primary_flag_is_taken_from_another_managers_membership(self):
        first = self._enroll(self.partner, user=self.other_manager)
        second = self._enroll(self.partner, program=self._program("Other"))
        second.with_user(self.manager).action_make_primary()
        self.assertFalse(first.is_primary)
        with self.assertRaises(AccessError):
            first.with_user(self.manager).action_make_primary()

    def test_reasons_are_asked_for(self):
        membership = self._enroll(self.partner).with_user(self.manager)
        for method, state in (("action_ask_suspend", "suspended"), ("action_ask_end", "ended")):
            action = getattr(membership, method)()
            wizard = (
                self.env["prm.membership.stop"]
                .with_user(self.manager)
                .with_context(**action["context"])
                .create({"reason": f"Because of {state}"})
            )
            wizard.action_stop()
            self.assertEqual(membership.state, state)
            self.assertEqual(membership.state_reason, f"Because of {state}")
            self.assertIn("Because of", "".join(membership.message_ids.mapped("body")))

    def test_many_are_suspended_from_the_list(self):
        memberships = self._enroll(self.partner) | self._enroll(self.rival, state="at_risk")
        wizard = (
            self.env["prm.membership.stop"]
            .with_user(self.manager)
            .with_context(active_model="prm.membership", active_ids=memberships.ids)
            .create({"step": "suspend", "reason": "Audit"})
        )
        wizard.action_stop()
        self.assertEqual(set(memberships.mapped("state")), {"suspended"})
        memberships.action_resume()
        self.assertEqual(memberships.mapped("state"), ["active", "at_risk"])

    def test_what_a_step_returns_to_is_written_by_steps_only(self):
        membership = self._enroll(self.partner).with_user(self.manager)
        for values in ({"suspended_from": "active"}, {"was_primary": True}):
            with self.assertRaisesRegex(UserError, "not by hand"):
                membership.write(values)

    def test_prerequisite(self):
        basic = self._program("Basics")
        self.program.prerequisite_ids = basic
        membership = self._enroll(self.partner, state="applicant")
        with self.assertRaisesRegex(UserError, "“Test Resellers” asks for .* “Basics”"):
            membership.action_activate()
        self.assertEqual(membership.state, "applicant")
        base = self._enroll(self.partner, program=basic, state="onboarding")
        with self.assertRaises(UserError):
            membership.action_activate()
        base.action_activate()
        membership.action_activate()
        self.assertEqual(membership.state, "active")

    def test_circular_prerequisites(self):
        second, third = self._program("Second"), self._program("Third")
        second.prerequisite_ids = third
        third.prerequisite_ids = self.program
        with self.assertRaisesRegex(ValidationError, "its own prerequisite"):
            self.program.prerequisite_ids = second
        with self.assertRaisesRegex(ValidationError, "its own prerequisite"):
            self.program.prerequisite_ids = self.program

    def test_prerequisite_of_another_company(self):
        company = self.env["res.company"].create({"name": "Company B"})
        foreign = self.env["prm.program"].create({"name": "Foreign", "company_id": company.id})
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.program.prerequisite_ids = foreign

    def test_program_takes_members_while_it_is_valid(self):
        self.program.write({"date_start": "2026-01-01", "date_end": "2026-12-31"})
        for day, message in (("2025-12-31", "valid from"), ("2027-01-01", "valid until")):
            with (
                self.subTest(day=day),
                freeze_time(day),
                self.assertRaisesRegex(ValidationError, f"{message}.*cannot be enrolled"),
                self.cr.savepoint(),
            ):
                self._enroll(self.partner)
        for day, partner in (("2026-01-01", self.rival), ("2026-12-31", self.partner)):
            with freeze_time(day):
                membership = self._enroll(partner, state="applicant")
        with freeze_time("2027-01-01"), self.assertRaisesRegex(UserError, "valid until"):
            membership.action_activate()

    def test_archived_program_takes_no_members(self):
        self.program.active = False
        with self.assertRaisesRegex(ValidationError, "is closed"):
            self._enroll(self.partner)

    def test_block_reasons(self):
        membership = self._enroll(self.partner, state="applicant")
        reasons = membership._block_reasons("registration")
        self.assertRegex(reasons[0], "not active yet")
        membership.action_activate()
        for action in ("activation", "registration", "payout", "renewal"):
            self.assertEqual(membership._block_reasons(action), [])
        membership.action_suspend("Unpaid")
        for action in ("registration", "payout"):
            self.assertRegex(membership._block_reasons(action)[0], "suspended: Unpaid")
        membership.action_end()
        self.assertRegex(membership._block_reasons("registration")[0], "ended on")
        self.assertEqual(membership._block_reasons("payout"), [])

    def test_partner_may_if_one_of_its_memberships_may(self):
        self.assertRegex(self.partner._prm_block_reasons("registration")[0], "in no partner")
        first = self._enroll(self.partner)
        second = self._enroll(self.partner, program=self._program("Other"))
        first.action_suspend("Unpaid")
        self.assertEqual(self.contact._prm_block_reasons("registration"), [])
        self.assertEqual(self.contact._prm_memberships_open_to("registration"), second)
        second.action_end("Merged")
        self.assertEqual(len(self.contact._prm_block_reasons("registration")), 1)
        first.action_end("Closed")
        self.assertEqual(len(self.contact._prm_block_reasons("registration")), 2)

    def test_circle_of_companies(self):
        """Odoo itself refuses a company that stands above itself; metrics rely on it."""
        self.rival.parent_id = self.partner
        with self.assertRaises(ValidationError):
            self.partner.parent_id = self.rival
