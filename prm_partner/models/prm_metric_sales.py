from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.measures import Ratio


class PrmMetric(models.Model):
    """What the partner buys, and what it is about to buy."""

    _inherit = "prm.metric"

    @api.model
    def _measure_revenue(self, partners, date_from, date_to, company):
        """Net amount invoiced to the partner less credit notes, at the rate of each invoice."""
        domain = self._get_date_domain("invoice_date", date_from, date_to) & Domain(
            [
                ("commercial_partner_id", "in", partners.ids),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "=", "posted"),
                ("company_id", "=", company.id),
            ]
        )
        # sudo: only a sum per partner leaves this method, and its callers have checked who asks.
        moves = self.env["account.move"].sudo()
        query = moves._search(domain)
        amount_fields = (
            "amount_untaxed_signed",
            "amount_untaxed_in_currency_signed",
            "currency_id",
        )
        amount = self._money_to_sql(
            query,
            company,
            date_from,
            date_to,
            moves._field_to_sql(query.table, "invoice_date", query),
            [moves._field_to_sql(query.table, name, query) for name in amount_fields],
        )
        partner = self._partner_to_sql(moves, query, "commercial_partner_id")
        rows = self._group_by_partner(query, partner, SQL("SUM(%s)::float8", amount))
        return dict(rows)

    @api.model
    def _measure_avg_deal_size(self, partners, date_from, date_to, company):
        """Mean net amount of the partner's confirmed orders, at the rate of each order."""
        domain = self._get_day_domain("date_order", date_from, date_to) & Domain(
            [
                ("partner_id.commercial_partner_id", "in", partners.ids),
                ("state", "=", "sale"),
                ("company_id", "=", company.id),
            ]
        )
        # sudo: only a mean per partner leaves this method, and its callers have checked who asks.
        orders = self.env["sale.order"].sudo()
        query = orders._search(domain)
        net, rate, currency, day = (
            orders._field_to_sql(query.table, name, query)
            for name in ("amount_untaxed", "currency_rate", "currency_id", "date_order")
        )
        in_company = SQL("%s / COALESCE(NULLIF(%s, 0), 1)", net, rate)
        amount = self._money_to_sql(
            query, company, date_from, date_to, SQL("%s::date", day), (in_company, net, currency)
        )
        partner = self._partner_to_sql(orders, query, "partner_id.commercial_partner_id")
        rows = self._group_by_partner(
            query, partner, SQL("SUM(%s)::float8", amount), SQL("COUNT(*)")
        )
        return {partner_id: Ratio(total, count) for partner_id, total, count in rows}

    @api.model
    def _measure_pipeline(self, partners, date_from, date_to, company):
        """Expected revenue of the opportunities that are open at the end of ``date_to``.

        It is a level: the beginning of the period does not matter, and money is converted at the
        rate of ``date_to``. An opportunity counts once for a partner, and for each of the partners
        that ``_get_pipeline_paths`` leads to.
        """
        # sudo: only a sum per partner leaves this method, and its callers have checked who asks.
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        domain = self._get_pipeline_domain(date_to, company)
        parts = []
        for path in self._get_pipeline_paths():
            query = leads._search(domain & Domain(path, "in", partners.ids))
            amount = leads._field_to_sql(query.table, "expected_revenue", query)
            partner = self._partner_to_sql(leads, query, path)
            lead = SQL.identifier(query.table, "id")
            parts.append(query.select(lead, SQL("%s AS partner, %s AS amount", partner, amount)))
        union = SQL(" UNION ").join(parts)
        rows = self.env.execute_query(
            SQL("SELECT partner, SUM(amount)::float8 FROM (%s) AS open GROUP BY partner", union)
        )
        factor = self.env["res.currency"]._get_conversion_rate(
            company.currency_id, self._get_currency(company), company, date_to
        )
        return {partner_id: (amount or 0.0) * factor for partner_id, amount in rows}

    @api.model
    def _get_present_codes(self):
        """What an opportunity was worth, and whose it was, on a past day is not known."""
        return super()._get_present_codes() | {"pipeline"}

    @api.model
    def _get_pipeline_domain(self, date_to, company):
        """Opportunities that were open at the end of a day; an add-on can widen or narrow it."""
        end = fields.Datetime.to_datetime(date_to + timedelta(days=1))
        return Domain(
            [
                ("type", "=", "opportunity"),
                ("company_id", "in", (False, company.id)),
                ("create_date", "<", end),
                "|",
                ("date_closed", "=", False),
                ("date_closed", ">=", end),
            ]
        )

    @api.model
    def _get_pipeline_paths(self):
        """Fields of an opportunity that lead to the partners it counts for."""
        return ["partner_id.commercial_partner_id"]
