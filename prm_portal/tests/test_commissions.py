from unittest.mock import patch

from odoo.tests import tagged

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestCommissions(PortalCase):
    def setUp(self):
        super().setUp()
        self._login(self.people["finance"])

    def test_entries_with_trace(self):
        page = self._get("/my/commissions")
        entry = self.statement.entry_ids
        self.assertIn(self.deal.customer_name, page)
        self.assertIn("246.00", page)
        self.assertIn(entry.trace.splitlines()[0][:12], page)

    def test_filter_by_state(self):
        self._new_entries(self.deal, [17.0])
        self.assertIn("17.00", self._get("/my/commissions?filterby=open"))
        page = self._parse(self._get("/my/commissions?filterby=settled"))
        listed = page.xpath("//*[contains(@class, 'o_prm_list')]")[0].text_content()
        self.assertNotIn("17.00", listed)
        self.assertIn("246.00", listed)
        self._get("/my/commissions?filterby=nothing")

    def test_draft_statement_is_not_shown(self):
        self.statement.state = "draft"
        self.assertNotIn(self.statement.name, self._get("/my/statements"))
        self._get(f"/my/statements/{self.statement.id}", 404)

    def test_confirm(self):
        path = f"/my/statements/{self.statement.id}"
        hidden = self._get_form(path, f"{path}/confirm")
        response = self._post(f"{path}/confirm", hidden)
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.statement.state, "confirmed")
        self.assertEqual(self.statement.confirmed_by_id, self.people["finance"])
        self.assertIn("Confirmed on", self._get(path))
        again = self._post(f"{path}/confirm", hidden)
        self.assertEqual(again.status_code, 422)
        self.assertIn("not possible now", again.text)

    def test_confirm_needs_post_and_token(self):
        path = f"/my/statements/{self.statement.id}/confirm"
        self._get(path, 405)
        with self.assertLogs("odoo.http", "WARNING"):
            self.assertEqual(self._post(path, {"x": "y"}).status_code, 400)
        self.assertEqual(self.statement.state, "sent")

    def test_pdf(self):
        """The route hands over what the report makes of this statement."""
        report = type(self.env["ir.actions.report"])

        def render(self, ref, ids, data=None):
            return f"{ref} {ids}".encode(), "pdf"

        with patch.object(report, "_render_qweb_pdf", render):
            response = self.url_open(f"/my/statements/{self.statement.id}/pdf")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertIn(".pdf", response.headers["Content-Disposition"])
        expected = f"prm_commission.action_report_statement [{self.statement.id}]"
        self.assertEqual(response.text, expected)

    def test_statement_shows_its_entries(self):
        page = self._get(f"/my/statements/{self.statement.id}")
        self.assertIn("246.00", page)
        self.assertIn(self.deal.customer_name, page)
        self.assertNotIn("/my/invoices/", page)

    def test_bill_is_linked_once_posted(self):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner.id,
                "invoice_date": "2026-01-15",
                "prm_settlement_id": self.statement.id,
                "invoice_line_ids": [(0, 0, {"name": "Commission", "price_unit": 246.0})],
            }
        )
        path = f"/my/statements/{self.statement.id}"
        self.assertNotIn(f"/my/invoices/{bill.id}", self._get(path))
        bill.action_post()
        self.assertIn(f"/my/invoices/{bill.id}", self._get(path))
        self.assertIn(bill.name, self._get(f"/my/invoices/{bill.id}"))
