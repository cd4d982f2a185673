from odoo.exceptions import UserError
from odoo.http import content_disposition, request, route

from .common import PartnerPage

SETTLEMENT = "prm.commission.settlement"


class PartnerStatements(PartnerPage):
    """Commission statements: read, confirm, download."""

    @route(
        ["/my/statements", "/my/statements/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def prm_statements(self, page=1, **_query):
        """List of the statements that the vendor has sent."""
        values = self._get_page_values(
            "prm_statements",
            request.env._("Statements"),
            **self._get_list_values(
                self._get_readable(SETTLEMENT), [], "date_to desc, id desc", "/my/statements", page
            ),
        )
        return request.render("prm_portal.statements", values)

    @route(
        "/my/statements/<int:settlement_id>", type="http", auth="user", website=True, readonly=True
    )
    def prm_statement(self, settlement_id, **_query):
        """One statement with its entries and the bill it became."""
        return self._render_statement(self._get_own(SETTLEMENT, settlement_id))

    @route(
        "/my/statements/<int:settlement_id>/confirm",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def prm_statement_confirm(self, settlement_id, **_post):
        """Agree with the statement, then show it."""
        settlement = self._get_own(SETTLEMENT, settlement_id)
        try:
            with request.env.cr.savepoint():
                settlement.action_confirm()
        except UserError as error:
            return self._render_statement(settlement, error=str(error))
        return request.redirect(f"/my/statements/{settlement.id}")

    @route("/my/statements/<int:settlement_id>/pdf", type="http", auth="user", website=True)
    def prm_statement_pdf(self, settlement_id, **_query):
        """Download the statement as a PDF."""
        settlement = self._get_own(SETTLEMENT, settlement_id)
        # sudo: rendering needs rights on reports; the statement was found by the user's own rules.
        report = request.env["ir.actions.report"].sudo().with_company(settlement.company_id)
        pdf = report._render_qweb_pdf("prm_commission.action_report_statement", settlement.ids)[0]
        file_name = f"{settlement.name.replace('/', '-')}.pdf"
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Length", len(pdf)),
            ("Content-Disposition", content_disposition(file_name)),
        ]
        return request.make_response(pdf, headers=headers)

    def _render_statement(self, settlement, error=None):
        values = self._get_page_values(
            "prm_statement",
            settlement.name,
            crumbs=[(request.env._("Statements"), "/my/statements")],
            statement=settlement,
            entries=settlement.entry_ids,
            bill=self._get_visible_bill(settlement),
            error=error,
        )
        response = request.render("prm_portal.statement", values)
        response.status_code = 422 if error else 200
        return response

    def _get_visible_bill(self, settlement):
        """The vendor bill of the statement, if the user may read it in Odoo's own pages."""
        # sudo: only to find the bill; whether it is shown is decided by the user's own rules.
        bill = settlement.sudo().bill_id
        return request.env["account.move"].search([("id", "=", bill.id)]) if bill else bill
