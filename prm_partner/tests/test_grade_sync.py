from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command

from .common import PartnerCase


class TestGradeSync(PartnerCase):
    """``res.partner.grade_id`` equals the tier of the primary membership, whoever writes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pricelist = cls.env["product.pricelist"].create({"name": "Gold prices"})
        cls.gold.default_pricelist_id = cls.pricelist

    def test_tier_gives_level_and_price_list(self):
        self._enroll(self.partner, self.gold)
        self.assertEqual(self.partner.grade_id, self.gold)
        self.assertEqual(self.partner.specific_property_product_pricelist, self.pricelist)

    def test_losing_the_tier_takes_the_price_list_back(self):
        membership = self._enroll(self.partner, self.gold)
        membership._set_tier(self.silver, "Review")
        self.assertEqual(self.partner.grade_id, self.silver)
        self.assertNotEqual(self.partner.specific_property_product_pricelist, self.pricelist)
        membership._set_tier(self.gold, "Review")
        membership.action_end()
        self.assertFalse(self.partner.grade_id)
        self.assertNotEqual(self.partner.specific_property_product_pricelist, self.pricelist)

    def test_own_price_list_stays(self):
        own = self.env["product.pricelist"].create({"name": "Special"})
        membership = self._enroll(self.partner, self.gold)
        self.partner.specific_property_product_pricelist = own
        membership._set_tier(self.silver, "Review")
        self.assertEqual(self.partner.specific_property_product_pricelist, own)

    def test_level_set_on_the_partner_becomes_a_logged_change(self):
        membership = self._enroll(self.partner, self.silver)
        self.partner.write({"grade_id": self.gold.id, "ref": "A1"})
        self.assertEqual(membership.grade_id, self.gold)
        self.assertEqual(self.partner.grade_id, self.gold)
        self.assertEqual(self.partner.ref, "A1")
        self.assertEqual(len(membership.change_ids), 2)

    def test_level_of_another_program_is_refused(self):
        self._enroll(self.partner, self.silver)
        foreign = self.env["res.partner.grade"].create({"name": "Foreign"})
        with self.assertRaisesRegex(ValidationError, "no tier of that program"):
            self.partner.grade_id = foreign

    def test_partner_outside_a_program_is_left_alone(self):
        foreign = self.env["res.partner.grade"].create({"name": "Foreign"})
        (self.partner | self.rival).write({"grade_id": foreign.id})
        self.assertEqual(self.rival.grade_id, foreign)

    def test_mixed_write(self):
        membership = self._enroll(self.partner, self.silver)
        (self.partner | self.rival).write({"grade_id": self.gold.id})
        self.assertEqual(membership.grade_id, self.gold)
        self.assertEqual(self.rival.grade_id, self.gold)

    def test_sold_partnership_follows_the_membership(self):
        membership = self._enroll(self.partner, self.silver)
        product = self.env["product.product"].create(
            {
                "name": "Gold fee",
                "type": "service",
                "service_tracking": "partnership",
                "grade_id": self.gold.id,
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )
        order.action_confirm()
        self.assertEqual(membership.grade_id, self.gold)

    def test_create_with_level_gives_the_price_list(self):
        partner = self.env["res.partner"].create({"name": "New", "grade_id": self.gold.id})
        self.assertEqual(partner.specific_property_product_pricelist, self.pricelist)

    def test_contacts_get_the_price_list_of_their_company(self):
        person, deeper, branch = self.env["res.partner"].create(
            [{"name": name, "is_company": name == "Branch"} for name in ("One", "Two", "Branch")]
        )
        (person | branch).parent_id = self.partner
        deeper.parent_id = person
        membership = self._enroll(self.partner, self.gold)
        for contact in (self.contact, person, deeper):
            with self.subTest(contact=contact.name):
                self.assertEqual(contact.specific_property_product_pricelist, self.pricelist)
        self.assertFalse(branch.specific_property_product_pricelist)
        membership._set_tier(self.silver, "Review")
        self.assertFalse((self.contact | deeper).specific_property_product_pricelist)

    def test_contacts_keep_their_own_price_list(self):
        """A tier without a price list takes nothing from the contacts either."""
        own = self.env["product.pricelist"].create({"name": "Special"})
        membership = self._enroll(self.partner, self.silver)
        self.contact.specific_property_product_pricelist = own
        membership._set_tier(self.platinum, "Review")
        self.assertEqual(self.partner.grade_id, self.platinum)
        self.assertEqual(self.contact.specific_property_product_pricelist, own)

    def test_queries_do_not_grow_with_the_partners(self):
        counts = []
        for number, size in enumerate((5, 5, 20)):  # the first one fills caches
            partners = self.env["res.partner"].create(
                [
                    {
                        "name": f"P{number}-{place}",
                        "is_company": True,
                        "child_ids": [Command.create({"name": f"C{number}-{place}"})],
                    }
                    for place in range(size)
                ]
            )
            memberships = self.env["prm.membership"].create(
                [
                    {
                        "partner_id": partner.id,
                        "program_id": self.program.id,
                        "grade_id": self.silver.id,
                        "state": "active",
                    }
                    for partner in partners
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            self.env.user.fetch(["login"])  # asked for once more when Python frees environments
            before = self.cr.sql_log_count
            memberships._set_tier(self.gold, "Review", kind="promotion")
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            levels = (partners | partners.child_ids).mapped("specific_property_product_pricelist")
            self.assertEqual((partners.grade_id, levels), (self.gold, self.pricelist))
        self.assertEqual(counts[1], counts[2])

    def test_steps_between_states_that_count_leave_the_level(self):
        """Only the end of a membership, or its undoing, touches the partner's level."""
        membership = self._enroll(self.partner, self.gold)
        with patch.object(type(self.partner), "_prm_sync_grade", autospec=True) as sync:
            membership.write({"state": "at_risk"})
            membership.action_suspend()
            membership.action_resume()
            self.assertFalse(any(call.args[0] for call in sync.call_args_list))
            membership.action_end()
            self.assertIn(self.partner, [call.args[0] for call in sync.call_args_list])
        membership.action_resume()
        self.assertEqual(self.partner.grade_id, self.gold)
