from datetime import timedelta

from odoo import api, fields, models

DECIDED_FOR_PARTNER = ("approved", "won", "lost", "expired", "withdrawn")


class PrmMetric(models.Model):
    _inherit = "prm.metric"

    @api.model
    def _measure_deals_registered(self, partners, date_from, date_to, company):
        """Deals handed in, whatever became of them."""
        domain = self._get_day_domain("date_submitted", date_from, date_to)
        return self._count_deals(domain, partners, company)

    @api.model
    def _measure_deals_approved(self, partners, date_from, date_to, company):
        """Deals approved, by the day of approval."""
        domain = self._get_date_domain("date_protected_from", date_from, date_to)
        domain &= fields.Domain("state", "in", DECIDED_FOR_PARTNER)
        return self._count_deals(domain, partners, company)

    @api.model
    def _measure_deals_won(self, partners, date_from, date_to, company):
        """Deals with a confirmed order, by the day of the first confirmation."""
        domain = self._get_date_domain("date_won", date_from, date_to)
        return self._count_deals(domain & fields.Domain("state", "=", "won"), partners, company)

    @api.model
    def _count_deals(self, domain, partners, company):
        scope = [("partner_id", "in", partners.ids), ("company_id", "=", company.id)]
        # sudo: only a count per partner leaves this method, and its callers have checked who asks.
        groups = (
            self.env["prm.deal.registration"]
            .sudo()
            ._read_group(fields.Domain(domain) & fields.Domain(scope), ["partner_id"], ["__count"])
        )
        return {partner.id: count for partner, count in groups}

    @api.model
    def _get_pipeline_paths(self):
        """An opportunity also counts for the partner whose claim on it was approved."""
        return [*super()._get_pipeline_paths(), "prm_partner_id"]

    @api.model
    def _get_touch_queries(self, partners, date_to, company):
        """What staff write about a deal is a touch as well."""
        deals = self._get_touch_document("prm.deal.registration", partners, company)
        end = fields.Datetime.to_datetime(date_to + timedelta(days=1))
        query = self._get_message_query(*deals, end)
        return [*super()._get_touch_queries(partners, date_to, company), query]
