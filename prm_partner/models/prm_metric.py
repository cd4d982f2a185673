from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class PrmMetric(models.Model):
    _name = "prm.metric"
    _description = "Partner Metric"
    _order = "name, id"

    code = fields.Char(required=True, help="Technical name that an add-on computes.")
    name = fields.Char(required=True, translate=True)
    unit = fields.Selection(
        [("money", "Money"), ("count", "Count"), ("percent", "Percent"), ("score", "Score")],
        required=True,
        default="count",
    )
    direction = fields.Selection(
        [("up", "Higher is better"), ("down", "Lower is better")], required=True, default="up"
    )
    description = fields.Char(translate=True)
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "There is already a metric with this code.")

    @api.model
    def _measure(self, code, partners, date_from, date_to, company):
        """Compute one metric for many partners at once.

        :param str code: code of the metric; an add-on provides it as ``_measure_<code>``
        :param partners: commercial partners (``res.partner``)
        :param date_from: first day, inclusive, or None for all time
        :param date_to: last day, inclusive
        :param company: ``res.company``; money is in its currency
        :return: ``{partner_id: float}`` with a value for each of ``partners``
        :raise UserError: no installed add-on computes the metric
        """
        measure = getattr(self, f"_measure_{code}", None)
        if measure is None:
            raise UserError(
                self.env._(
                    "The metric “%(code)s” is not computed by any installed add-on."
                    " Archive it or remove it from the tier requirements.",
                    code=code,
                )
            )
        found = measure(partners, date_from, date_to, company) if partners else {}
        return {partner.id: float(found.get(partner.id, 0.0)) for partner in partners}

    @api.model
    def _get_date_domain(self, field, date_from, date_to):
        """Domain for ``field`` within the inclusive period; ``date_from`` may be None."""
        domain = Domain(field, "<=", date_to)
        return domain & Domain(field, ">=", date_from) if date_from else domain

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
        groups = self.env["account.move"].sudo()._read_group(
            domain, ["commercial_partner_id"], ["amount_untaxed_signed:sum"]
        )
        return {partner.id: amount for partner, amount in groups}
