"""The history of metrics, for the races about it."""

from datetime import timedelta

from odoo import fields

DAYS = 3


def forget_last_days(env):
    """Let the values of the last days be missing, and no others."""
    since = fields.Date.today() - timedelta(days=DAYS)
    env["prm.metric.value"]._cron_snapshot()
    env.cr.execute("DELETE FROM prm_metric_value WHERE date >= %s", [since])
    env.cr.commit()


def get_state(env):
    """What there is of the history.

    :return: dict with the numbers of ``missing`` units of work (a metric, a company, a day) and,
        of the last days, of ``written`` ones, of their ``rows`` and of ``members``
    """
    env.cr.rollback()
    env.invalidate_all()
    yesterday = fields.Date.today() - timedelta(days=1)
    env.cr.execute(
        """SELECT COUNT(*), SUM(rows) FROM (
               SELECT COUNT(*) AS rows FROM prm_metric_value WHERE date >= %s
                GROUP BY metric_id, company_id, date) AS units""",
        [yesterday - timedelta(days=DAYS - 1)],
    )
    written, rows = env.cr.fetchone()
    members = env["prm.membership"].search([("state", "!=", "ended")]).partner_id
    return {
        "missing": len(env["prm.metric.value"]._get_missing_units(yesterday)),
        "written": written,
        "rows": int(rows or 0),
        "members": len(members),
    }
