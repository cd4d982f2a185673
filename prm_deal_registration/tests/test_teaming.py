import psycopg2

from odoo.addons.prm_partner.tests.lock_common import LockCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DealCase


class TestTeaming(DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.program.deal_policy_ids
        cls.policy.kind = "teaming"
        cls.deal = cls._register()
        cls.other = cls._register(cls.rival_user)

    def _join(self):
        self.other.with_user(self.other_manager).action_join()

    def test_second_partner_joins(self):
        self.assertTrue(self.other.can_join)
        self._join()
        self.assertEqual(self.other.state, "approved")
        self.assertEqual(self.other.lead_id, self.deal.lead_id)
        self.assertEqual(self.deal.lead_id.registration_id, self.deal)
        self.assertEqual(self.other.date_protected_until, self.deal.date_protected_until)
        self.assertFalse(self.other.protection_ids)
        expected = {self.partner.id: 50.0, self.rival.id: 50.0}
        self.assertEqual(self.deal._get_shares(), expected)
        self.assertEqual(self.other._get_shares(), expected)
        self.assertFalse(self.other.can_join)
        self.assertFalse(self.other.activity_ids)

    def test_exclusive_deals_are_not_joined(self):
        self.policy.kind = "exclusive"
        self.assertFalse(self.other.can_join)
        with self.assertRaisesRegex(UserError, "could join"):
            self._join()
        with self.assertRaisesRegex(UserError, "protected for"):
            self.other.with_user(self.other_manager).action_approve()

    def test_share_of_the_policy(self):
        self.policy.teaming_share = 30
        self._join()
        self.assertEqual(self.deal._get_shares(), {self.partner.id: 70.0, self.rival.id: 30.0})

    def test_alone(self):
        self.assertEqual(self.deal._get_shares(), {self.partner.id: 100.0})

    def test_partner_sees_its_own_share_only(self):
        self._join()
        self.assertEqual(self.deal.with_user(self.sales_user).share_percent, 50)
        self.assertEqual(self.other.with_user(self.rival_user).share_percent, 50)
        for field in ("share_ids", "teaming_ids", "main_registration_id", "can_join"):
            with self.subTest(field=field), self.assertRaises(AccessError):
                self.other.with_user(self.rival_user).read([field])
        with self.assertRaises(AccessError):
            self.env["prm.deal.share"].with_user(self.rival_user).search([])
        mails = self.env["mail.mail"].search(
            [("model", "=", self.other._name), ("res_id", "=", self.other.id)], order="id"
        )
        body = mails[-1].body_html
        self.assertIn("50 %", body.replace("<!-- -->", ""))
        self.assertNotIn(self.partner.name, body)

    def test_won_and_reopened_together(self):
        self._join()
        order = self._order(self.deal)
        order.action_confirm()
        self.assertEqual((self.deal | self.other).mapped("state"), ["won", "won"])
        order._action_cancel()
        self.assertEqual((self.deal | self.other).mapped("state"), ["approved", "approved"])

    def test_lost_together(self):
        self._join()
        self.deal.lead_id.action_set_lost()
        self.assertEqual((self.deal | self.other).mapped("state"), ["lost", "lost"])
        self.deal.lead_id.action_unarchive()
        self.assertEqual((self.deal | self.other).mapped("state"), ["approved", "approved"])

    def test_extended_together(self):
        self._join()
        self.policy.write({"extension_automatic": True, "extension_activity_days": 0})
        self.assertFalse(self.other.date_extension_until)
        with self.assertRaises(UserError):
            self.other.with_user(self.rival_user).action_request_extension("Trial")
        self.deal.with_user(self.sales_user).action_request_extension("Trial")
        self.assertEqual(self.other.date_protected_until, self.deal.date_protected_until)

    def test_who_leaves_has_no_share(self):
        self._join()
        self.other.with_user(self.rival_user).action_withdraw()
        self.assertEqual(self.deal._get_shares(), {self.partner.id: 100.0})
        self.assertTrue(self.deal.protection_ids)
        self.assertEqual(self.deal.lead_id.partner_assigned_id, self.partner)

    def test_protection_is_taken_over(self):
        self._join()
        third, _contact = self._new_partner("Third", "third.example")
        self.deal.share_ids = [(0, 0, {"partner_id": third.id, "percent": 20})]
        until = self.deal.date_protected_until
        self.deal.with_user(self.sales_user).action_withdraw()
        self.assertEqual((self.deal.state, self.other.state), ("withdrawn", "approved"))
        self.assertFalse(self.other.main_registration_id)
        self.assertEqual(self.other._get_shares(), {self.rival.id: 80.0, third.id: 20.0})
        self.assertEqual(self.other.protection_ids.mapped("date_end"), [until])
        self.assertEqual(self.other.protection_ids.partner_id, self.rival)
        lead = self.other.lead_id
        self.assertEqual((lead.registration_id, lead.partner_assigned_id), (self.other, self.rival))
        self.assertEqual(self.other.event_ids[-1].type, "took_over")

    def test_expired_together(self):
        self._join()
        self._run_expiry("2099-01-01")
        self.assertEqual((self.deal | self.other).mapped("state"), ["expired", "expired"])
        self.assertFalse((self.deal | self.other).protection_ids)

    def test_sum_of_shares(self):
        self._join()
        third, _contact = self._new_partner("Third", "third.example")
        shares = self.env["prm.deal.share"].with_user(self.program_manager)
        vals = {"registration_id": self.deal.id, "partner_id": third.id}
        with self.assertRaises(ValidationError):
            shares.create({**vals, "percent": 50.01})
        share = shares.create({**vals, "percent": 50})
        self.assertEqual(self.deal._get_shares(), {self.rival.id: 50.0, third.id: 50.0})
        with self.assertRaisesRegex(ValidationError, "more than 100 %"), self.env.cr.savepoint():
            share.percent = 60
        self.assertEqual(self.deal.event_ids[-1].type, "shared")

    def test_wrong_shares(self):
        shares = self.env["prm.deal.share"]
        for partner, deal in (
            (self.partner, self.deal),
            (self.rival_contact, self.deal),
        ):
            with self.subTest(partner=partner), self.assertRaises(ValidationError):
                shares.create(
                    {"registration_id": deal.id, "partner_id": partner.id, "percent": 10}
                )
        self._join()
        with self.assertRaises(ValidationError):
            shares.create(
                {"registration_id": self.other.id, "partner_id": self.partner.id, "percent": 10}
            )
        for percent in (0, -1):
            with (
                self.assertRaises(psycopg2.errors.CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.deal.share_ids.percent = percent
                self.env.flush_all()

    def test_rights(self):
        for user in (self.rival_user, self.sales_user, self.manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.other.with_user(user).action_join()
        share = self.env["prm.deal.share"].create(
            {"registration_id": self.deal.id, "partner_id": self.rival.id, "percent": 10}
        )
        shares = share.with_user(self.other_manager)
        self.assertNotIn(share, shares.search([]))
        with self.assertRaises(AccessError):
            shares.percent = 90

    def test_transfer_within_a_team(self):
        self._join()
        for deal, partner in ((self.deal, self.rival), (self.other, self.partner)):
            with self.assertRaisesRegex(UserError, "Change the shares first"):
                deal.with_user(self.program_manager).action_transfer(partner.id, "x")


@tagged("post_install", "-at_install")
class TestSharesAtOnce(LockCase):
    """Two people give shares of one deal at the same time."""

    LOCKS = ("deal_share:%",)

    def test_second_starts_again(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")  # the snapshot of the second is from before
            self._check(first)
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self._check(second)
            second.rollback()

    def _check(self, cr):
        env = self._env(cr)
        deal = env["prm.deal.registration"].search([], limit=1)
        env["prm.deal.share"].new({"registration_id": deal.id})._check_shares()
