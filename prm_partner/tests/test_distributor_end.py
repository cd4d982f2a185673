from odoo.tests import Form

from .common import PartnerCase


class TestDistributorEnd(PartnerCase):
    """A distributor that leaves its program supplies nobody any more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.distribution = cls.env["prm.program"].create(
            {"name": "Distribution", "kind": "distributor"}
        )
        cls.distributor, _buyer = cls._new_partner("Depot", "depot.example")
        cls.role = cls._enroll(cls.distributor, program=cls.distribution)
        cls.resellers = cls._enroll(cls.partner, cls.gold) | cls._enroll(cls.rival, cls.gold)
        cls.resellers.distributor_id = cls.distributor

    def _todos(self):
        return self.resellers.activity_ids.filtered(lambda todo: "Depot" in (todo.summary or ""))

    def test_resellers_are_released_and_their_manager_is_asked_once(self):
        self.role.with_user(self.program_manager).action_end("Contract ended")
        self.assertFalse(self.resellers.distributor_id)
        self.assertEqual(self.resellers.former_distributor_id, self.distributor)
        [todo] = self._todos()
        self.assertEqual(todo.user_id, self.manager)
        for reseller in (self.partner, self.rival):
            self.assertIn(reseller.name, todo.note)

    def test_one_activity_for_each_manager(self):
        self.resellers[1].user_id = self.program_manager
        self.role.action_end()
        self.assertEqual(self._todos().user_id, self.manager | self.program_manager)

    def test_undoing_the_end_brings_them_back(self):
        self.role.action_end()
        self.resellers[1].former_distributor_id = False  # settled meanwhile
        self.role.action_resume()
        self.assertEqual(self.resellers[0].distributor_id, self.distributor)
        self.assertFalse(self.resellers[0].former_distributor_id)
        self.assertFalse(self.resellers[1].distributor_id)

    def test_another_choice_holds(self):
        other, _contact = self._new_partner("Hub", "hub.example")
        self._enroll(other, program=self.distribution)
        self.role.action_end()
        self.resellers.distributor_id = other
        self.assertFalse(self.resellers.former_distributor_id)
        self.role.action_resume()
        self.assertEqual(self.resellers.distributor_id, other)

    def test_a_distributor_in_a_second_program_keeps_them(self):
        second = self.distribution.copy({"name": "Second"})
        role = self._enroll(self.distributor, program=second)
        self.role.action_end()
        self.assertEqual(self.resellers.distributor_id, self.distributor)
        role.action_end()
        self.assertFalse(self.resellers.distributor_id)

    def test_the_wizard_says_so(self):
        wizard = Form(
            self.env["prm.membership.stop"].with_context(
                default_step="end", default_membership_ids=self.role.ids
            )
        )
        self.assertEqual(wizard.reseller_count, 2)

    def test_queries_do_not_grow_with_the_resellers(self):
        partners = [self._new_partner(f"Shop {n}", f"shop{n}.example")[0] for n in range(12)]
        many = self.env["prm.membership"].union(*(self._enroll(one) for one in partners))
        many.distributor_id = self.distributor
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.role._get_resellers()
        self.assertEqual(len(found), 14)
        self.env.invalidate_all()
        with self.assertQueryCount(6):
            self.role._get_resellers()
