# ruff: noqa: F821 (env is what `odoo shell` gives)
"""Ten thousand members of one program, reviewed as on the day of a yearly review."""

import json
import time

from odoo import fields
from odoo.fields import Command

MEMBERS = 10_000
INVOICES_EACH = 30
# eight measurements, as many as a demanding program has
MEASURED = [
    ("revenue", "rolling_12", "own"),
    ("revenue", "rolling_12", "children"),
    ("revenue", "lifetime", "own"),
    ("revenue", "lifetime", "children"),
    ("revenue", "calendar_year", "own"),
    ("revenue", "calendar_year", "children"),
    ("revenue", "rolling_12", "resellers"),
    ("revenue", "lifetime", "resellers"),
]


def make_world(env):
    """A program that asks for revenue in several ways, its members and their invoices."""
    metrics = {metric.code: metric.id for metric in env["prm.metric"].search([])}
    program = env["prm.program"].create({"name": "Bench", "hold_months": 0})
    gold_rules = [
        (code, window, scope, 20000.0)
        for code, window, scope in MEASURED[:4]
    ]
    platinum_rules = [(code, window, scope, 50000.0) for code, window, scope in MEASURED]
    tiers = [
        env["res.partner.grade"].create(
            {
                "name": name,
                "program_id": program.id,
                "sequence": sequence,
                "requirement_ids": [
                    Command.create(
                        {
                            "metric_id": metrics[code],
                            "window": window,
                            "scope": scope,
                            "threshold": threshold,
                        }
                    )
                    for code, window, scope, threshold in rules
                ],
            }
        )
        for name, sequence, rules in (
            ("Silver", 10, []),
            ("Gold", 20, gold_rules),
            ("Platinum", 30, platinum_rules),
        )
    ]
    env.flush_all()
    journal = env["account.journal"].search([("type", "=", "sale")], limit=1)
    company = env.company
    values = {
        "members": MEMBERS,
        "invoices": INVOICES_EACH,
        "program": program.id,
        "company": company.id,
        "currency": company.currency_id.id,
        "journal": journal.id,
        "gold": tiers[1].id,
        "user": env.uid,
        "today": fields.Date.today(),
    }
    env.cr.execute(
        """
        INSERT INTO res_partner (
            name, complete_name, is_company, active, type, autopost_bills, email, lang)
        SELECT 'Bench ' || number, 'Bench ' || number, TRUE, TRUE, 'contact', 'ask',
               'office@bench-' || number || '.example', 'en_US'
          FROM generate_series(1, %(members)s) number;
        UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL;
        INSERT INTO prm_membership (
            partner_id, program_id, company_id, grade_id, state, is_primary, user_id, date_start,
            next_review_date)
        SELECT id, %(program)s, %(company)s, %(gold)s, 'active', TRUE, %(user)s,
               %(today)s::date - 400, %(today)s::date - 35
          FROM res_partner WHERE name LIKE 'Bench %%';
        UPDATE res_partner SET grade_id = %(gold)s WHERE name LIKE 'Bench %%';
        INSERT INTO account_move (
            name, journal_id, company_id, currency_id, date, invoice_date, state, move_type,
            auto_post, partner_id, commercial_partner_id, amount_untaxed_signed)
        SELECT 'BENCH/' || partner.id || '/' || invoice, %(journal)s, %(company)s, %(currency)s,
               %(today)s::date - 12 * invoice, %(today)s::date - 12 * invoice, 'posted',
               'out_invoice', 'no', partner.id, partner.id,
               CASE partner.id %% 100 WHEN 0 THEN 2000 WHEN 1 THEN 10 ELSE 1000 END
          FROM res_partner partner CROSS JOIN generate_series(1, %(invoices)s) invoice
         WHERE partner.name LIKE 'Bench %%';
        """,
        values,
    )
    env.cr.commit()
    env.cr.execute("ANALYZE res_partner; ANALYZE prm_membership; ANALYZE account_move")
    env.invalidate_all()
    return program


def seconds(function):
    """How long a call takes, with what it writes."""
    start = time.perf_counter()
    function()
    env.flush_all()
    env.cr.commit()
    return time.perf_counter() - start


def review(run):
    """All of a review, each slice committed, as the scheduled action does it."""
    if run.state == "running":
        run._go_on()


program = make_world(env)
members = env["prm.membership"].search([("program_id", "=", program.id)])
requirements = program._prm_tiers().requirement_ids
partners = members.partner_id
today = fields.Date.today()


def measure():
    env.invalidate_all()
    requirements._measure(partners, program, today)


measure()
measuring = min(seconds(measure) for _attempt in range(3))
run = env["prm.tier.review"]._start(program, "daily").sudo()
reviewing = seconds(lambda: review(run))
lines = env["prm.tier.review.line"].sudo()
found = {
    "members": run.reviewed_count,
    "lines": run.line_count,
    "promoted": run.promoted_count,
    "at_risk": run.at_risk_count,
    "measuring": measuring,
    "reviewing": reviewing,
    "again": seconds(lambda: review(lines.env["prm.tier.review"]._start(program, "daily").sudo())),
}
print("BENCH", json.dumps(found))
