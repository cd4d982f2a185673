import re

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tests.common import JsonRpcException

from .common import PDF, PortalCase

UNKNOWN = 2**31 - 1


@tagged("post_install", "-at_install")
class TestIsolation(PortalCase):
    """A partner learns nothing of another one, not even that a record exists."""

    def _get_foreign_pages(self):
        return [
            ("/my/deals/%s", self.rival_deal.id),
            ("/my/deals/%s/edit", self.rival_deal.id),
            ("/my/deals/%s/attachment/1", self.rival_deal.id),
            ("/my/statements/%s", self.rival_statement.id),
            ("/my/statements/%s/pdf", self.rival_statement.id),
        ]

    def _strip(self, text, record_id):
        """The page without what differs at each call: tokens, and the number that was asked for."""
        text = re.sub(r'csrf_token: "[^"]*"|name="csrf_token" value="[^"]*"', "", text)
        return re.sub(rf"\b({record_id}|{UNKNOWN})\b", "ID", text)

    def test_foreign_id_answers_like_unknown_id(self):
        self._login(self.people["admin"])
        for path, record_id in self._get_foreign_pages():
            with self.subTest(path=path):
                foreign, unknown = self._get(path % record_id, 404), self._get(path % UNKNOWN, 404)
                self.assertEqual(
                    self._strip(foreign, record_id), self._strip(unknown, record_id)
                )

    def test_posts_to_foreign_records(self):
        state = self.rival_deal.state
        self._login(self.people["admin"])
        token = self._get_form("/my/deals/new", "/my/deals/new")["csrf_token"]
        for path in (
            f"/my/deals/{self.rival_deal.id}/withdraw",
            f"/my/deals/{self.rival_deal.id}/edit",
            f"/my/statements/{self.rival_statement.id}/confirm",
        ):
            with self.subTest(path=path):
                response = self._post(path, {"csrf_token": token})
                self.assertEqual(response.status_code, 404)
        self.assertEqual(self.rival_deal.state, state)
        self.assertEqual(self.rival_statement.state, "sent")

    def test_huge_ids(self):
        self._login(self.people["admin"])
        for path, _record_id in self._get_foreign_pages():
            self._get(path % (10**30), 404)

    def test_lists_show_own_records_only(self):
        self._login(self.people["admin"])
        for path in ("/my/partner", "/my/deals", "/my/credentials", "/my/commissions"):
            page = self._get(path)
            for text in (
                self.rival.name,
                self.rival_deal.customer_name,
                self.rival_deal.name,
                self.rival_credential.name,
                "135.00",
            ):
                self.assertNotIn(text, page, path)
        self.assertNotIn(self.rival_statement.name, self._get("/my/statements"))

    def test_search_finds_nothing_of_a_rival(self):
        self._login(self.people["sales"])
        self.assertIn("No deal matches", self._get("/my/deals?search=umbrella"))

    def test_conflict_tells_own_data_only(self):
        self._login(self.people["sales"])
        deal = self._register(name="umbrella", customer_name="Umbrella Again")
        self.assertTrue(deal.has_conflict)
        page = self._get(f"/my/deals/{deal.id}")
        self.assertIn(deal.conflict_hint.split("\n")[0][:20], page)
        for text in (self.rival.name, self.rival_deal.name, self.rival_deal.customer_name):
            self.assertNotIn(text, page)
        self._login(self.rival_user)
        page = self._get(f"/my/deals/{self.rival_deal.id}")
        self.assertNotIn("Umbrella Again", page)
        self.assertNotIn("alert-warning", page)

    def test_files_of_staff_stay_inside(self):
        """What staff attach to an internal note is on the same record, but not for the partner."""
        own = self.deal.with_user(self.people["sales"]).sudo()._attach("offer.pdf", PDF)
        internal = self.env["ir.attachment"].create(
            {
                "name": "margin.pdf",
                "raw": PDF,
                "res_model": self.deal._name,
                "res_id": self.deal.id,
            }
        )
        self._login(self.people["technical"])
        page = self._get(f"/my/deals/{self.deal.id}")
        self.assertIn("offer.pdf", page)
        self.assertNotIn("margin.pdf", page)
        self._get(f"/my/deals/{self.deal.id}/attachment/{own.id}")
        self._get(f"/my/deals/{self.deal.id}/attachment/{internal.id}", 404)
        self._login(self.rival_user)
        self._get(f"/my/deals/{self.deal.id}/attachment/{own.id}", 404)
        self._get(f"/my/deals/{self.rival_deal.id}/attachment/{own.id}", 404)
        self._login(self.customer_user)
        self._get(f"/my/deals/{self.deal.id}/attachment/{own.id}", 404)

    def _fetch_messages(self, deal, **params):
        return self.make_jsonrpc_request(
            "/mail/chatter_fetch",
            {"thread_model": deal._name, "thread_id": deal.id, **params},
        )

    def test_chatter_hides_notes(self):
        self.deal.message_post(body="Margin is 40 percent", subtype_xmlid="mail.mt_note")
        self.deal.message_post(
            body="Welcome aboard", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self._login(self.people["sales"])
        answer = str(self._fetch_messages(self.deal))
        self.assertIn("Welcome aboard", answer)
        self.assertNotIn("Margin", answer)
        self._login(self.rival_user)
        self.assertNotIn("Welcome aboard", str(self._fetch_messages(self.deal)))

    def test_chatter_post(self):
        values = {
            "thread_model": self.deal._name,
            "thread_id": self.deal.id,
            "post_data": {"body": "When do you decide?", "message_type": "comment"},
        }
        self._login(self.people["sales"])
        self.make_jsonrpc_request("/mail/message/post", values)
        message = self.deal.message_ids[:1]
        self.assertIn("When do you decide?", message.body)
        self.assertEqual(message.author_id, self.contact)
        self._login(self.rival_user)
        with self.assertRaises(JsonRpcException), self.assertLogs("odoo.http", "WARNING"):
            self.make_jsonrpc_request("/mail/message/post", values)
        self.assertEqual(self.deal.message_ids[:1], message)

    def test_tokens_open_no_chatter(self):
        """Deals have no access token; a made-up one is refused without an error."""
        thread = self.deal.with_user(self.rival_user)
        self.assertFalse(thread._get_thread_with_access(self.deal.id, token="x"))
        self.assertFalse(thread._get_thread_with_access(self.deal.id, hash="x", pid=1))
        own = self.deal.with_user(self.people["sales"])
        self.assertTrue(own._get_thread_with_access(self.deal.id, token="x"))

    def test_mail_link_leads_to_the_portal(self):
        self._login(self.people["sales"])
        response = self.url_open(
            f"/mail/view?model={self.deal._name}&res_id={self.deal.id}", allow_redirects=False
        )
        self.assertTrue(response.headers["Location"].endswith(f"/my/deals/{self.deal.id}"))

    def _count_money(self, user):
        models = ("account.move", "account.move.line", "sale.order", "sale.order.line", "crm.lead")
        return [self.env[model].with_user(user).search_count([]) for model in models]

    def test_roles_without_money_see_no_documents(self):
        self._new_money_documents(self.partner)
        technical, sales = self.people["technical"], self.people["sales"]
        self.assertEqual(self._count_money(technical), [0] * 5)
        self.assertTrue(all(self._count_money(sales)), self._count_money(sales))
        # A new role counts at once.
        technical.group_ids = self.env.ref("prm_partner.group_partner_finance")
        self.assertTrue(all(self._count_money(technical)))
        technical.group_ids = self.env.ref("prm_partner.group_partner_marketing")
        self.assertEqual(self._count_money(technical), [0] * 5)

    def test_money_of_customers_and_staff_stays(self):
        customer = self.customer_user.partner_id
        self._new_money_documents(customer)
        self.assertTrue(all(self._count_money(self.customer_user)))
        self.assertTrue(all(self._count_money(self.env.ref("base.user_admin"))))

    def _new_money_documents(self, partner):
        """An invoice, an order and an opportunity that stock Odoo shows to the partner's people."""
        product = self.env["product.product"].create({"name": "Widget"})
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [Command.create({"product_id": product.id, "price_unit": 10.0})],
            }
        )
        order.action_confirm()
        invoice = self._new_invoice(self.deal)
        account = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company.ids)], limit=1
        )
        invoice.write(
            {
                "partner_id": partner.id,
                "invoice_line_ids": [
                    Command.create({"name": "A", "price_unit": 10.0, "account_id": account.id})
                ],
            }
        )
        invoice.action_post()
        invoice.message_subscribe(partner.ids)
        order.message_subscribe(partner.ids)
        self.env["crm.lead"].create(
            {"name": "Lead", "type": "opportunity", "partner_assigned_id": partner.id}
        )
