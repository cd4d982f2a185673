from datetime import date

import psycopg2

from odoo.addons.prm_partner.tests.lock_common import LockCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import format_date, mute_logger

from .common import DealCase


class TestPolicy(DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.program.deal_policy_ids

    def _benefit(self, grade, kind, value):
        self.env["prm.tier.benefit"].create({"grade_id": grade.id, "kind": kind, "value": value})

    def _tier_policy(self, grade, **values):
        return self.policy.create({"program_id": self.program.id, "grade_id": grade.id, **values})

    def test_every_program_has_a_main_policy(self):
        self.assertEqual(len(self.policy), 1)
        self.assertFalse(self.policy.grade_id)
        self.assertEqual((self.policy.protection_days, self.policy.decision_days), (90, 2))
        with self.assertRaisesRegex(UserError, "Change the one of"):
            self.policy.unlink()

    def test_missing_policies_are_made_once(self):
        self.env.cr.execute("DELETE FROM prm_deal_policy WHERE id = %s", [self.policy.id])
        self.env.invalidate_all()
        self.policy._create_missing()
        made = self.program.deal_policy_ids
        self.assertEqual(len(made), 1)
        self.policy._create_missing()
        self.program.invalidate_recordset()
        self.assertEqual(self.program.deal_policy_ids, made)

    def test_most_specific_policy(self):
        gold = self._tier_policy(self.gold, protection_days=120)
        self.assertEqual(self.membership.deal_policy_id, gold)
        self.assertEqual(self.rival_membership.deal_policy_id, self.policy)
        self.assertEqual(self._draft().policy_id, gold)
        self.membership._set_tier(self.silver, "test")
        self.assertEqual(self.membership.deal_policy_id, self.policy)

    def test_one_policy_per_program_and_tier(self):
        self._tier_policy(self.gold)
        for grade in (self.gold, self.gold.browse()):
            with (
                self.assertRaises(psycopg2.errors.UniqueViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self._tier_policy(grade)

    def test_tier_of_another_program(self):
        other = self.program.copy({"name": "Other"})
        with self.assertRaisesRegex(ValidationError, "is no tier of"):
            self._tier_policy(other._prm_tiers()[:1])

    def test_numbers(self):
        for values in (
            {"cooling_off_days": -1},
            {"protection_days": 100_000},
            {"extensions": 1, "extension_days": 0},
            {"teaming_share": 0},
            {"teaming_share": 101},
            {"amendment_percent": -1},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(psycopg2.errors.CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.policy.write(values)
                self.env.flush_all()

    def test_tier_benefit_goes_first(self):
        self._benefit(self.gold, "protection_days", 30)
        self._benefit(self.gold, "extensions", 0)
        self._benefit(self.gold, "open_registrations", 7)
        terms = [
            [member._get_deal_term(kind) for member in (self.membership, self.rival_membership)]
            for kind in ("protection_days", "extensions", "open_registrations")
        ]
        self.assertEqual(terms, [[30, 90], [0, 2], [7, 25]])

    def test_copy_of_a_program(self):
        self.policy.protection_days = 45
        self._tier_policy(self.gold, protection_days=60)
        copy = self.program.copy({"name": "Copy"})
        days = {policy.grade_id.name: policy.protection_days for policy in copy.deal_policy_ids}
        self.assertEqual(days, {False: 45, self.gold.name: 60})
        self.assertEqual(copy.deal_policy_ids.grade_id.program_id, copy)

    def test_rights(self):
        self.policy.with_user(self.program_manager).protection_days = 80
        with self.assertRaises(AccessError):
            self.policy.with_user(self.manager).protection_days = 70
        self.assertEqual(self.policy.with_user(self.manager).protection_days, 80)
        for user in (self.sales_user, self.rival_user, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.policy.with_user(user).read(["protection_days"])
        own = self._draft().with_user(self.sales_user)
        with self.assertRaises(AccessError):
            own.read(["policy_id"])
        company = self.env["res.company"].create({"name": "B"})
        foreigner = new_test_user(
            self.env,
            "t_b",
            groups="base.group_user,prm_partner.group_prm_admin",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertNotIn(self.policy, self.policy.with_user(foreigner).search([]))


class TestOpenLimit(DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.deal_policy_ids.open_registrations = 2

    def test_limit(self):
        self._register(name="one")
        second = self._register(name="two", amount=200000)
        with self.assertRaisesRegex(UserError, "2 open deals .* at most 2"):
            self._register(name="three")
        self.assertEqual(self._register(self.rival_user, name="rival").state, "approved")
        second.with_user(self.sales_user).action_withdraw()
        self.assertEqual(self._register(name="three").state, "approved")

    def test_several_at_once(self):
        drafts = self.deals.concat(*(self._draft(name=f"d{number}") for number in range(3)))
        with self.assertRaisesRegex(UserError, "at most 2"):
            drafts.action_submit()
        drafts[:2].action_submit()
        self.assertEqual(drafts.mapped("state"), ["approved", "approved", "draft"])

    def test_returned_deal_keeps_its_place(self):
        self._register(name="one")
        deal = self._register(name="two", amount=200000)
        deal.with_user(self.manager).action_return("Who decides?")
        deal.with_user(self.sales_user).action_submit()
        self.assertEqual(deal.state, "in_review")

    def test_partner_is_told_before(self):
        self._register(name="one")
        self.assertFalse(self.membership._block_reasons("registration"))
        self._register(name="two")
        [reason] = self.membership._block_reasons("registration")
        self.assertIn("2 open deals", reason)
        self.assertFalse(self.membership._block_reasons("payout"))

    def test_no_limit(self):
        self.program.deal_policy_ids.open_registrations = 0
        for number in range(3):
            self._register(name=f"customer{number}")

    def test_closed_deals_take_no_place(self):
        self._register(name="one").lead_id.action_set_lost()
        self._order(self._register(name="two")).action_confirm()
        self._register(name="three")
        self._register(name="four")


class TestCoolingOff(DealCase):
    def _register_on(self, day, **values):
        with freeze_time(day):
            return self._register(date_close="2031-01-01", **values)

    def test_withdrawn(self):
        deal = self._register_on("2030-03-01")
        with freeze_time("2030-03-10"):
            deal.with_user(self.sales_user).action_withdraw()
        self.assertEqual(deal.date_ended, date(2030, 3, 10))
        expected = format_date(self.env, date(2030, 4, 9))
        with self.assertRaisesRegex(UserError, f"{deal.name} .*{expected}"):
            self._register_on("2030-04-08")
        again = self._register_on("2030-04-09")
        self.assertIn(again.state, ("approved", "in_review"))

    def test_expired(self):
        deal = self._register_on("2030-03-01")
        with freeze_time("2030-06-01"):
            self._run_expiry()
            self.assertEqual(deal.state, "expired")
            with self.assertRaises(UserError):
                self._register(date_close="2031-01-01")

    def test_others_and_other_customers(self):
        self._register().action_withdraw()
        self.assertTrue(self._register(self.rival_user))
        self.assertTrue(self._register(name="initech"))

    def test_other_scope(self):
        self._register(category_id=self.hardware.id).action_withdraw()
        self.assertTrue(self._register(category_id=self.software.id))
        with self.assertRaises(UserError):
            self._register()

    def test_mistake_can_be_corrected(self):
        self._register(amount=200000).action_withdraw()
        self.assertTrue(self._register(amount=200000))

    def test_lost_deal_may_come_back(self):
        self._register().lead_id.action_set_lost()
        self.assertTrue(self._register())

    def test_off(self):
        self.program.deal_policy_ids.cooling_off_days = 0
        self._register().action_withdraw()
        self.assertTrue(self._register())

    def test_staff_is_told_too(self):
        self._register().action_withdraw()
        draft = self._draft().with_user(self.manager)
        with self.assertRaises(UserError):
            draft.action_submit()
        self.assertFalse(draft.date_submitted)


@tagged("post_install", "-at_install")
class TestOpenLimitAtOnce(LockCase):
    """Two people of one partner hand in the last deal that is possible at the same time."""

    LOCKS = ("open_deals:%",)

    def test_second_starts_again(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            membership = self._env(first)["prm.membership"].search([], limit=1)
            self.assertTrue(membership, "the demo data have members")
            second.execute("SELECT 1")  # the snapshot of the second is from before
            self._hand_in(first, membership.id)
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self._hand_in(second, membership.id)
            second.rollback()

    def _hand_in(self, cr, membership_id):
        deals = self._env(cr)["prm.deal.registration"]
        deals.new({"membership_id": membership_id})._check_open_limit()
