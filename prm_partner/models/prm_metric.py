from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.measures import sum_up

# Whose facts count for a partner.
SCOPES = [
    ("own", "The partner itself"),
    ("children", "With companies below it"),
    ("resellers", "With companies below it and resellers it supplies"),
]


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
    def _measure(self, code, partners, date_from, date_to, company, currency=None, scope="own"):
        """Compute one metric for many partners at once.

        An add-on provides a metric as ``_measure_<code>(partners, date_from, date_to, company)``,
        which returns ``{partner_id: value}``: a value is a float or one of ``tools.measures``, and
        partners without facts may be missing. Money is in ``_get_currency(company)``.

        :param str code: code of the metric
        :param partners: commercial partners (``res.partner``)
        :param date_from: first day, inclusive, or None for all time
        :param date_to: last day, inclusive
        :param company: ``res.company`` whose facts count
        :param currency: ``res.currency`` of money, by default the company's; each fact is
            converted at the rate of its own day
        :param str scope: whose facts count for a partner, one of ``SCOPES``
        :return: ``{partner_id: float}`` with a value for each of ``partners``
        :raise UserError: no installed add-on computes the metric
        """
        measure = getattr(
            self.with_context(prm_metric_currency=currency.id if currency else False),
            f"_measure_{code}",
            None,
        )
        if measure is None:
            raise UserError(
                self.env._(
                    "The metric “%(code)s” is not computed by any installed add-on."
                    " Archive it or remove it from the tier requirements.",
                    code=code,
                )
            )
        reach = self._get_reach(partners, scope, company)
        counted = partners.browse(set().union(*reach.values()))
        found = measure(counted, date_from, date_to, company) if counted else {}
        return {
            partner_id: float(sum_up(found[member] for member in members if member in found))
            for partner_id, members in reach.items()
        }

    @api.model
    def _get_currency(self, company):
        """Currency of the money that is being measured."""
        currency_id = self.env.context.get("prm_metric_currency")
        return self.env["res.currency"].browse(currency_id) if currency_id else company.currency_id

    @api.model
    def _get_reach(self, partners, scope, company):
        """The partners whose facts count for each of ``partners``.

        :return: ``{partner_id: ids}``, in the order of ``partners``
        """
        if scope == "own" or not partners:
            return {partner_id: [partner_id] for partner_id in partners.ids}
        resellers = SQL(
            """UNION ALL
               SELECT partner_id FROM prm_membership
                WHERE distributor_id = reach.member AND state != 'ended' AND company_id = %s""",
            company.id,
        )
        query = SQL(
            """
            WITH RECURSIVE reach(root, member) AS (
                SELECT id, id FROM res_partner WHERE id = ANY(%s)
                UNION
                SELECT reach.root, below.id FROM reach CROSS JOIN LATERAL (
                    SELECT id FROM res_partner WHERE parent_id = reach.member AND is_company
                    %s
                ) below
            )
            SELECT root, array_agg(member) FROM reach GROUP BY root
            """,
            partners.ids,
            resellers if scope == "resellers" else SQL(),
        )
        self.env["res.partner"].flush_model(["parent_id", "is_company"])
        self.env["prm.membership"].flush_model()
        found = dict(self.env.execute_query(query))
        return {partner_id: found[partner_id] for partner_id in partners.ids}

    @api.model
    def _get_date_domain(self, field, date_from, date_to):
        """Domain for ``field`` within the inclusive period; ``date_from`` may be None."""
        domain = Domain(field, "<=", date_to)
        return domain & Domain(field, ">=", date_from) if date_from else domain

    @api.model
    def _render_measured(self, measured, currency):
        """A table of stored results, as ``tools.review.Requirement.progress`` gives them.

        :param measured: list of dicts, or None; the name of a metric is that of today
        :param currency: ``res.currency`` of money
        """
        codes = [line.get("code") for line in measured or []]
        metrics = self.with_context(active_test=False).search([("code", "in", codes)])
        names = {metric.code: metric.name for metric in metrics}
        periods = self.env["prm.tier.requirement"]._get_periods()
        return self.env["ir.qweb"]._render(
            "prm_partner.tier_measured",
            {
                "lines": [
                    {
                        **line,
                        "metric": names.get(line.get("code"), line.get("metric")),
                        "period": periods.get(line.get("window")),
                    }
                    for line in measured or []
                ],
                "show": lambda line, name: self.env["prm.membership"]._format_measured(
                    line, line.get(name, 0.0), currency
                ),
            },
        )

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
