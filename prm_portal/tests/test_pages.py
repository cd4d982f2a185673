from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import PortalCase

EVERYBODY = ("admin", "sales", "technical", "finance")
REGISTER = "//main//a[@href='/my/deals/new']"
# Page → roles that it exists for.
PAGES = {
    "/my/partner": EVERYBODY,
    "/my/deals": EVERYBODY,
    "/my/credentials": EVERYBODY,
    "/my/agreements": EVERYBODY,
    "/my/announcements": EVERYBODY,
    "/my/deals/new": ("admin", "sales"),
    "/my/commissions": ("admin", "finance"),
    "/my/statements": ("admin", "finance"),
    "/my/partner/people": ("admin",),
}


@tagged("post_install", "-at_install")
class TestPages(PortalCase):
    def _get_pages(self):
        return {
            **PAGES,
            f"/my/deals/{self.deal.id}": EVERYBODY,
            f"/my/statements/{self.statement.id}": ("admin", "finance"),
        }

    def test_pages_by_role(self):
        for role, user in self.people.items():
            self._login(user)
            for path, roles in self._get_pages().items():
                with self.subTest(role=role, path=path):
                    self._get(path, 200 if role in roles else 404)

    def test_customer_has_no_partner_pages(self):
        self._login(self.customer_user)
        for path in self._get_pages():
            with self.subTest(path=path):
                self._get(path, 404)
        self.assertNotIn("/my/partner", self._get("/my"))

    def test_public_is_asked_to_sign_in(self):
        self._login(None)
        for path in self._get_pages():
            with self.subTest(path=path):
                response = self.url_open(path, allow_redirects=False)
                self.assertEqual(response.status_code, 303)
                self.assertIn("/web/login", response.headers["Location"])

    def test_home_cards(self):
        self._login(self.people["admin"])
        page = self._get("/my")
        for path in ("/my/partner", "/my/deals", "/my/credentials", "/my/statements"):
            self.assertIn(f'href="{path}"', page)

    def test_counters(self):
        self._login(self.people["technical"])
        names = ["prm_deal_count", "prm_credential_count", "prm_statement_count"]
        counters = self.make_jsonrpc_request("/my/counters", {"counters": names})
        self.assertEqual(counters["prm_deal_count"], 1)
        self.assertEqual(counters["prm_credential_count"], 1)
        self.assertNotIn("prm_statement_count", counters)
        self._login(self.customer_user)
        counters = self.make_jsonrpc_request("/my/counters", {"counters": names})
        self.assertFalse(set(names) & counters.keys())

    def test_partner_home_content(self):
        self._login(self.people["admin"])
        page = self._get("/my/partner")
        self.assertIn("Acme Partners", page)
        self.assertIn("Gold", page)
        self.assertIn(self.deal.name, page)
        self.assertIn(self.contact.name, page)
        self.assertIn(f"mailto:{self.manager.email}", page)
        self.assertIn(f"/my/deals?filterby={self.deal.state}", page)
        self.assertIn("246.00", page)

    def _get_benefits(self, role):
        self._login(self.people[role])
        page = self._parse(self._get("/my/partner"))
        lines = page.xpath("//dl[contains(@class, 'o_prm_benefits')]/div")
        return {line.xpath("string(dt)"): line.xpath("string(dd)") for line in lines}

    def test_benefits_of_the_tier(self):
        today = fields.Date.today()
        benefits = self.env["prm.tier.benefit"]
        benefits.search([]).unlink()
        tier = self.membership.grade_id
        benefits.create(
            [
                {"grade_id": tier.id, "kind": kind, "annual_cost": 777.0, **values}
                for kind, values in (
                    ("protection_days", {"value": 45}),
                    ("support_sla", {"text": "Within 4 hours"}),
                    ("lead_weight", {"value": 9}),
                    ("content", {"text": "Not yet", "date_from": today + timedelta(days=1)}),
                )
            ]
        )
        expected = {"Protection of deals (days)": "45", "Support": "Within 4 hours"}
        for role in EVERYBODY:
            with self.subTest(role=role):
                self.assertEqual(self._get_benefits(role), expected)
        self.membership.action_suspend("Unpaid")
        self.assertFalse(self._get_benefits("admin"))

    def test_suspended_membership_says_why(self):
        self.membership.action_suspend("Invoices are unpaid")
        self._login(self.people["admin"])
        for address in ("/my/partner", "/my/deals", "/my/deals/new"):
            with self.subTest(address=address):
                page = self._get(address)
                self.assertIn("is suspended: Invoices are unpaid", page)
                self.assertFalse(self._parse(page).xpath(REGISTER))

    def test_at_risk_membership_may_register(self):
        self.membership.sudo().state = "at_risk"
        self._login(self.people["admin"])
        page = self._get("/my/partner")
        self.assertIn("is at risk", page)
        self.assertTrue(self._parse(page).xpath(REGISTER))

    def test_partner_without_membership(self):
        self.membership.action_end("Merged with another company")
        self._login(self.people["admin"])
        page = self._get("/my/partner")
        self.assertIn("no open membership", page)
        self.assertIn("Merged with another company", page)
        self.assertIn(self.deal.name, self._get("/my/deals"))

    def test_people_and_roles(self):
        without = self.env["res.partner"].create(
            {"name": "No Account", "parent_id": self.partner.id}
        )
        self._login(self.people["admin"])
        page = self._get("/my/partner/people")
        for user in self.people.values():
            self.assertIn(user.name, page)
        self.assertIn(without.name, page)
        self.assertIn("Technical", page)
        self.assertNotIn(self.rival_contact.name, page)

    def test_way_to_the_next_tier(self):
        """What is missing, by when, and until when a tier at risk is kept."""
        self.env["prm.tier.requirement"].create(
            {
                "grade_id": self.platinum.id,
                "metric_id": self.env.ref("prm_partner.prm_metric_revenue").id,
                "threshold": 777777.0,
                "mode": "points",
                "points": 40,
            }
        )
        self.platinum.points_required = 40
        membership = self.env["prm.membership"].search(
            [("partner_id", "=", self.partner.id), ("is_primary", "=", True)]
        )
        membership._set_tier(self.gold, "Test")
        membership.write({"last_review_date": "2029-02-03", "state": "at_risk"})
        membership.write({"at_risk_since": "2029-05-04", "grace_until": "2029-06-07"})
        self._login(self.people["admin"])
        page = self._get("/my/partner")
        self.assertIn("40 more points by 02/03/2030 → Platinum", page)
        self.assertIn("06/07/2029", page)

    def test_tier_at_risk_shows_what_keeps_it(self):
        self.env["prm.tier.requirement"].create(
            {
                "grade_id": self.gold.id,
                "metric_id": self.env.ref("prm_partner.prm_metric_revenue").id,
                "threshold": 777777.0,
                "mode": "points",
                "points": 40,
            }
        )
        self.gold.points_required = 40
        membership = self.env["prm.membership"].search(
            [("partner_id", "=", self.partner.id), ("is_primary", "=", True)]
        )
        membership._set_tier(self.gold, "Test")
        membership.write(
            {"state": "at_risk", "at_risk_since": "2029-05-04", "grace_until": "2029-06-07"}
        )
        self._login(self.people["admin"])
        page = self._get("/my/partner")
        self.assertIn("40 more points by 06/07/2029 → Gold", page)
        self.assertIn("of what keeps", page)

    def test_technical_sees_no_amounts(self):
        """Not of deals, not of the tier's money requirements, not of commissions."""
        self.env["prm.tier.requirement"].create(
            {
                "grade_id": self.platinum.id,
                "metric_id": self.env.ref("prm_partner.prm_metric_revenue").id,
                "threshold": 777777.0,
            }
        )
        shown = ("4,321", "4321", "777,777", "777777", "246.00")
        self._login(self.people["admin"])
        self.assertIn("777,777", self._get("/my/partner"))
        self.assertIn("4,321", self._get(f"/my/deals/{self.deal.id}"))
        self._login(self.people["technical"])
        for path in ("/my", "/my/partner", "/my/deals", f"/my/deals/{self.deal.id}"):
            page = self._get(path)
            for text in shown:
                self.assertNotIn(text, page, path)
        self.assertIn("Initech GmbH", self._get("/my/deals?sortby=amount"))

    def test_pages_only_read(self):
        """Read-only routes do not write, even at their first call."""
        self._login(self.people["admin"])
        paths = [*self._get_pages(), "/my/deals/sent/unknown"]
        with self.assertNoLogs("odoo.http", "WARNING"), self.assertNoLogs("odoo.sql_db", "ERROR"):
            for path in paths:
                self.url_open(path)
