from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import PartnerCase

MODELS = (
    "prm.program",
    "prm.membership",
    "prm.metric",
    "prm.tier.requirement",
    "prm.tier.change",
    "prm.metric.value",
    "prm.portal.visit",
)


class TestSecurity(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, cls.gold, user=cls.manager)
        cls.rival_membership = cls._enroll(cls.rival, cls.silver, user=cls.other_manager)
        cls.own_user = cls._new_portal_user(cls.contact, "admin")
        cls.rival_user = cls._new_portal_user(cls.rival_contact, "admin")
        customer = cls.env["res.partner"].create({"name": "Customer", "email": "c@c.example"})
        cls.customer_user = cls._new_portal_user(customer, None)
        cls.public_user = cls.env.ref("base.public_user")
        cls.employee = new_test_user(cls.env, "t_employee", groups="base.group_user")

    def _visible(self, user, model):
        return self.env[model].with_user(user).search([]).sudo()

    def test_others_have_no_access(self):
        for user in (self.customer_user, self.public_user):
            for model in MODELS:
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_employee_reads_programs_but_no_memberships(self):
        self.assertIn(self.program, self._visible(self.employee, "prm.program"))
        with self.assertRaises(AccessError):
            self._visible(self.employee, "prm.membership")

    def test_portal_user_sees_its_own(self):
        self.assertEqual(self._visible(self.own_user, "prm.membership"), self.membership)
        self.assertEqual(
            self._visible(self.own_user, "prm.tier.change"), self.membership.change_ids
        )
        self.assertEqual(self._visible(self.own_user, "prm.program"), self.program)
        # Tiers that the website publishes are visible to everybody, those of the own program too.
        self.assertLessEqual(
            self.program.grade_ids, self._visible(self.own_user, "res.partner.grade")
        )

    def test_portal_user_learns_nothing_of_other_members(self):
        for name in ("membership_ids", "membership_count"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.program.with_user(self.own_user).read([name])
            self.assertTrue(self.program.with_user(self.manager).read([name]))

    def test_portal_user_reads_requirements_of_its_own_programs_only(self):
        metric = self.env.ref("prm_partner.prm_metric_revenue")
        other_program = self.program.copy({"name": "Other"})
        other_tier = self.env["res.partner.grade"].create(
            {"name": "Other", "program_id": other_program.id}
        )
        requirements = self.env["prm.tier.requirement"].create(
            [
                {"grade_id": tier.id, "metric_id": metric.id, "threshold": 5.0}
                for tier in (self.gold, other_tier)
            ]
        )
        self.assertEqual(self._visible(self.own_user, "prm.tier.requirement"), requirements[0])

    def test_portal_user_cannot_reach_the_rival_by_id_count_or_group(self):
        rival = self.rival_membership.with_user(self.own_user)
        with self.assertRaises(AccessError):
            rival.read(["state"])
        Membership = self.env["prm.membership"].with_user(self.own_user)
        self.assertEqual(Membership.search_count([("partner_id", "=", self.rival.id)]), 0)
        self.assertEqual(
            Membership.formatted_read_group([], ["partner_id"], ["__count"])[0]["__count"], 1
        )

    def test_portal_user_writes_nothing(self):
        records = {
            "prm.program": self.program,
            "prm.membership": self.membership,
            "prm.tier.change": self.membership.change_ids,
            "res.partner.grade": self.gold,
        }
        for model, record in records.items():
            own = record.with_user(self.own_user)
            with self.subTest(model=model):
                self.assertFalse(own.has_access("write"))
                self.assertFalse(own.has_access("unlink"))
                self.assertFalse(self.env[model].with_user(self.own_user).has_access("create"))

    def test_refusals_do_not_tell_who_is_a_member(self):
        """What may not be changed is said to those who may change the record at all."""
        steps = {"suspended_from": "active", "state": "ended", "partner_id": self.partner.id}
        for user in (self.own_user, self.customer_user, self.employee):
            membership = self.rival_membership.with_user(user)
            for name, value in steps.items():
                with self.subTest(user=user.login, field=name):
                    with self.assertRaises(AccessError) as refusal:
                        membership.write({name: value})
                    self.assertNotIn(self.rival.name, str(refusal.exception))
            with self.subTest(user=user.login, field="active"), self.assertRaises(AccessError):
                self.silver.with_user(user).write({"active": False})

    def test_portal_user_calls_no_action(self):
        membership = self.membership.with_user(self.own_user)
        for method in ("action_suspend", "action_end", "action_activate", "action_resume",
                       "action_renew", "action_make_primary", "action_ask_end"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(membership, method)()
        self.assertEqual(self.membership.state, "active")

    def test_portal_user_reads_no_internal_field(self):
        for record, field in (
            (self.membership, "tier_progress_html"),
            (self.membership, "state_reason"),
            (self.membership, "planned_end"),
            (self.membership.change_ids, "measured"),
        ):
            with self.subTest(field=field), self.assertRaises(AccessError):
                record.with_user(self.own_user).read([field])

    def test_portal_user_opens_no_wizard(self):
        for model in ("prm.enroll", "prm.tier.assign", "prm.membership.stop"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.own_user).create({})

    def test_wizard_of_another_user(self):
        wizard = self.env["prm.membership.stop"].with_user(self.manager).create({"reason": "Mine"})
        with self.assertRaises(AccessError):
            wizard.with_user(self.other_manager).read(["reason"])

    def test_wizard_stops_own_memberships_only(self):
        wizards = self.env["prm.membership.stop"]
        values = {"reason": "X", "membership_ids": self.rival_membership.ids}
        with self.assertRaises(AccessError):
            wizards.with_user(self.manager).create(values)
        wizard = wizards.create(values)
        with self.assertRaises(AccessError):
            wizard.with_user(self.manager).action_stop()
        self.assertEqual(self.rival_membership.state, "active")

    def test_partner_manager_sees_own_partners_only(self):
        self.assertIn(self.membership, self._visible(self.manager, "prm.membership"))
        self.assertNotIn(self.rival_membership, self._visible(self.manager, "prm.membership"))
        with self.assertRaises(AccessError):
            self.rival_membership.with_user(self.manager).action_suspend()

    def test_program_manager_sees_all(self):
        visible = self._visible(self.program_manager, "prm.membership")
        self.assertLessEqual(self.membership | self.rival_membership, visible)

    def test_partner_manager_changes_no_program(self):
        with self.assertRaises(AccessError):
            self.program.with_user(self.manager).name = "Mine"

    def test_history_is_written_by_nobody(self):
        for user in (self.manager, self.program_manager):
            with self.subTest(user=user.login):
                changes = self.env["prm.tier.change"].with_user(user)
                self.assertFalse(changes.has_access("create"))
                self.assertFalse(changes.has_access("write"))

    def test_other_company_is_invisible(self):
        other = self.env["res.company"].create({"name": "Company B"})
        stranger = new_test_user(
            self.env,
            "t_company_b",
            groups="base.group_user,prm_partner.group_prm_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in ("prm.program", "prm.membership", "prm.tier.change"):
            with self.subTest(model=model):
                self.assertFalse(
                    self._visible(stranger, model).filtered(
                        lambda record: record.company_id == self.company
                    )
                )
        self.assertNotIn(self.gold, self._visible(stranger, "res.partner.grade"))
