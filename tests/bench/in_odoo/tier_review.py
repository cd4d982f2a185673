"""What the benchmark of the tier review runs inside Odoo."""

import time

from odoo import fields
from odoo.fields import Command

# What the tiers above the lowest ask for; (metric, threshold of the first, points)
REQUIREMENTS = (
    ("revenue", 25_000, 0),
    ("avg_deal_size", 9_000, 10),
    ("pipeline", 30_000, 10),
    ("customer_rating", 3, 10),
    ("portal_activity", 12, 10),
    ("days_since_contact", 120, 10),
    ("days_to_onboard", 40, 10),
    ("deals_won", 1, 10),
)
POINTS = 30
MEASURED = 3


def run(env):
    """Measure the metrics of all members, then review them.

    :return: dict of seconds ``measuring`` and ``reviewing``, their ``ratio``, and the numbers of
        ``members``, tier ``changes`` and members ``at_risk``
    :raise AssertionError: the review left somebody out, or changed nothing
    """
    program = _make_rules(env)
    members = env["prm.membership"].search(program._get_reviewed_domain())
    requirements = program._prm_tiers().requirement_ids
    today = fields.Date.today()

    def measure():
        requirements._measure(members.partner_id, program, today)

    measuring = min(_seconds(env, measure) for _attempt in range(MEASURED))
    review = env["prm.tier.review"]._start(program, "daily").sudo()
    reviewing = _seconds(env, review._go_on)
    assert review.state == "done", review.message
    assert review.reviewed_count == len(members), "members were left out"
    changes = review.promoted_count + review.demoted_count
    assert changes and review.at_risk_count, "the review decided nothing"
    return {
        "ratio": round(reviewing / measuring, 2),
        "reviewing": round(reviewing, 2),
        "measuring": round(measuring, 2),
        "members": len(members),
        "changes": changes,
        "at_risk": review.at_risk_count,
    }


def _make_rules(env):
    """Give the program of the members a demanding set of requirements."""
    partner = env["res.partner"].search([("ref", "=like", "BENCH%")], limit=1)
    program = env["prm.membership"].search([("partner_id", "=", partner.id)], limit=1).program_id
    metrics = {metric.code: metric.id for metric in env["prm.metric"].search([])}
    tiers = program._prm_tiers()
    tiers.requirement_ids.unlink()
    for level, tier in enumerate(tiers[1:], start=1):
        tier.write(
            {
                "points_required": POINTS * level,
                "requirement_ids": [
                    Command.create(
                        {
                            "metric_id": metrics[code],
                            "threshold": threshold * level,
                            "mode": "points" if points else "mandatory",
                            "points": points,
                        }
                    )
                    for code, threshold, points in REQUIREMENTS
                ],
            }
        )
    env.cr.commit()
    return program


def _seconds(env, function):
    """How long a call takes, with what it writes."""
    env.flush_all()
    env.invalidate_all()
    start = time.perf_counter()
    function()
    env.flush_all()
    env.cr.commit()
    return time.perf_counter() - start
