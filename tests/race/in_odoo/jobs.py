"""A scheduled job that is started while it is running already."""

from contextlib import ExitStack
from unittest.mock import patch

from odoo.fields import Command

from .history import forget_last_days, get_state
from .racing import Request, listening, meanwhile

MEMBERS = 30
SLICE = 10


def run(env):
    """Start the tier review, then the nightly snapshot, in the middle of themselves.

    :return: ``{name of the job: dict}`` with what came of it
    """
    return {"review": _review_twice(env), "snapshot": _snapshot_twice(env)}


def _make_program(env):
    """A program whose members all meet the requirement of its second tier."""
    metric = env["prm.metric"].create({"code": "t_race", "name": "Race", "unit": "count"})
    program = env["prm.program"].create(
        {
            "name": "Race",
            "send_agreements": False,
            "grade_ids": [
                Command.create({"name": "Low", "sequence": 10}),
                Command.create(
                    {
                        "name": "High",
                        "sequence": 20,
                        "requirement_ids": [
                            Command.create({"metric_id": metric.id, "threshold": 1})
                        ],
                    }
                ),
            ],
        }
    )
    partners = env["res.partner"].create(
        [
            {"name": f"Racer {number}", "is_company": True, "email": f"r{number}@race.example"}
            for number in range(MEMBERS)
        ]
    )
    env["prm.membership"].create(
        [
            {
                "partner_id": partner.id,
                "program_id": program.id,
                "grade_id": program._prm_tiers()[0].id,
                "state": "active",
            }
            for partner in partners
        ]
    ).hold_until = False
    env["prm.program"].search([("id", "!=", program.id)]).review_schedule = "none"
    env.cr.commit()
    return program


def _review_twice(env):
    program = _make_program(env)
    job = env.ref("prm_partner.ir_cron_tier_review")
    second = Request(env, env.user, lambda own: job.with_env(own).method_direct_trigger())
    cron = type(env["ir.cron"])
    commit_progress = cron._commit_progress

    def commit_and_start_again(self, processed=0, **values):
        left = commit_progress(self, processed, **values)
        if processed == SLICE and not second.outcome:
            second.serve()
        return left

    with (
        patch("odoo.addons.prm_partner.models.prm_tier_review.SLICE", SLICE),
        patch.object(cron, "_commit_progress", commit_and_start_again),
        patch.object(
            type(env["prm.metric"]),
            "_measure_t_race",
            lambda _self, partners, *_args: dict.fromkeys(partners.ids, 5.0),
            create=True,
        ),
    ):
        job.method_direct_trigger()
    env.cr.commit()
    env["mail.mail"].process_email_queue()
    env.cr.commit()
    env["prm.metric"].search([("code", "=", "t_race")]).active = False
    env.cr.commit()
    changes = program.membership_ids.change_ids.filtered(lambda one: one.kind == "promotion")
    return {
        "outcome": second.outcome,
        "members": len(program.membership_ids),
        "changed": sorted(changes.mapped("membership_id.id")),
        "changes": len(changes),
        "tiers": program.membership_ids.mapped("grade_id.name"),
    }


def _snapshot_twice(env):
    """As if nothing kept two processes apart: the second begins while the first one writes."""
    forget_last_days(env)
    history = type(env["prm.metric.value"])
    snapshot = history._snapshot
    first = Request(env, env.user, lambda own: own["prm.metric.value"]._cron_snapshot())
    second = Request(env, env.user, lambda own: own["prm.metric.value"]._cron_snapshot())
    before = get_state(env)
    waited = []

    def snapshot_and_meet(self, *unit):
        snapshot(self, *unit)
        if self.env.cr is first.cr and not waited:
            # Both write this unit; here the first one is not committed yet.
            waited.append(stack.enter_context(meanwhile(env, second)))

    with (
        ExitStack() as stack,
        listening() as errors,
        patch.object(history, "_snapshot", snapshot_and_meet),
    ):
        first.serve()
        stack.close()
    return {
        "outcomes": [first.outcome, second.outcome],
        "waited": waited,
        "errors": errors,
        "before": before,
        "after": get_state(env),
    }
