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
