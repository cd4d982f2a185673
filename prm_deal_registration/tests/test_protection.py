from datetime import timedelta

import psycopg2
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .common import DealCase


class TestProtection(DealCase):
    def _insert(self, protection, **values):
        """Another protection like this one, past all code."""
        columns = ["registration_id", "partner_id", "company_id", "account_key", "category_id"]
        columns += ["category_path"]
        columns += ["date_start", "date_end", "active"]
        row = {
            "registration_id": protection.registration_id.id,
            "partner_id": self.rival.id,
            "company_id": protection.company_id.id,
            "account_key": protection.account_key,
            "category_id": protection.category_id.id or None,
            "date_start": protection.date_start,
            "date_end": protection.date_end,
            "active": True,
            **values,
        }
        category = self.env["product.category"].browse(row["category_id"] or False)
        row["category_path"] = category.parent_path or None
        self.env.flush_all()
        with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.env.cr.execute(
                f"INSERT INTO prm_deal_protection ({', '.join(columns)})"
                f" VALUES ({', '.join(['%s'] * len(columns))})",
                [row[column] for column in columns],
            )

    def _assert_refused(self, protection, **values):
        with self.assertRaises(psycopg2.errors.ExclusionViolation):
            self._insert(protection, **values)

    def test_keys(self):
        deal = self._register(customer_vat="DE123456788", customer_email="jo@globex.de")
        self.assertEqual(
            sorted(deal.protection_ids.mapped("account_key")),
            ["domain:globex.com", "domain:globex.de", "vat:DE123456788"],
        )
        by_name = self._register(
            customer_name="Initech AG", customer_website="", customer_email="jo@gmail.com"
        )
        self.assertEqual(by_name.protection_ids.mapped("account_key"), ["name:initech|DE"])

    def test_database_refuses_a_second_partner(self):
        self._assert_refused(self._register().protection_ids)

    def test_last_day_counts(self):
        protection = self._register().protection_ids
        day, end = timedelta(days=1), protection.date_end
        self._assert_refused(protection, date_start=end, date_end=end + 9 * day)
        self._insert(protection, date_start=end + day, date_end=end + 9 * day)

    def test_scope(self):
        hardware = self._register(category_id=self.hardware.id).protection_ids
        self._assert_refused(hardware, category_id=None)
        self._insert(hardware, category_id=self.software.id)
        everything = self._register(name="initech").protection_ids
        self._assert_refused(everything, category_id=self.software.id)

    def _new_tree(self):
        """Three levels of categories, and one whose path begins with the same digits."""
        categories = self.env["product.category"]
        top = categories.create({"name": "Networks"})
        middle = categories.create({"name": "Wireless", "parent_id": top.id})
        return top, middle, categories.create({"name": "Antennas", "parent_id": middle.id})

    def test_a_category_protects_those_below(self):
        top, middle, bottom = self._new_tree()
        protection = self._register(category_id=middle.id).protection_ids
        self.assertEqual(protection.category_path, middle.parent_path)
        for overlapping in (top, middle, bottom):
            self._assert_refused(protection, category_id=overlapping.id)
        sibling = self.env["product.category"].create({"name": "Cables", "parent_id": top.id})
        self._insert(protection, category_id=sibling.id)

    def test_rivals_above_and_below(self):
        top, middle, bottom = self._new_tree()
        first = self._register(category_id=middle.id)
        for category in (top, bottom):
            rival = self._register(self.rival_user, category_id=category.id)
            self.assertEqual(rival.state, "in_review")
            with self.assertRaises(UserError) as caught:
                rival.action_approve()
            self.assertIn(first.name, str(caught.exception))
        sibling = self.env["product.category"].create({"name": "Cables", "parent_id": top.id})
        rival = self._register(self.rival_user, category_id=sibling.id)
        self.assertFalse(rival._get_rival_protections())

    @given(st.data())
    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    def test_paths_overlap_as_the_tree_says(self, data):
        path = st.lists(st.integers(1, 120), max_size=3).map(
            lambda ids: "".join(f"{number}/" for number in ids) or None
        )
        one, two = data.draw(path), data.draw(path)
        self.env.cr.execute(
            "SELECT prm_path_range(%(one)s, %(one)s || ':') && prm_path_range(%(two)s, %(two)s"
            " || ':')",
            {"one": one, "two": two},
        )
        short, long = sorted((one or "", two or ""), key=len)
        self.assertEqual(self.env.cr.fetchone()[0], long.startswith(short))

    def test_moving_a_category_into_another_deal_is_refused(self):
        first = self._register(category_id=self.hardware.id)
        second = self._register(self.rival_user, category_id=self.software.id)
        self.assertEqual(second.state, "approved")
        child = self.env["product.category"].create(
            {"name": "Drivers", "parent_id": self.hardware.id}
        )
        with self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
            self.software.parent_id = child
        self.assertIn(first.name, str(caught.exception))
        second.action_withdraw()
        self.software.parent_id = child
        self.env.flush_all()
        self.assertEqual(
            second.with_context(active_test=False).protection_ids.category_path,
            self.software.parent_path,
        )

    def test_what_does_not_overlap(self):
        protection = self._register().protection_ids
        company = self.env["res.company"].create({"name": "B"})
        self._insert(protection, company_id=company.id)
        self._insert(protection, active=False)
        self._insert(protection, partner_id=self.partner.id)
        self._insert(protection, account_key="domain:other.com")

    def test_update_is_refused_too(self):
        protection = self._register().protection_ids
        self._insert(protection, active=False)
        ended = protection.search([("active", "=", False), ("partner_id", "=", self.rival.id)])
        with (
            self.assertRaises(psycopg2.errors.ExclusionViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            ended.active = True
            self.env.flush_all()

    def test_message_of_the_constraint(self):
        protection = self._register().protection_ids
        try:
            self._insert(protection)
        except psycopg2.IntegrityError as error:
            message = self.env["prm.deal.protection"]._sql_error_to_message(error)
        self.assertIn("already protected for another partner", message)

    def test_approval_of_a_protected_customer(self):
        first = self._register()
        rival = self._register(self.rival_user)
        with self.assertRaises(UserError) as caught:
            rival.with_user(self.other_manager).action_approve()
        self.assertIn(first.name, str(caught.exception))
        self.assertEqual(rival.state, "in_review")
        first.with_user(self.manager).action_withdraw()
        rival.with_user(self.other_manager).action_approve()
        self.assertEqual(rival.state, "approved")

    def test_protection_without_conflict_goes_to_review(self):
        """A protection counts although its registration would not match any more."""
        first = self._register()
        first.sudo().write({"customer_website": "renamed.com", "customer_email": "a@renamed.com"})
        first.sudo().customer_name = "Renamed"
        first.lead_id.write({"website": False, "email_from": False, "partner_name": "Renamed"})
        rival = self._register(self.rival_user)
        self.assertFalse(rival.conflict_ids)
        self.assertEqual(rival.state, "in_review")

    def test_notice_for_own_sales(self):
        deal = self._register()
        lead = self.env["crm.lead"].create({"name": "x", "email_from": "new@globex.com"})
        self.assertIn(self.partner.name, lead.prm_protection_notice)
        self.assertFalse(deal.lead_id.prm_protection_notice)
        deal.with_user(self.manager).action_withdraw()
        lead.invalidate_recordset()
        self.assertFalse(lead.prm_protection_notice)
