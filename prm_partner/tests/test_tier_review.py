from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import mute_logger

from .tier_common import TierCase


class TestTierReview(TierCase):
    def _kinds(self, membership):
        return membership.change_ids.sorted("id").mapped("kind")

    def _line(self, run, membership):
        return run.line_ids.filtered(lambda line: line.membership_id == membership)

    def test_promotion_at_once_with_the_measured_values(self):
        membership = self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 120.0
        run = self._review("2026-03-02")
        self.assertEqual(membership.grade_id, self.gold)
        self.assertEqual(self.partner.grade_id, self.gold)
        self.assertEqual(self._kinds(membership), ["enrolled", "promotion"])
        change = membership.change_ids.sorted("id")[-1]
        self.assertEqual(change.review_id, run)
        self.assertEqual(change.measured[0]["value"], 120.0)
        self.assertEqual(change.measured[0]["threshold"], 100.0)
        self.assertIn("Sales", change.measured_html)
        self.assertEqual(self._line(run, membership).state, "applied")
        self.assertEqual((run.promoted_count, run.state), (1, "done"))

    def test_decisions_keep_what_was_asked_for_at_the_time(self):
        membership = self._join(self.partner, self.gold)
        self.sales[self.partner.id] = 40.0
        run = self._review("2026-06-01")
        self.gold.requirement_ids.threshold = 30.0
        self.env.invalidate_all()
        line = self._line(run, membership)
        self.assertEqual(
            [(one["code"], one["value"], one["threshold"], one["met"]) for one in line.measured],
            [("t_sales", 40.0, 100.0, False)],
        )
        self.assertIn("100", line.measured_html)

    def test_requirements_that_change_while_a_review_is_interrupted(self):
        """Each decision shows the requirements that it was made by."""
        members = [self._join(partner, self.gold) for partner in (self.partner, self.rival)]
        run = self.env["prm.tier.review"].create(
            {"program_id": self.program.id, "date": "2026-06-01"}
        )
        with (
            patch("odoo.addons.prm_partner.models.prm_tier_review.SLICE", 1),
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", lambda _self, *_a, **_k: 0.0
            ),
        ):
            run._go_on()
            self.gold.requirement_ids.threshold = 90.0
            for _attempt in range(3):
                run._go_on()
        self.assertEqual(run.state, "done")
        shown = [self._line(run, one).measured[0]["threshold"] for one in members]
        self.assertEqual(shown, [100.0, 90.0])

    def test_values_where_less_is_better(self):
        self.metric.direction = "down"
        self.platinum.requirement_ids.unlink()
        membership = self._join(self.partner, self.gold)
        self.sales[self.partner.id] = 140.0
        line = self._line(self._review("2026-06-01"), membership)
        self.assertEqual(line.decision, "notice")
        self.assertEqual(
            (line.measured[0]["direction"], line.measured[0]["met"]), ("down", False)
        )

    def test_over_several_tiers(self):
        membership = self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 500.0
        self._review("2026-03-02")
        self.assertEqual(membership.grade_id, self.platinum)

    def test_promotion_at_the_review_only(self):
        self.program.promotion = "at_review"
        membership = self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 120.0
        self._review("2026-03-02")
        self.assertEqual(membership.grade_id, self.silver)
        self._review("2026-06-01")
        self.assertEqual(membership.grade_id, self.gold)
        self.assertEqual(membership.next_review_date, date(2027, 6, 1))

    def test_notice_grace_and_demotion_by_one_step(self):
        membership = self._join(self.partner, self.platinum)
        self._review("2026-05-31")
        self.assertEqual(membership.state, "active")
        run = self._review("2026-06-01")
        self.assertEqual(membership.state, "at_risk")
        self.assertEqual(membership.at_risk_since, date(2026, 6, 1))
        self.assertEqual(membership.grace_until, date(2026, 8, 30))
        self.assertEqual(self._line(run, membership).decision, "notice")
        self.assertFalse(self._review("2026-07-01").line_ids)
        self.assertEqual(self._review("2026-08-01").line_ids.decision, "remind")
        self.assertFalse(self._review("2026-08-30").line_ids)
        self._review("2026-08-31")
        self.assertEqual(membership.grade_id, self.gold)
        self.assertEqual(membership.state, "active")
        self.assertFalse(membership.grace_until)
        self.assertEqual(self._kinds(membership), ["enrolled", "demotion"])
        self._review("2027-06-01")
        self.assertEqual(membership.state, "at_risk")

    def test_not_below_what_is_met(self):
        self.program.max_steps_down = 2
        membership = self._join(self.partner, self.platinum)
        self.sales[self.partner.id] = 100.0
        self._review("2026-06-01")
        self._review("2026-08-31")
        self.assertEqual(membership.grade_id, self.gold)

    def test_several_steps_down(self):
        self.program.max_steps_down = 2
        membership = self._join(self.partner, self.platinum)
        self._review("2026-06-01")
        self._review("2026-08-31")
        self.assertEqual(membership.grade_id, self.silver)

    def test_recovery(self):
        membership = self._join(self.partner, self.gold)
        self._review("2026-06-01")
        self.sales[self.partner.id] = 100.0
        run = self._review("2026-06-20")
        self.assertEqual(membership.state, "active")
        self.assertFalse(membership.at_risk_since or membership.grace_until)
        self.assertEqual(run.line_ids.decision, "recover")
        self.assertEqual(len(membership.change_ids), 1)

    def test_hold_protects(self):
        membership = self._join(self.partner, self.gold, hold_until="2026-12-31")
        self._review("2026-06-01")
        self.assertEqual(membership.grace_until, date(2026, 12, 31))
        self._review("2026-12-31")
        self.assertEqual(membership.grade_id, self.gold)
        self._review("2027-01-01")
        self.assertEqual(membership.grade_id, self.silver)

    def test_change_by_hand_holds_and_forgets_the_risk(self):
        membership = self._join(self.partner, self.platinum)
        self._review("2026-06-01")
        with freeze_time("2026-06-10"):
            membership._set_tier(self.gold, "Agreed")
        self.assertEqual(membership.state, "active")
        self.assertFalse(membership.grace_until)
        self.assertEqual(membership.hold_until, date(2026, 12, 10))

    def test_calendar_review(self):
        self.program.write(
            {"review_schedule": "calendar", "review_month": "1", "review_day": 15}
        )
        membership = self._join(self.partner, self.gold)
        self.assertEqual(membership.next_review_date, date(2026, 1, 15))
        run = self._review("2026-01-15")
        self.assertEqual(self._line(run, membership).decision, "notice")
        self.assertEqual(membership.last_review_date, date(2026, 1, 15))
        self.assertEqual(membership.next_review_date, date(2027, 1, 15))

    def test_override_pins_the_tier_until_its_end(self):
        membership = self._join(self.partner, self.gold)
        with freeze_time("2026-03-02"):
            wizard = Form(
                self.env["prm.tier.assign"]
                .with_user(self.manager)
                .with_context(default_membership_id=membership.id)
            )
            wizard.grade_id = self.platinum
            wizard.reason = "Large order agreed"
            wizard.is_override = True
            wizard.override_until = "2026-09-30"
            wizard.save().action_assign()
        self.assertEqual(membership.grade_id, self.platinum)
        self.assertEqual(self._kinds(membership), ["enrolled", "override"])
        self._review("2026-06-01")
        self.assertEqual((membership.grade_id, membership.state), (self.platinum, "active"))
        self._review("2026-09-30")
        self.assertEqual(membership.state, "active")
        self._review("2026-10-01")
        self.assertEqual(membership.state, "at_risk")
        self.assertFalse(membership.override_until)

    def test_override_of_the_present_tier_is_in_the_history(self):
        membership = self._join(self.partner, self.gold)
        membership._override_tier(self.gold, "Strategic", date(2030, 1, 1))
        self.assertEqual(self._kinds(membership), ["enrolled", "override"])
        self.assertEqual(membership.change_ids.sorted("id")[-1].reason, "Strategic")

    def test_override_needs_a_day_to_come(self):
        membership = self._join(self.partner, self.gold)
        for until in (False, "2020-01-01"):
            with self.subTest(until=until), self.assertRaisesRegex(UserError, "end date"):
                self.env["prm.tier.assign"].create(
                    {
                        "membership_id": membership.id,
                        "grade_id": self.gold.id,
                        "reason": "No",
                        "is_override": True,
                        "override_until": until,
                    }
                )

    def test_approval(self):
        self.program.change_mode = "approved"
        membership = self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 120.0
        run = self._review("2026-03-02")
        line = run.line_ids
        self.assertEqual((line.state, membership.grade_id), ("pending", self.silver))
        self.assertEqual(run.activity_ids.user_id, self.program_manager)
        self.assertFalse(self._review("2026-03-03").line_ids, "proposed twice")
        with self.assertRaises(AccessError):
            line.with_user(self.manager).action_approve()
        line.with_user(self.program_manager).action_approve()
        self.assertEqual((line.state, membership.grade_id), ("approved", self.gold))
        self.assertEqual(line.decided_by_id, self.program_manager)
        self.assertEqual(line.mail_state, "sent")
        with self.assertRaisesRegex(UserError, "does not wait"):
            line.with_user(self.program_manager).action_approve()

    def test_rejection_counts_until_the_next_review(self):
        self.program.change_mode = "approved"
        membership = self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 120.0
        line = self._review("2026-03-02").line_ids
        wizard = self.env["prm.tier.reject"].with_user(self.program_manager).create(
            {"line_ids": line.ids, "reason": "One large deal only"}
        )
        wizard.action_reject()
        self.assertEqual((line.state, line.reject_reason), ("rejected", "One large deal only"))
        self.assertFalse(self._review("2026-03-03").line_ids)
        self.assertEqual(membership.grade_id, self.silver)
        self.assertEqual(self._review("2026-06-01").line_ids.state, "pending")

    def test_a_proposal_that_is_not_true_any_more(self):
        self.program.change_mode = "approved"
        self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 120.0
        line = self._review("2026-03-02").line_ids
        self.sales[self.partner.id] = 50.0
        self._review("2026-03-03")
        self.assertEqual(line.state, "outdated")

    def test_a_tier_without_requirements_is_given_by_hand(self):
        self.platinum.requirement_ids.unlink()
        membership = self._join(self.partner, self.gold)
        self.sales[self.partner.id] = 1000.0
        self._review("2026-06-01")
        self.assertEqual(membership.grade_id, self.gold)
        other = self._join(self.rival, self.platinum)
        self._review("2026-06-02")
        self.assertEqual((other.grade_id, other.state), (self.platinum, "active"))

    def test_only_active_members_are_reviewed(self):
        self.sales[self.partner.id] = 120.0
        membership = self._join(self.partner, self.silver)
        membership.action_suspend()
        self.assertFalse(self._review("2026-03-02").reviewed_count)
        self.assertEqual(membership.grade_id, self.silver)
        self.assertFalse(membership.next_review_date)

    def test_mails_in_the_partners_language_and_once(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.partner.lang = "ru_RU"
        admin = self._new_portal_user(self.contact, "admin")
        template = self.env.ref("prm_partner.mail_template_tier_at_risk")
        template.with_context(lang="ru_RU").subject = "Под угрозой: {{ object.grade_id.name }}"
        membership = self._join(self.partner, self.gold)
        self.sales[self.partner.id] = 40.0
        run = self._review("2026-06-01")
        mails = self._mails(membership)
        lines = self.env["prm.tier.review.line"]
        while lines._send_waiting(10):
            pass
        mail = self._mails(membership) - mails
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.subject, "Под угрозой: Gold")
        self.assertEqual(mail.recipient_ids, self.partner | admin.partner_id)
        self.assertIn("60", mail.body_html)
        self.assertEqual(run.line_ids.mail_state, "sent")
        self.assertFalse(lines._send_waiting(10))

    def test_no_address_is_said(self):
        self.partner.email = False
        self._join(self.partner, self.gold)
        run = self._review("2026-06-01")
        while self.env["prm.tier.review.line"]._send_waiting(10):
            pass
        self.assertEqual(run.line_ids.mail_state, "no_address")

    def _mails(self, membership):
        return self.env["mail.mail"].search(
            [("model", "=", "prm.membership"), ("res_id", "=", membership.id)]
        )

    def test_killed_run_goes_on_and_repeats_nothing(self):
        partners = self.env["res.partner"].create(
            [
                {"name": f"P{number}", "is_company": True, "email": f"p{number}@p.example"}
                for number in range(7)
            ]
        )
        for partner in partners:
            self._join(partner, self.silver)
            self.sales[partner.id] = 120.0
        run = self.env["prm.tier.review"].create({"program_id": self.program.id})
        self._kill_after_each_slice(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(run.reviewed_count, 7)
        self.assertEqual(len(run.line_ids), 7)
        changes = partners.prm_membership_ids.change_ids
        self.assertEqual(len(changes.filtered(lambda one: one.kind == "promotion")), 7)

    def _kill_after_each_slice(self, run):
        """Let the time be over after each slice, until the run is done."""
        cron = type(self.env["ir.cron"])
        with (
            patch("odoo.addons.prm_partner.models.prm_tier_review.SLICE", 2),
            patch.object(cron, "_commit_progress", lambda _self, *_args, **_kwargs: 0.0),
        ):
            for _attempt in range(10):
                run._go_on()
                self.env.invalidate_all()
                if run.state == "done":
                    return

    def test_a_slice_that_fails_leaves_nothing(self):
        membership = self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 120.0
        run = self.env["prm.tier.review"].create({"program_id": self.program.id})
        with patch.object(
            type(run), "_carry_out", side_effect=UserError("Broken"), autospec=True
        ), patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda _self, *_a, **_k: 60.0
        ):
            run._go_on()
        self.env.invalidate_all()
        self.assertEqual((run.state, run.message), ("failed", "Broken"))
        self.assertFalse(run.line_ids)
        self.assertEqual(membership.grade_id, self.silver)
        self.assertEqual(run.activity_ids.user_id, self.program_manager)

    def test_unknown_metric_fails_with_a_message(self):
        # an add-on that computed it is gone
        metric = self.env["prm.metric"].create({"code": "t_nobody_computes", "name": "Gone"})
        self.gold.requirement_ids.metric_id = metric
        self._join(self.partner, self.silver)
        run = self._review("2026-03-02")
        self.assertEqual(run.state, "failed")
        self.assertIn("t_nobody_computes", run.message)

    def test_scheduled_action(self):
        membership = self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 120.0
        manual = self.program.copy({"name": "By hand", "review_schedule": "none"})
        with self.enter_registry_test_mode():
            self.env.ref("prm_partner.ir_cron_tier_review").method_direct_trigger()
        self.assertEqual(membership.grade_id, self.gold)
        runs = self.env["prm.tier.review"].search([("program_id", "=", self.program.id)])
        self.assertEqual((len(runs), runs.state), (1, "done"))
        self.assertEqual(runs.line_ids.mail_state, "sent")
        self.assertFalse(
            self.env["prm.tier.review"].search([("program_id", "=", manual.id)])
        )
        with self.enter_registry_test_mode():
            self.env.ref("prm_partner.ir_cron_tier_review").method_direct_trigger()
        self.assertEqual(len(membership.change_ids), 2)
        self.assertEqual(
            self.env["prm.tier.review"].search([("program_id", "=", self.program.id)]), runs
        )

    def test_review_on_request_looks_at_all(self):
        membership = self._join(self.partner, self.gold)
        action = self.program.with_user(self.program_manager).action_review_now()
        run = self.env["prm.tier.review"].browse(action["res_id"])
        self.assertEqual(run.kind, "requested")
        again = self.program.with_user(self.program_manager).action_review_now()
        self.assertEqual(again["res_id"], run.id)
        run.sudo().unlink()
        self._review("2026-03-02", kind="requested")
        self.assertEqual(membership.state, "at_risk")

    def test_one_daily_run_a_day(self):
        self._review("2026-03-02")
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.env["prm.tier.review"].create(
                {"program_id": self.program.id, "date": "2026-03-02"}
            )
            self.env.flush_all()

    def test_ending_and_resuming_are_in_the_history(self):
        membership = self._join(self.partner, self.gold)
        membership.action_end()
        end = membership.change_ids.sorted("id")[-1]
        self.assertEqual((end.kind, end.old_grade_id), ("end", self.gold))
        self.assertFalse(end.new_grade_id)
        membership.action_resume()
        self.assertEqual(membership.change_ids.sorted("id")[-1].new_grade_id, self.gold)

    def test_queries_do_not_grow_with_the_members(self):
        counts = []
        for number, size in enumerate((10, 10, 60)):  # the first one fills caches
            program = self.program.copy({"name": f"Program {number}", "grade_ids": False})
            tier = self.env["res.partner.grade"].create(
                {"name": "Only", "program_id": program.id}
            )
            self._require(tier, 10.0)
            partners = self.env["res.partner"].create(
                [{"name": f"P{number}-{place}", "is_company": True} for place in range(size)]
            )
            for partner in partners:
                self._enroll(partner, tier, program).write({"last_review_date": "2025-01-01"})
                self.sales[partner.id] = 20.0
            run = self.env["prm.tier.review"].create(
                {"program_id": program.id, "date": "2026-03-02"}
            )
            self.env.flush_all()
            self.env.invalidate_all()
            self.env.user.fetch(["login"])  # asked for once more when Python frees environments
            before = self.cr.sql_log_count
            with patch.object(
                type(self.env["ir.cron"]), "_commit_progress", lambda _self, *_a, **_k: 60.0
            ):
                run._go_on()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(run.line_ids), size)
        self.assertEqual(counts[1], counts[2])
