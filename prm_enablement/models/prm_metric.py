from odoo import models
from odoo.fields import Domain


class PrmMetric(models.Model):
    _inherit = "prm.metric"

    def _measure_certified_people(self, partners, date_from, date_to, company):
        """People of the partner who hold at least one credential on ``date_to``.

        It is a level, not a flow: the beginning of the period does not matter.
        """
        # sudo: only a count per partner leaves this method, and its callers have checked who asks.
        groups = (
            self.env["prm.credential"]
            .sudo()
            ._read_group(
                self._get_certified_people_domain(partners, date_to, company),
                ["company_partner_id"],
                ["partner_id:count_distinct"],
            )
        )
        return {partner.id: count for partner, count in groups}

    def _get_certified_people_domain(self, partners, date_to, company):
        return (
            Domain("company_partner_id", "in", partners.ids)
            & Domain("company_id", "in", (False, company.id))
            & Domain("date_start", "<=", date_to)
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", date_to))
            & (Domain("date_revoked", "=", False) | Domain("date_revoked", ">", date_to))
        )
