from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from ..models import prm_conflict_search
from .common import DealCase


class TestConflictSearch(DealCase):
    """Where conflicts are looked for, and by which keys."""

    def _find(self, record, *sources):
        rows = self.env["prm.conflict.search"]._find(record, *([sources] if sources else []))
        return {(source, other): result["severity"] for _own, source, other, result in rows}

    def _lead(self, **values):
        return self.env["crm.lead"].create(
            {"type": "opportunity", "name": "Lead", "country_id": self.country.id, **values}
        )

    def _invoice(self, customer, day="2030-01-15", **values):
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "journal_id": journal.id,
                "invoice_date": day,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 100.0})],
                **values,
            }
        )
        move.action_post()
        return move

    def test_name_that_is_spelt_otherwise(self):
        lead = self._lead(partner_name="Siebenhaar Präzisionstechnik AG")
        for name in ("Sibenhaar Praezisionstechnik", "Präzisionstechnik Siebenhaar GmbH & Co. KG"):
            deal = self._draft(
                customer_name=name, customer_website="", customer_email="a@gmail.com"
            )
            with self.subTest(name=name):
                found = self._find(deal, "opportunity")
                self.assertEqual(found, {("opportunity", lead.id): "review"})

    def test_name_in_another_script(self):
        lead = self._lead(partner_name="ООО «Северсталькон»")
        deal = self._draft(
            customer_name="Severstalkon LLC", customer_website="", customer_email="a@gmail.com"
        )
        self.assertIn(("opportunity", lead.id), self._find(deal))

    def test_address_and_a_part_of_the_name(self):
        reserved = self.env["prm.account.reservation"].create(
            {"name": "Elbtal", "zip": "01067", "street": "Ostra-Allee 9"}
        )
        lead = self._lead(partner_name="Elbtal Logistik", zip="01067", street="Ostraallee 9")
        self.assertEqual(
            self._find(lead, "reservation"), {("reservation", reserved.id): "review"}
        )

    def test_customer_that_was_invoiced(self):
        customer = self.env["res.partner"].create(
            {"name": "Globex GmbH", "is_company": True, "website": "globex.com"}
        )
        deal = self._draft()
        self.assertFalse(self._find(deal, "customer"))
        with freeze_time("2030-02-01"):
            self._invoice(customer)
            self.assertEqual(self._find(deal, "customer"), {("customer", customer.id): "block"})
        with freeze_time("2032-01-14"):
            self.assertTrue(self._find(deal, "customer"))
        with freeze_time("2032-01-16"):
            self.assertFalse(self._find(deal, "customer"))
        self.company.prm_conflict_customer_months = 0
        with freeze_time("2030-02-01"):
            self.assertFalse(self._find(deal, "customer"))

    def test_customer_that_the_partner_brought(self):
        deal = self._register()
        customer = self.env["res.partner"].create(
            {"name": "Globex GmbH", "is_company": True, "website": "globex.com"}
        )
        self._invoice(customer, day=date.today(), registration_id=deal.id)
        again = self._register(category_id=self.hardware.id)
        known = again.conflict_ids.filtered("other_customer_id")
        self.assertEqual((known.source, known.severity, known.is_own), ("customer", "info", True))
        rival = self._register(self.rival_user)
        known = rival.conflict_ids.filtered("other_customer_id")
        self.assertEqual((known.severity, known.is_own), ("block", False))

    def test_the_partner_itself_is_no_conflict(self):
        self.partner.write({"website": "northpole.com", "is_company": True})
        self._invoice(self.partner, day=date.today())
        deal = self._register(name="northpole")
        self.assertFalse(deal.conflict_ids.filtered("other_customer_id"))

    def test_reserved_account(self):
        reserved = self.env["prm.account.reservation"].create(
            {"name": "Globex", "website": "globex.com", "date_end": "2030-06-30"}
        )
        deal = self._draft()
        with freeze_time("2030-06-30"):
            self.assertEqual(
                self._find(deal, "reservation"), {("reservation", reserved.id): "block"}
            )
        with freeze_time("2030-07-01"):
            self.assertFalse(self._find(deal, "reservation"))

    def test_account_that_is_named_for_the_partner(self):
        self.env["prm.account.reservation"].create(
            {
                "name": "Globex",
                "website": "globex.com",
                "kind": "named",
                "partner_id": self.partner.id,
            }
        )
        deal = self._register()
        self.assertEqual(deal.conflict_ids.severity, "info")
        self.assertEqual(deal.state, "approved")
        conflict = self._register(self.rival_user).conflict_ids.filtered("other_reservation_id")
        self.assertEqual((conflict.severity, conflict.other_partner_id), ("block", self.partner))
        self.assertIn("reserved", conflict.description)

    def test_reservation_of_another_product(self):
        self.env["prm.account.reservation"].create(
            {"name": "Globex", "website": "globex.com", "category_id": self.hardware.id}
        )
        deal = self._register(category_id=self.software.id)
        self.assertEqual(deal.conflict_ids.severity, "info")

    @mute_logger("odoo.sql_db")
    def test_reservation_makes_sense(self):
        values = {"name": "Globex"}
        for wrong in ({"kind": "named"}, {"date_start": "2030-02-01", "date_end": "2030-01-01"}):
            with self.subTest(wrong=wrong), self.assertRaises(CheckViolation):
                self.env["prm.account.reservation"].create({**values, **wrong})

    def test_more_matches_than_a_list_shows(self):
        leads = self.env["crm.lead"].create(
            [
                {"type": "opportunity", "name": f"L{n}", "email_from": f"x{n}@globex.com"}
                for n in range(60)
            ]
        )
        found = self._find(self._draft(), "opportunity")
        self.assertEqual({other for _source, other in found}, set(leads.ids))

    def test_key_that_says_nothing_any_more(self):
        self.patch(prm_conflict_search, "VAGUE_LIMIT", 3)
        deal = self._draft(
            customer_name="Siebenhar", customer_website="", customer_email="a@gmail.com"
        )
        leads = self._lead(partner_name="Siebenhaar")
        self.assertTrue(self._find(deal, "opportunity"))
        for _number in range(3):
            leads |= self._lead(partner_name="Siebenhaar")
        self.assertFalse(self._find(deal, "opportunity"))
        # An equal name is no vague key.
        deal.customer_name = "Siebenhaar AG"
        self.assertEqual(len(self._find(deal, "opportunity")), 4)

    def test_domain_that_many_companies_have(self):
        names = ["Amber", "Birch", "Cedar", "Dahlia", "Elder", "Fern", "Ginkgo"]
        for name in names:
            self._lead(partner_name=name, website="webhost-south.com")
        deal = self._draft(
            customer_name="Hazel",
            customer_website="webhost-south.com",
            customer_email="a@gmail.com",
        )
        self.assertEqual(set(self._find(deal, "opportunity").values()), {"info"})

    def test_salesperson_sees_that_a_partner_registered(self):
        deal = self._register(customer_name="Siebenhaar Präzisionstechnik GmbH")
        lead = self._lead(partner_name="Sibenhaar Präzisionstechnik", user_id=self.env.uid)
        self.assertIn(deal.name, lead.prm_conflict_notice)
        self.assertIn(self.partner.name, lead.prm_conflict_notice)
        self.assertEqual(lead.prm_rival_registration_ids, deal)
        self.assertEqual(lead.action_prm_view_rivals()["domain"], [("id", "in", deal.ids)])
        lead.partner_assigned_id = self.partner
        lead.invalidate_recordset(["prm_conflict_notice"])
        self.assertFalse(lead.prm_conflict_notice)
        self.assertFalse(deal.lead_id.prm_conflict_notice)

    def test_notice_while_the_lead_is_typed(self):
        deal = self._register()
        with Form(self.env["crm.lead"]) as form:
            form.name = "New"
            form.website = "https://globex.com"
            self.assertIn(deal.name, form.prm_conflict_notice)

    def test_portal_learns_nothing_of_conflicts_of_its_lead(self):
        lead = self._register().lead_id
        fields = ["prm_conflict_notice", "prm_rival_registration_ids", "key_name_block"]
        for name in fields:
            with self.subTest(field=name), self.assertRaises(AccessError):
                lead.with_user(self.sales_user).read([name])

    def test_rights_to_reservations_and_tests(self):
        values = {"name": "Globex"}
        reservations = self.env["prm.account.reservation"]
        reserved = reservations.with_user(self.program_manager).create(values)
        self.assertTrue(reserved.with_user(self.manager).read(["name"]))
        for user, right in (
            (self.manager, "write"),
            (self.sales_user, "read"),
            (self._new_salesperson(), "read"),
        ):
            with self.subTest(user=user.login):
                self.assertFalse(reserved.with_user(user).has_access(right))
        with self.assertRaises(AccessError):
            self.env["prm.conflict.test"].with_user(self.manager).create({})

    def _new_salesperson(self):
        """A salesperson without rights in partner programs."""
        return self.env["res.users"].create(
            {
                "name": "Sal",
                "login": "sal@conflict.example",
                "group_ids": [Command.set(self.env.ref("sales_team.group_sale_salesman").ids)],
            }
        )

    def test_reservation_of_another_company(self):
        other = self.env["res.company"].create({"name": "B"})
        reserved = self.env["prm.account.reservation"].create(
            {"name": "Globex", "website": "globex.com", "company_id": other.id}
        )
        self.assertFalse(self._find(self._draft(), "reservation"))
        user = self.program_manager
        self.assertFalse(
            self.env["prm.account.reservation"].with_user(user).search([("id", "=", reserved.id)])
        )

    def test_try_two_companies(self):
        test = self.env["prm.conflict.test"].with_user(self.program_manager).create(
            {
                "name_a": "Müller Bau",
                "name_b": "Bau Mueller GmbH",
                "phone_a": "030 901820",
                "phone_b": "+49 30 901820",
                "country_a_id": self.country.id,
                "country_b_id": self.country.id,
            }
        )
        self.assertEqual((test.score, test.severity), (92, "block"))
        self.assertEqual(
            [(line.points, line.weight) for line in test.line_ids], [(75, 75), (70, 70)]
        )
        swapped = test.with_context(**test.action_swap()["context"])
        with Form(swapped.browse()) as form:
            self.assertEqual((form.name_a, form.score), ("Bau Mueller GmbH", 92))
            self.assertEqual(len(form.line_ids), 2)

    def test_thresholds_are_data(self):
        compare = self.env["prm.conflict.rule"]._compare
        sides = {"website": "acme.com"}, {"website": "acme.com"}
        self.assertEqual(compare(*sides)["severity"], "block")
        threshold = self.env.ref("prm_deal_registration.prm_conflict_threshold_block")
        threshold.score = 95
        self.assertEqual(compare(*sides)["severity"], "review")
        threshold.unlink()
        self.assertEqual(compare(*sides)["severity"], "review")
