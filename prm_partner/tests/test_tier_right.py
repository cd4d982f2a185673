from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import PartnerCase


class TestTierRight(PartnerCase):
    """Partner managers change tiers with a reason, and not at all where approval is asked for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, cls.silver, user=cls.manager)

    def _assign(self, user, grade, reason="Agreed in the annual review", **values):
        values = {"membership_id": self.membership.id, "grade_id": grade.id, **values}
        wizard = self.env["prm.tier.assign"].with_user(user).create({**values, "reason": reason})
        return wizard.action_assign()

    def test_partner_manager_writes_no_tier(self):
        salesman = new_test_user(
            self.env, "t_salesman", "base.group_user,base.group_partner_manager"
        )
        own = self.membership.with_user(self.manager)
        attempts = {
            "write": lambda: own.write({"grade_id": self.gold.id}),
            "empty": lambda: own.write({"grade_id": False}),
            "partner": lambda: self.partner.with_user(self.manager).write(
                {"grade_id": self.gold.id}
            ),
            "salesman": lambda: self.partner.with_user(salesman).write({"grade_id": self.gold.id}),
            "context": lambda: own.with_context(prm_tier_logged=True, prm_grade_sync=True).write(
                {"grade_id": self.gold.id}
            ),
        }
        for way, attempt in attempts.items():
            with self.subTest(way=way), self.assertRaisesRegex(UserError, "Change Tier"):
                attempt()
        self.assertEqual(self.membership.grade_id, self.silver)
        self.assertEqual(len(self.membership.change_ids), 1)

    def test_import_of_a_tier_by_a_partner_manager(self):
        self.env["ir.model.data"].create(
            {
                "module": "t_import",
                "name": "m1",
                "model": "prm.membership",
                "res_id": self.membership.id,
            }
        )
        columns, row = ["id", "grade_id/.id"], ["t_import.m1", str(self.gold.id)]
        memberships = self.env["prm.membership"].with_user(self.manager)
        result = memberships.load(columns, [row])
        self.assertIn("Change Tier", result["messages"][0]["message"])
        self.assertEqual(self.membership.grade_id, self.silver)

    def test_the_same_tier_is_no_change(self):
        self.membership.with_user(self.manager).write(
            {"grade_id": self.silver.id, "date_start": "2026-01-01"}
        )
        self.assertEqual(str(self.membership.date_start), "2026-01-01")

    def test_program_manager_writes_a_tier_into_the_history(self):
        self.membership.with_user(self.program_manager).grade_id = self.gold
        self.assertEqual(self.membership.change_ids[0].user_id, self.program_manager)

    def test_new_membership_begins_with_the_lowest_tier(self):
        memberships = self.env["prm.membership"].with_user(self.manager)
        values = {"partner_id": self.rival.id, "program_id": self.program.id}
        with self.assertRaisesRegex(UserError, "lowest tier"):
            memberships.create({**values, "grade_id": self.gold.id})
        membership = memberships.create({**values, "grade_id": self.silver.id})
        self.assertEqual(membership.grade_id, self.silver)

    def test_enrolment_where_tiers_are_approved(self):
        wizard = self.env["prm.enroll"].with_user(self.manager).create(
            {
                "partner_id": self.rival.id,
                "program_id": self.program.id,
                "grade_id": self.gold.id,
                "contact_ids": [Command.clear()],
            }
        )
        self.program.change_mode = "approved"
        with self.assertRaisesRegex(UserError, "program manager approves"):
            wizard.action_enroll()
        wizard.grade_id = self.silver
        wizard.action_enroll()
        self.assertEqual(self.rival.prm_membership_ids.grade_id, self.silver)

    def test_application_where_tiers_are_approved(self):
        self.program.change_mode = "approved"
        application = self.env["prm.application"].create(
            {
                "name": "Newcomer",
                "contact_name": "New Comer",
                "contact_email": "new@newcomer.example",
                "program_id": self.program.id,
                "grade_id": self.platinum.id,
                "user_id": self.manager.id,
                "role": False,
            }
        )
        with (
            self.assertRaisesRegex(UserError, "program manager approves"),
            self.cr.savepoint(),
        ):
            application.with_user(self.manager).action_approve()
        application.with_user(self.program_manager).action_approve()
        self.assertEqual(application.membership_id.grade_id, self.platinum)

    def test_change_where_tiers_are_approved(self):
        self.program.change_mode = "approved"
        for values in ({}, {"is_override": True, "override_until": "2099-01-01"}):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "Ask a"):
                self._assign(self.manager, self.gold, **values)
        self.assertEqual(self.membership.grade_id, self.silver)
        self._assign(self.program_manager, self.gold)
        self.assertEqual(self.membership.grade_id, self.gold)

    def test_reason_has_words(self):
        with self.assertRaisesRegex(ValidationError, "reason"):
            self._assign(self.manager, self.gold, reason="  ")
        self._assign(self.manager, self.gold)
        self.assertEqual(self.membership.change_ids[0].reason, "Agreed in the annual review")

    def test_order_of_a_sold_tier(self):
        """Whoever may confirm the order gives the tier that it sells."""
        product = self.env["product.product"].create(
            {
                "name": "Gold fee",
                "type": "service",
                "service_tracking": "partnership",
                "grade_id": self.gold.id,
            }
        )
        order = self.env["sale.order"].with_user(self.manager).create(
            {
                "partner_id": self.partner.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )
        order.action_confirm()
        self.assertEqual(self.membership.grade_id, self.gold)
        self.assertEqual(self.membership.change_ids[0].user_id, self.manager)
