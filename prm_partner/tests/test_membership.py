from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .common import PartnerCase


class TestMembership(PartnerCase):
    def test_life(self):
        membership = self._enroll(self.partner, state="applicant")
        membership.action_start_onboarding()
        self.assertEqual(membership.state, "onboarding")
        with freeze_time("2026-03-05"):
            membership.action_activate()
        self.assertEqual(membership.state, "active")
        self.assertEqual(membership.date_start, fields.Date.to_date("2026-03-05"))
        membership.action_suspend()
        self.assertFalse(self.partner._prm_active_memberships())
        membership.action_resume()
        self.assertEqual(self.contact._prm_active_memberships(), membership)
        with freeze_time("2026-09-30"):
            membership.action_end()
        self.assertEqual(membership.date_end, fields.Date.to_date("2026-09-30"))
        self.assertFalse(self.partner.is_prm_partner)

    def test_ending_can_be_undone(self):
        membership = self._enroll(self.partner, self.gold)
        membership.action_end()
        self.assertFalse(self.partner.grade_id)
        membership.action_resume()
        self.assertEqual(membership.state, "active")
        self.assertFalse(membership.date_end)
        self.assertTrue(membership.is_primary)
        self.assertEqual(self.partner.grade_id, self.gold)

    def test_step_out_of_order_is_explained(self):
        membership = self._enroll(self.partner, state="applicant")
        with self.assertRaisesRegex(UserError, "Applicant"):
            membership.action_suspend()

    def test_status_is_changed_by_steps_only(self):
        membership = self._enroll(self.partner).with_user(self.manager)
        with self.assertRaisesRegex(UserError, "by the buttons"):
            membership.write({"state": "ended"})
        membership.write({"state": "active", "date_end": False})
        membership.action_suspend()
        self.assertEqual(membership.state, "suspended")
        with self.assertRaises(AccessError):
            membership.with_user(self.other_manager).action_resume()

    def test_one_open_membership_per_program(self):
        membership = self._enroll(self.partner)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._enroll(self.partner)
        membership.action_end()
        self.assertTrue(self._enroll(self.partner))

    def test_first_membership_is_primary_the_next_is_not(self):
        other_program = self.program.copy({"name": "Other"})
        first = self._enroll(self.partner)
        second = self.env["prm.membership"].create(
            {"partner_id": self.partner.id, "program_id": other_program.id, "state": "active"}
        )
        self.assertTrue(first.is_primary)
        self.assertFalse(second.is_primary)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            second.is_primary = True
            second.flush_recordset()
        second.invalidate_recordset()
        first.action_end()
        self.assertFalse(first.is_primary)
        self.assertTrue(second.is_primary)

    def test_two_memberships_of_a_partner_in_one_create(self):
        programs = self.program | self.program.copy({"name": "Other"})
        memberships = self.env["prm.membership"].create(
            [{"partner_id": self.partner.id, "program_id": program.id} for program in programs]
        )
        self.assertEqual(memberships.mapped("is_primary"), [True, False])

    def test_contact_is_no_member(self):
        with self.assertRaisesRegex(ValidationError, "Enroll the company"):
            self._enroll(self.contact)

    def test_tier_of_another_program(self):
        other_program = self.program.copy({"name": "Other"})
        tier = self.env["res.partner.grade"].create(
            {"name": "Foreign", "program_id": other_program.id}
        )
        with self.assertRaisesRegex(ValidationError, "does not belong"):
            self._enroll(self.partner, tier)

    def test_end_before_start(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["prm.membership"].create(
                {
                    "partner_id": self.partner.id,
                    "program_id": self.program.id,
                    "date_start": "2026-05-01",
                    "date_end": "2026-04-30",
                }
            ).flush_recordset()

    def test_search_partners(self):
        self._enroll(self.partner)
        companies = self.partner | self.rival
        domain = [("id", "in", companies.ids)]
        Partner = self.env["res.partner"]
        self.assertEqual(Partner.search([*domain, ("is_prm_partner", "=", True)]), self.partner)
        self.assertEqual(Partner.search([*domain, ("is_prm_partner", "=", False)]), self.rival)

    def test_program_with_members_stays_in_its_company(self):
        other = self.env["res.company"].create({"name": "Company B"})
        self.program.copy({"name": "Empty"}).company_id = other
        self._enroll(self.partner)
        with self.assertRaisesRegex(UserError, "stays in its company"):
            self.program.company_id = other
