from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form

from .common import PartnerCase


class TestSupply(PartnerCase):
    """A distributor leaves its resellers behind, and may come back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.distribution = cls.env["prm.program"].create(
            {"name": "Distribution", "kind": "distributor"}
        )
        cls.depot, cls.buyer = cls._new_partner("Depot", "depot.example")
        cls.role = cls._enroll(cls.depot, program=cls.distribution, user=cls.program_manager)
        cls.third, _contact = cls._new_partner("Third Partners", "third.example")
        cls.own = cls._enroll(cls.partner)
        cls.more = cls._enroll(cls.third)
        cls.others = cls._enroll(cls.rival, user=cls.other_manager)
        cls.resellers = cls.own | cls.more | cls.others
        cls.resellers.distributor_id = cls.depot

    def _get_activities(self):
        kind = self.env.ref("prm_partner.mail_activity_type_supply")
        return self.depot.activity_ids.filtered(lambda one: one.activity_type_id == kind)

    def test_resellers_are_released(self):
        self.role.with_user(self.program_manager).action_end("Insolvent")
        self.assertFalse(self.resellers.distributor_id)
        self.assertEqual(self.resellers.former_distributor_id, self.depot)

    def test_each_manager_gets_one_activity(self):
        self.role.action_end("Insolvent")
        activities = self._get_activities()
        self.assertEqual(activities.user_id, self.manager | self.other_manager)
        self.assertEqual(len(activities), 2)
        mine = activities.filtered(lambda one: one.user_id == self.manager)
        self.assertIn("Depot is no distributor any more", mine.note)
        self.assertIn("Acme Partners", mine.note)
        self.assertIn("Third Partners", mine.note)
        self.assertNotIn("Rival", mine.note)
        self.assertTrue(mine.with_user(self.manager).has_access("write"))

    def test_the_program_manager_stands_in(self):
        self.resellers.user_id = False
        self.role.action_end("Insolvent")
        self.assertEqual(self._get_activities().user_id, self.program_manager)

    def test_ended_resellers_are_released_without_a_word(self):
        self.others.action_end("Closed")
        self.role.action_end("Insolvent")
        self.assertFalse(self.others.distributor_id)
        self.assertEqual(self._get_activities().user_id, self.manager)
        self.others.action_resume()
        self.assertEqual(self.others.state, "active")

    def test_another_membership_as_a_distributor_keeps_them(self):
        second = self.distribution.copy({"name": "Second"})
        other_role = self._enroll(self.depot, program=second)
        self.role.action_end("Moved")
        self.assertEqual(self.resellers.distributor_id, self.depot)
        other_role.action_end("Insolvent")
        self.assertFalse(self.resellers.distributor_id)

    def test_both_of_its_memberships_end_together(self):
        second = self.distribution.copy({"name": "Second"})
        roles = self.role | self._enroll(self.depot, program=second)
        roles.action_end("Insolvent")
        self.assertFalse(self.resellers.distributor_id)

    def test_undoing_gives_back_who_is_still_without(self):
        self.role.action_end("By mistake")
        other, _contact = self._new_partner("Other Depot", "other-depot.example")
        self._enroll(other, program=self.distribution)
        self.others.distributor_id = other
        self.role.action_resume()
        self.assertEqual((self.own | self.more).distributor_id, self.depot)
        self.assertEqual(self.others.distributor_id, other)
        self.assertFalse(self.resellers.former_distributor_id)
        self.assertFalse(self._get_activities())

    def test_no_circle_comes_back_with_an_ended_membership(self):
        self.others.action_end("By mistake")
        rival_role = self._enroll(self.rival, program=self.distribution)
        self.role.distributor_id = self.rival
        with self.assertRaisesRegex(ValidationError, "that it supplies itself"):
            self.others.action_resume()
        self.assertEqual(rival_role.state, "active")

    def test_resellers_of_other_distributors_stay(self):
        other, _contact = self._new_partner("Other Depot", "other-depot.example")
        self._enroll(other, program=self.distribution)
        self.others.distributor_id = other
        self.role.action_end("Insolvent")
        self.assertEqual(self.others.distributor_id, other)
        self.assertFalse(self.others.former_distributor_id)

    def test_the_wizard_says_how_many(self):
        self.others.action_end("Closed")
        action = self.role.with_user(self.program_manager).action_ask_end()
        wizards = self.env["prm.membership.stop"].with_user(self.program_manager)
        form = Form(wizards.with_context(**action["context"]))
        self.assertEqual(form.reseller_count, 2)
        plain = Form(wizards.with_context(**self.own.action_ask_end()["context"]))
        self.assertEqual(plain.reseller_count, 0)

    def _count_release(self, resellers):
        self.resellers.distributor_id = False
        resellers.distributor_id = self.depot
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.role._release_resellers()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_queries_do_not_grow_with_the_resellers(self):
        self.resellers.user_id = self.manager
        self._count_release(self.resellers)  # warm caches
        self.assertLessEqual(
            self._count_release(self.resellers), self._count_release(self.own)
        )
        self.assertFalse(self.resellers.distributor_id)

    def test_partners_do_not_read_who_supplied_them(self):
        user = self._new_portal_user(self.contact, "admin")
        self.role.action_end("Insolvent")
        with self.assertRaises(AccessError):
            self.own.with_user(user).read(["former_distributor_id"])
