from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.measures import sum_up

# The periods that a requirement or a snapshot looks back on; see tools/windows.py.
WINDOWS = [
    ("rolling_3", "Last 3 months"),
    ("rolling_6", "Last 6 months"),
    ("rolling_12", "Last 12 months"),
    ("calendar_quarter", "This quarter"),
    ("calendar_year", "This calendar year"),
    ("lifetime", "All time"),
]
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
    snapshot_window = fields.Selection(
        WINDOWS,
        string="History Period",
        required=True,
        default="rolling_12",
        help="The nightly history keeps the value of this period up to each day.",
    )

    _code_uniq = models.Constraint("UNIQUE(code)", "There is already a metric with this code.")

    def action_view_history(self):
        """Open how this metric developed."""
        self.ensure_one()
        actions = self.env["ir.actions.act_window"]
        return {
            **actions._for_xml_id("prm_partner.prm_metric_value_action"),
            "name": self.name,
            "domain": [("metric_id", "=", self.id)],
            "context": {"search_default_last_year": 1},
        }

    def action_fill_history(self):
        """Compute the last days of the past 12 months, so that a new history need not wait."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        days = [today.replace(day=1) - relativedelta(months=back, days=1) for back in range(12)]
        # sudo: only the nightly job and this step write the history.
        history = self.env["prm.metric.value"].sudo()
        for metric in self:
            for day in days:
                history._snapshot(metric, self.env.company, day)

    def write(self, vals):
        for metric in self:
            if "code" in vals and vals["code"] != metric.code and self._get_measure(metric.code):
                raise UserError(
                    self.env._(
                        "“%(metric)s” is computed by its code, which therefore stays. Change the"
                        " name instead.",
                        metric=metric.name,
                    )
                )
        return super().write(vals)

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
        metric = self.with_context(prm_metric_currency=currency.id if currency else False)
        measure = metric._get_measure(code)
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
    def _get_measure(self, code):
        """The method that computes a metric, None if no installed add-on does."""
        return getattr(self, f"_measure_{code}", None)

    @api.model
    def _get_present_codes(self):
        """Codes of the metrics whose facts are known as they are today only.

        Measured for a past day they say less than the history that was kept on that day. An
        add-on adds its own.
        """
        return set()

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
    def _get_day_domain(self, field, date_from, date_to):
        """Like ``_get_date_domain`` for a datetime ``field``; days are those of UTC."""
        domain = Domain(field, "<", fields.Datetime.to_datetime(date_to + timedelta(days=1)))
        if date_from:
            domain &= Domain(field, ">=", fields.Datetime.to_datetime(date_from))
        return domain

    @api.model
    def _group_by_partner(self, query, partner, *values):
        """Run ``query`` grouped by partner.

        :param SQL partner: the partner's id
        :param values: SQL of aggregates
        :return: rows of the id and the values
        """
        query.groupby = partner
        return self.env.execute_query(query.select(partner, *values))

    @api.model
    def _partner_to_sql(self, records, query, path):
        """SQL of a partner's id, with the join that it takes.

        :param path: many2one field of ``records``, or that and ``.commercial_partner_id``
        """
        field, _dot, rest = path.partition(".")
        partner = records._field_to_sql(query.table, field, query)
        if not rest:
            return partner
        alias = query.left_join(query.table, field, "res_partner", "id", field)
        return self.env["res.partner"]._field_to_sql(alias, rest, query)

    @api.model
    def _money_to_sql(self, query, company, date_from, date_to, day, amounts):
        """SQL of an amount in ``_get_currency(company)``, at the rate of the fact's own day.

        :param SQL day: the fact's day, within the period
        :param amounts: SQL of (amount in the company's currency, amount in the document's
            currency, the document's currency): what is in the wanted currency is not converted
        """
        company_amount, document_amount, document_currency = amounts
        currency = self._get_currency(company)
        if currency == company.currency_id:
            return company_amount
        since = date_from or self._get_first_rate_day(company, currency, date_to)
        rates = self._get_rates_by_day(company, currency, since, date_to)
        on_day = SQL("prm_rate.day = GREATEST(%s, %s)", day, since)
        query.add_join("JOIN", "prm_rate", rates, on_day)
        return SQL(
            "CASE WHEN %s = %s THEN %s ELSE %s * prm_rate.factor END",
            document_currency,
            currency.id,
            document_amount,
            company_amount,
        )

    @api.model
    def _get_first_rate_day(self, company, currency, date_to):
        """The day from which on rates can differ; earlier facts have the rate of this day."""
        currencies = (currency | company.currency_id).ids
        domain = [("currency_id", "in", currencies), ("name", "<=", date_to)]
        # sudo: rates are no secret, and the answer is a day only.
        rates = self.env["res.currency.rate"].sudo()
        [(first,)] = rates._read_group(domain, [], ["name:min"])
        return first or date_to

    @api.model
    def _get_rates_by_day(self, company, currency, since, until):
        """Table (day, factor) to convert the company's currency, with Odoo's choice of rates."""

        def rate(which):
            known = SQL(
                "FROM res_currency_rate WHERE currency_id = %s"
                " AND (company_id IS NULL OR company_id = %s)",
                which.id,
                company.root_id.id,
            )
            return SQL(
                "COALESCE((SELECT rate %s AND name <= day ORDER BY company_id, name DESC LIMIT 1),"
                " (SELECT rate %s ORDER BY company_id, name LIMIT 1), 1.0)",
                known,
                known,
            )

        self.env["res.currency.rate"].flush_model()
        return SQL(
            "(SELECT day::date AS day, %s / %s AS factor"
            " FROM generate_series(%s::date, %s::date, '1 day') AS day)",
            rate(currency),
            rate(company.currency_id),
            since,
            until,
        )
