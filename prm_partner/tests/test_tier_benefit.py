from unittest.mock import patch

import psycopg2
from freezegun import freeze_time
from psycopg2.errors import CheckViolation, ExclusionViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from ..tools.extension import require_btree_gist
from .tier_common import TierCase


class TestTierBenefit(TierCase):
    def _benefit(self, kind, grade=None, **values):
        return self.env["prm.tier.benefit"].create(
            {"grade_id": (grade or self.gold).id, "kind": kind, **values}
        )

    def test_value_on_a_day(self):
        membership = self._join(self.partner, self.gold)
        self._benefit("protection_days", value=90, date_to="2026-06-30")
        self._benefit("protection_days", value=120, date_from="2026-07-01")
        for day, value in (("2026-06-30", 90.0), ("2026-07-01", 120.0)):
            with freeze_time(day):
                self.assertEqual(membership._prm_benefit("protection_days"), value)
        self.assertEqual(membership._prm_benefit("protection_days", "2020-01-01"), 90.0)
        self.assertIsNone(membership._prm_benefit("extensions"))

    def test_kinds_of_values(self):
        membership = self._join(self.partner, self.gold)
        pricelist = self.env["product.pricelist"].create({"name": "Gold prices"})
        self._benefit("pricelist", pricelist_id=pricelist.id)
        self._benefit("support_sla", text="Answer within 4 hours")
        self.assertEqual(membership._prm_benefit("pricelist"), pricelist)
        self.assertEqual(membership._prm_benefit("support_sla"), "Answer within 4 hours")

    def test_what_partners_are_shown(self):
        membership = self._join(self.partner, self.gold)
        other = self._join(self.rival, self.silver)
        self._benefit("protection_days", value=45, annual_cost=1000)
        self._benefit("open_registrations", value=0)
        self._benefit("lead_weight", value=3)
        self._benefit("content", text="Campaigns")
        self._benefit("support_sla", text="Later", date_from="2999-01-01")
        user = self._new_portal_user(self.contact, "sales")
        self.assertEqual(
            membership.with_user(user)._prm_shown_benefits(),
            {
                membership.id: [
                    ("Protection of deals (days)", "45"),
                    ("Most open registrations", "0"),
                    ("Content", "Campaigns"),
                ]
            },
        )
        self.assertEqual(other._prm_shown_benefits(), {other.id: []})

    def test_only_active_members(self):
        membership = self._join(self.partner, self.gold)
        self._benefit("lead_weight", value=3)
        membership.action_suspend()
        self.assertIsNone(membership._prm_benefit("lead_weight"))

    def test_portal_user_reads_its_own_through_the_method_only(self):
        user = self._new_portal_user(self.contact, "admin")
        membership = self._join(self.partner, self.gold).with_user(user)
        self._benefit("lead_weight", value=3, annual_cost=500)
        self.assertEqual(membership._prm_benefit("lead_weight"), 3.0)
        self.assertFalse(self.env["prm.tier.benefit"].with_user(user).has_access("read"))

    def test_many_at_once(self):
        self._benefit("lead_weight", value=3)
        members = self._join(self.partner, self.gold) | self._join(self.rival, self.silver)
        with self.assertQueryCount(2):
            values = members._prm_benefits("lead_weight")
        self.assertEqual(list(values.values()), [3.0, None])

    def test_no_overlap(self):
        self._benefit("extensions", value=1, date_from="2026-01-01")
        with (
            self.assertRaises(ExclusionViolation) as caught,
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self._benefit("extensions", value=2, date_to="2026-01-01")
            self.env.flush_all()
        message = self.env["prm.tier.benefit"]._sql_error_to_message(caught.exception)
        self.assertIn("overlapping period", message)
        self._benefit("extensions", self.platinum, value=2, date_to="2026-01-01")

    def test_bad_values(self):
        for values in (
            {"kind": "extensions", "value": -1},
            {"kind": "pricelist"},
            {"kind": "extensions", "date_from": "2026-02-01", "date_to": "2026-01-01"},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(CheckViolation),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self._benefit(**values)
                self.env.flush_all()

    def test_text_is_needed_where_it_is_the_benefit(self):
        for kind in ("content", "support_sla"):
            for text in (False, "  "):
                with (
                    self.subTest(kind=kind),
                    self.assertRaisesRegex(ValidationError, "exactly"),
                    self.cr.savepoint(),
                ):
                    self._benefit(kind, text=text)
        benefit = self._benefit("content", text="Campaigns")
        with self.assertRaisesRegex(ValidationError, "exactly"):
            benefit.text = False

    def test_price_list_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other Vendor"})
        foreign = self.env["product.pricelist"].create({"name": "Theirs", "company_id": other.id})
        shared = self.env["product.pricelist"].create({"name": "All", "company_id": False})
        with self.assertRaisesRegex(ValidationError, "another company"), self.cr.savepoint():
            self._benefit("pricelist", pricelist_id=foreign.id)
        benefit = self._benefit("pricelist", pricelist_id=shared.id)
        with self.assertRaisesRegex(ValidationError, "another company"):
            benefit.pricelist_id = foreign
        benefit.pricelist_id = shared.copy({"company_id": self.program.company_id.id})

    def test_price_list_begins_and_ends(self):
        old, new, own = self.env["product.pricelist"].create(
            [{"name": name} for name in ("Old", "New", "Own")]
        )
        self.gold.default_pricelist_id = old
        self._join(self.partner, self.gold)
        self._join(self.rival, self.gold)
        self.rival.specific_property_product_pricelist = own
        with freeze_time("2026-03-02"):
            self._benefit(
                "pricelist", pricelist_id=new.id, date_from="2026-04-01", date_to="2026-04-30"
            )
        self.assertEqual(self.gold.default_pricelist_id, old)
        cron = self.env.ref("prm_partner.ir_cron_tier_benefit")
        for day, tier_list, partner_list in (
            ("2026-03-31", old, old),
            ("2026-04-01", new, new),
            ("2026-05-01", self.env["product.pricelist"], self.env["product.pricelist"]),
        ):
            with freeze_time(day), self.enter_registry_test_mode():
                cron.method_direct_trigger()
            with self.subTest(day=day):
                self.assertEqual(self.gold.default_pricelist_id, tier_list)
                for one in self.partner | self.contact:
                    self.assertEqual(one.specific_property_product_pricelist, partner_list)
                self.assertEqual(self.rival.specific_property_product_pricelist, own)

    def test_price_list_at_once(self):
        pricelist = self.env["product.pricelist"].create({"name": "Gold prices"})
        self._join(self.partner, self.gold)
        self._benefit("pricelist", pricelist_id=pricelist.id)
        self.assertEqual(self.partner.specific_property_product_pricelist, pricelist)

    def test_missing_extension_is_explained(self):
        execute = type(self.env.cr).execute

        def refuse(cr, query, *args, **kwargs):
            if "btree_gist" in str(query):
                raise psycopg2.errors.InsufficientPrivilege("permission denied")
            return execute(cr, query, *args, **kwargs)

        with (
            patch.object(type(self.env.cr), "execute", refuse),
            self.assertRaisesRegex(UserError, "CREATE EXTENSION"),
        ):
            require_btree_gist(self.env)
