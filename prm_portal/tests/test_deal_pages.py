from datetime import timedelta

from odoo import fields
from odoo.addons.prm_deal_registration.models.prm_deal_registration import STATES
from odoo.tests import tagged

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestDealPages(PortalCase):
    def setUp(self):
        super().setUp()
        self._login(self.people["sales"])

    def _get_customers(self, query=""):
        """Customers of the deals on the list, in order."""
        page = self._parse(self._get(f"/my/deals{query}"))
        links = page.xpath("//*[contains(@class, 'o_prm_list')]/a")
        return [link.xpath(".//*[contains(@class, 'fw-bold')]")[0].text_content() for link in links]

    def test_unknown_sorting_and_filter_fall_back(self):
        for query in (
            "?sortby=nothing",
            "?filterby=nothing",
            "?sortby=&filterby=",
            "?sortby=amount&sortby=newest",
            "?search=%27%25_%5C%22%3B",
            "?page=abc",
        ):
            with self.subTest(query=query):
                self._get(f"/my/deals{query}")
        self.assertEqual(self._get_customers("?sortby=nothing"), ["Initech GmbH"])

    def test_filter_and_sort(self):
        self._draft(name="abc", amount=1.0)
        self.assertEqual(
            self._get_customers("?sortby=customer"), ["Abc GmbH", "Initech GmbH"]
        )
        self.assertEqual(self._get_customers("?sortby=amount"), ["Initech GmbH", "Abc GmbH"])
        self.assertEqual(self._get_customers("?filterby=draft"), ["Abc GmbH"])
        self.assertEqual(self._get_customers("?filterby=pending"), [])
        self.assertEqual(self._get_customers("?search=initech"), ["Initech GmbH"])
        self.assertEqual(self._get_customers(f"?search={self.deal.name}"), ["Initech GmbH"])

    def test_pages_of_the_list(self):
        self.deals.create(
            [
                {"partner_id": self.partner.id, **self._values(name=f"customer{number:02}")}
                for number in range(24)
            ]
        )
        first = self._get_customers("?sortby=customer&filterby=draft")
        page = self._parse(self._get("/my/deals?sortby=customer&filterby=draft"))
        following = page.xpath("//*[contains(@class, 'pagination')]//a/@href")[-1]
        self.assertIn("sortby=customer", following)
        self.assertIn("filterby=draft", following)
        second = self._get_customers(following.removeprefix("/my/deals"))
        self.assertEqual(len(first), 20)
        self.assertEqual(len(second), 4)
        self.assertFalse(set(first) & set(second))
        self.assertEqual(self._get_customers("/page/999?sortby=customer&filterby=draft"), second)

    def test_empty_list(self):
        self.assertEqual(self._get_customers("?filterby=lost"), [])
        self.assertIn("No deal matches", self._get("/my/deals?filterby=lost"))
        self.assertEqual(self._get_customers("/page/5?filterby=lost"), [])

    def test_nul_in_addresses(self):
        self._get("/my/deals?search=%00")
        self.assertIn(self.deal.customer_name, self._get_customers("?search=%00initech"))
        self._get("/my/deals/sent/a%00b", 303)

    def test_every_state_has_a_page(self):
        for state, label in STATES:
            self.deal.state = state
            with self.subTest(state=state):
                page = self._parse(self._get(f"/my/deals/{self.deal.id}"))
                here = page.xpath("//li[@aria-current='step']")
                self.assertEqual(len(here), 1)
                self.assertIn(label, here[0].text_content())

    def test_clock(self):
        self.deal.write(
            {"state": "in_review", "date_deadline": fields.Datetime.now() + timedelta(days=2)}
        )
        self.assertIn("Decision expected by", self._get(f"/my/deals/{self.deal.id}"))
        self.deal.date_deadline = fields.Datetime.now() - timedelta(days=1)
        self.assertIn("The decision was expected by", self._get(f"/my/deals/{self.deal.id}"))

    def test_decision(self):
        self.deal.write(
            {
                "state": "rejected",
                "reason_id": self.reason.id,
                "decision_note": "Somebody was <b>faster</b>",
            }
        )
        page = self._get(f"/my/deals/{self.deal.id}")
        self.assertIn(self.reason.name, page)
        self.assertIn("Somebody was &lt;b&gt;faster&lt;/b&gt;", page)

    def test_history_names_none_of_our_people(self):
        deal = self._register(name="umbrella", amount=200000)
        deal.with_user(self.manager).action_reject(self.reason.id, "Sorry")
        page = self._parse(self._get(f"/my/deals/{deal.id}"))
        [history] = page.xpath("//section[@aria-label='History']")
        rows = [" ".join(row.text_content().split()) for row in history.xpath(".//li")]
        self.assertEqual(len(rows), 3)
        self.assertRegex(rows[0], f"^Submitted .*, {self.people['sales'].name}$")
        self.assertRegex(rows[2], f"^Rejected .*, {self.company.name}$")
        self.assertNotIn(self.manager.name, history.text_content())

    def test_protection(self):
        today = fields.Date.today()
        self.deal.write(
            {
                "state": "approved",
                "date_protected_from": today - timedelta(days=75),
                "date_protected_until": today + timedelta(days=25),
            }
        )
        page = self._parse(self._get(f"/my/deals/{self.deal.id}"))
        bar = page.xpath("//*[@role='progressbar'][@aria-label='Time used']")[0]
        self.assertEqual(bar.get("aria-valuenow"), "75")
        card = page.xpath("//section[@aria-label='Protection']")[0].text_content()
        self.assertIn("25 days left", " ".join(card.split()))

    def test_withdraw(self):
        path = f"/my/deals/{self.deal.id}"
        hidden = self._get_form(path, f"{path}/withdraw")
        response = self._post(f"{path}/withdraw", hidden)
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.deal.state, "withdrawn")
        self.assertFalse(self._get_form(path, f"{path}/withdraw"))
        again = self._post(f"{path}/withdraw", hidden)
        self.assertEqual(again.status_code, 422)
        self.assertIn("not possible now", again.text)

    def test_withdraw_needs_role_and_post(self):
        path = f"/my/deals/{self.deal.id}"
        state = self.deal.state
        hidden = self._get_form(path, f"{path}/withdraw")
        self._get(f"{path}/withdraw", 405)
        self._login(self.people["technical"])
        page = self._get(path)
        self.assertNotIn("/withdraw", page)
        hidden["csrf_token"] = self._get_csrf_token()
        response = self._post(f"{path}/withdraw", hidden)
        self.assertEqual(response.status_code, 422)
        self.assertEqual(self.deal.state, state)
