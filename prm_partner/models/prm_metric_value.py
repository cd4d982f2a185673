import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..tools import windows
from .prm_membership import OPEN_STATES

_logger = logging.getLogger(__name__)

# Days without values are filled as long as they are not older than so many days.
MAX_CATCH_UP_DAYS = 31
# Younger values are kept for each day, older ones for the last day of each month.
DAILY_DAYS = 92


class PrmMetricValue(models.Model):
    """What a metric was on a day, so that a history is read and not computed again.

    Rows are written by the nightly job only, many at once by SQL.
    """

    _name = "prm.metric.value"
    _description = "Metric History"
    _order = "date desc, id desc"
    _rec_name = "metric_id"
    _log_access = False

    metric_id = fields.Many2one("prm.metric", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(
        "res.currency",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Of the value, where the metric is money.",
    )
    date = fields.Date(required=True, readonly=True)
    value = fields.Float(readonly=True, digits=(16, 2), aggregator="avg")

    _day_uniq = models.UniqueIndex("(metric_id, company_id, date, partner_id)")

    @api.model
    def _cron_snapshot(self):
        """Write the values of every day that is over and missing, then thin out old days.

        The unit of work is one metric of one company on one day. It is committed by itself, so
        that a run that is cut short goes on where it ended and writes nothing twice.
        """
        today = fields.Date.context_today(self)
        units = self._get_missing_units(today - timedelta(days=1))
        histories = list(dict.fromkeys((metric, company) for metric, company, _day in units))
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(units) + len(histories))
        for metric, company, day in units:
            self._do_or_skip(self._snapshot, metric, company, day)
            if not cron._commit_progress(1):
                return
        for metric, company in histories:
            self._do_or_skip(self._thin_out, metric, company, today - timedelta(days=DAILY_DAYS))
            if not cron._commit_progress(1):
                return

    @api.model
    def _get_missing_units(self, until):
        """What is to be written up to a day: every day of the last month that has no values.

        :return: list of (metric, company, day), the oldest day first
        """
        metrics = self.env["prm.metric"].search([("active", "=", True)])
        companies = self._get_companies()
        # Each question is one look into the index. A history begins with its first day; what is
        # thinned out later is older than all of these days.
        query = SQL(
            """
            SELECT metric, company, day::date
              FROM unnest(%(metrics)s::int[]) WITH ORDINALITY AS metrics(metric, metric_place)
             CROSS JOIN unnest(%(companies)s::int[])
                   WITH ORDINALITY AS companies(company, company_place)
             CROSS JOIN generate_series(%(earliest)s::date, %(until)s::date, '1 day') AS day
             WHERE NOT EXISTS (SELECT FROM prm_metric_value
                                WHERE metric_id = metric AND company_id = company
                                  AND date = day::date)
               AND (day = %(until)s::date
                    OR EXISTS (SELECT FROM prm_metric_value
                                WHERE metric_id = metric AND company_id = company
                                  AND date < day::date))
             ORDER BY day, metric_place, company_place
            """,
            metrics=metrics.ids,
            companies=companies.ids,
            earliest=until - timedelta(days=MAX_CATCH_UP_DAYS - 1),
            until=until,
        )
        return [
            (metrics.browse(metric_id), companies.browse(company_id), day)
            for metric_id, company_id, day in self.env.execute_query(query)
        ]

    @api.model
    def _get_last_days(self, code):
        """The last day of each history of a metric, as (metric, company, day or None).

        One look into the index for each: a GROUP BY would read the whole table.
        """
        metrics = self.env["prm.metric"].search([("active", "=", True), ("code", "=", code)])
        companies = self._get_companies()
        query = SQL(
            """SELECT metric, company, (SELECT MAX(date) FROM prm_metric_value
                                         WHERE metric_id = metric AND company_id = company)
                 FROM unnest(%s::int[]) AS metric CROSS JOIN unnest(%s::int[]) AS company""",
            metrics.ids,
            companies.ids,
        )
        return [
            (metrics.browse(metric_id), companies.browse(company_id), last)
            for metric_id, company_id, last in self.env.execute_query(query)
        ]

    @api.model
    def _get_latest_domains(self, code):
        """Where the latest values of a metric are.

        :return: ``{company: Domain}``, companies without a history left out
        """
        return {
            company: Domain(
                [("metric_id", "=", metric.id), ("company_id", "=", company.id), ("date", "=", day)]
            )
            for metric, company, day in self._get_last_days(code)
            if day
        }

    @api.model
    def _get_companies(self):
        """The companies that have partners."""
        groups = self.env["prm.membership"]._read_group(
            [("state", "in", OPEN_STATES)], ["company_id"]
        )
        return self.env["res.company"].browse(company.id for [company] in groups)

    @api.model
    def _do_or_skip(self, step, metric, company, day):
        """A metric that fails does not stop the others; the log says why it has no value."""
        try:
            with self.env.cr.savepoint():
                step(metric, company, day)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody fills the history by hand, with the same values.
            _logger.info("The history of the metric %s is being written already", metric.code)
        except Exception:
            _logger.exception("No history of the metric %s for %s", metric.code, day)

    @api.model
    def _snapshot(self, metric, company, day):
        """Write the value of one metric on ``day`` for the partners of a company.

        Writing it again changes nothing: the first value of a day stays.
        """
        metrics = self.env["prm.metric"].with_company(company)
        if metrics._get_measure(metric.code) is None:
            return  # its add-on is not installed any more
        groups = self.env["prm.membership"]._read_group(
            [("state", "in", OPEN_STATES), ("company_id", "=", company.id)], ["partner_id"]
        )
        partners = self.env["res.partner"].browse(partner.id for [partner] in groups)
        since = windows.window_start(metric.snapshot_window, day)
        values = metrics._measure(metric.code, partners, since, day, company)
        currency_id = company.currency_id.id if metric.unit == "money" else None
        self.env.cr.execute_values(
            """INSERT INTO prm_metric_value
                      (metric_id, company_id, currency_id, date, partner_id, value)
               VALUES %s ON CONFLICT (metric_id, company_id, date, partner_id) DO NOTHING""",
            [
                (metric.id, company.id, currency_id, day, partner_id, value)
                for partner_id, value in values.items()
            ],
            page_size=1000,
        )
        self.invalidate_model()

    @api.model
    def _read_days(self, metric, company, days):
        """What the history says of a metric on some days.

        Of each day the last values that were kept up to it count, as older days are thinned out;
        a day without any in the month before it is left out. Callers have checked who asks.

        :return: ``{day: {partner_id: value}}``, money in the currency of the company
        """
        query = SQL(
            """
            SELECT day, kept.partner_id, kept.value::float8
              FROM unnest(%(days)s::date[]) AS day
             CROSS JOIN LATERAL (SELECT MAX(date) AS date FROM prm_metric_value
                                  WHERE metric_id = %(metric)s AND company_id = %(company)s
                                    AND date <= day AND date > day - interval '1 month') AS last
              JOIN prm_metric_value AS kept
                ON kept.metric_id = %(metric)s AND kept.company_id = %(company)s
               AND kept.date = last.date
            """,
            days=list(days),
            metric=metric.id,
            company=company.id,
        )
        found = {}
        for day, partner_id, value in self.env.execute_query(query):
            found.setdefault(day, {})[partner_id] = value
        return found

    @api.model
    def _thin_out(self, metric, company, before):
        """Keep the last day only of each month that was over before ``before``."""
        scope = SQL("metric_id = %s AND company_id = %s AND date", metric.id, company.id)
        query = SQL(
            """
            WITH RECURSIVE known(day) AS (
                SELECT MIN(date) FROM prm_metric_value WHERE %(scope)s < %(before)s
                UNION ALL
                SELECT (SELECT MIN(date) FROM prm_metric_value
                         WHERE %(scope)s > known.day AND date < %(before)s)
                  FROM known WHERE known.day IS NOT NULL
            ), month_end(day) AS (
                SELECT MAX(day) FROM known GROUP BY date_trunc('month', day)
            )
            DELETE FROM prm_metric_value
             WHERE %(scope)s IN (SELECT day FROM known EXCEPT SELECT day FROM month_end)
            """,
            scope=scope,
            before=before.replace(day=1),
        )
        self.env.cr.execute(query)
        self.invalidate_model()
