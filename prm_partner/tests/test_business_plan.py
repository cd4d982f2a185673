from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .working import WorkingCase


@freeze_time("2026-07-01")
class TestBusinessPlan(WorkingCase):
    def _messages(self, plan):
        return plan.message_ids.filtered(lambda message: message.message_type == "comment")

    def test_new_plan_takes_over_from_the_membership(self):
        with Form(self.env["prm.business.plan"].with_user(self.manager)) as form:
            form.name = "Growth"
            form.membership_id = self.membership
        plan = form.record
        self.assertEqual(plan.partner_id, self.partner)
        self.assertEqual(plan.user_id, self.manager)
        self.assertEqual((plan.date_start, plan.date_end), (date(2026, 1, 1), date(2026, 12, 31)))
        self.assertEqual((plan.state, plan.version), ("draft", 1))

    def test_both_sides_agree(self):
        plan = self._new_plan(contact_id=self.contact.id)
        plan.with_user(self.manager).action_propose()
        self.assertEqual(plan.state, "proposed")
        plan.with_user(self.admin_user).action_agree(plan.version, "Happy to start")
        self.assertEqual(plan.state, "proposed", "one side is not enough")
        self.assertEqual(plan.partner_agreed_by_id, self.contact)
        self.assertFalse(plan.vendor_agreed_on)
        plan.with_user(self.manager).action_agree()
        self.assertEqual(plan.state, "running", "its period has begun")
        self.assertEqual(plan.vendor_agreed_by_id, self.manager)
        self.assertTrue(plan.vendor_agreed_on and plan.partner_agreed_on)
        self.assertIn("Happy to start", "".join(self._messages(plan).mapped("body")))
        self.assertEqual(
            self._messages(plan).author_id, self.contact | self.manager.partner_id
        )

    def test_future_plan_waits_for_its_first_day(self):
        plan = self._agree(self._new_plan(date_start="2026-07-02"))
        self.assertEqual(plan.state, "agreed")
        self._run_cron("ir_cron_follow_up_plans")
        self.assertEqual(plan.state, "agreed")
        with freeze_time("2026-07-02"):
            self._run_cron("ir_cron_follow_up_plans")
        self.assertEqual(plan.state, "running")

    def test_each_side_agrees_once(self):
        plan = self._new_plan()
        plan.action_propose()
        plan.with_user(self.admin_user).action_agree()
        with self.assertRaisesRegex(UserError, "already"):
            plan.with_user(self.admin_user).action_agree()

    def test_only_what_was_read_is_agreed_to(self):
        plan = self._new_plan()
        plan.action_propose()
        plan.action_withdraw()
        self.assertEqual((plan.state, plan.version, plan.date_proposed), ("draft", 2, False))
        plan.action_propose()
        with self.assertRaisesRegex(UserError, "changed meanwhile"):
            plan.with_user(self.admin_user).action_agree(1)
        self.assertFalse(plan.partner_agreed_on)
        plan.with_user(self.admin_user).action_agree(2)
        self.assertTrue(plan.partner_agreed_on)

    def test_a_withdrawn_agreement_does_not_count(self):
        plan = self._new_plan()
        plan.action_propose()
        plan.with_user(self.admin_user).action_agree()
        plan.action_withdraw()
        plan.action_propose()
        plan.with_user(self.manager).action_agree()
        self.assertEqual(plan.state, "proposed")
        self.assertFalse(plan.partner_agreed_on)

    def test_partner_asks_for_changes(self):
        plan = self._new_plan()
        plan.action_propose()
        with self.assertRaisesRegex(UserError, "what should change"):
            plan.with_user(self.admin_user).action_return("  ")
        plan.with_user(self.admin_user).action_return("Less revenue, please", plan.version)
        self.assertEqual((plan.state, plan.version), ("draft", 2))
        self.assertIn("Less revenue, please", "".join(self._messages(plan).mapped("body")))
        self.assertEqual(plan.activity_ids.user_id, self.manager)
        with self.assertRaises(AccessError):
            plan.with_user(self.manager).action_return("We ask ourselves")

    def test_comment_is_a_text_of_some_length(self):
        plan = self._new_plan()
        plan.action_propose()
        for comment in ({"a": 1}, "x" * 5001):
            with self.subTest(comment=str(comment)[:9]), self.assertRaises(UserError):
                plan.with_user(self.admin_user).action_agree(plan.version, comment)
        plan.with_user(self.admin_user).action_agree(plan.version, "<b>bold</b>")
        self.assertIn("&lt;b&gt;", self._messages(plan)[0].body)

    def test_nothing_to_agree_to(self):
        with self.assertRaisesRegex(UserError, "no objective"):
            self._new_plan(objectives=[]).action_propose()

    def test_what_was_proposed_stays_as_it_is(self):
        plan = self._new_plan().with_user(self.manager)
        plan.action_propose()
        objective = plan.objective_ids
        for change in (
            lambda: plan.write({"goals": "Others"}),
            lambda: plan.write({"date_end": "2027-01-31"}),
            lambda: plan.write({"objective_ids": [Command.clear()]}),
            lambda: objective.write({"target": 5.0}),
            lambda: objective.copy({"scope": "children"}),
            objective.unlink,
        ):
            with self.assertRaisesRegex(UserError, "stays as it is"), self.cr.savepoint():
                change()
        self.assertEqual(plan.objective_ids.target, 100.0)
        plan.user_id = self.program_manager
        self.assertEqual(plan.user_id, self.program_manager)

    def test_status_is_changed_by_steps_only(self):
        plans = self.env["prm.business.plan"].with_user(self.manager)
        plan = self._new_plan().with_user(self.manager)
        for vals in (
            {"state": "running"},
            {"version": 7},
            {"partner_agreed_by_id": self.contact.id},
            {"vendor_agreed_on": "2026-01-01"},
        ):
            with self.subTest(vals=vals):
                with self.assertRaises(UserError):
                    plan.write(vals)
                new = {"name": "N", "membership_id": self.membership.id}
                with self.assertRaises(UserError):
                    plans.create({**new, **vals})
                context = {f"default_{name}": value for name, value in vals.items()}
                with self.assertRaises(UserError):
                    plans.with_context(**context).create(new)

    def test_amendment_takes_over_when_both_agree(self):
        plan = self._agree(self._new_plan())
        review = self.env["prm.business.plan.review"].create(
            {"plan_id": plan.id, "date": "2026-09-01"}
        )
        action = plan.with_user(self.manager).action_amend()
        amendment = self.env["prm.business.plan"].browse(action["res_id"])
        self.assertEqual((amendment.state, amendment.version), ("draft", 2))
        self.assertEqual(amendment.objective_ids.target, 100.0)
        self.assertFalse(amendment.partner_agreed_on)
        amendment.with_user(self.manager).objective_ids.target = 150.0
        amendment.with_user(self.manager).action_propose()
        amendment.with_user(self.admin_user).action_agree()
        self.assertEqual(plan.state, "running", "it holds until both agree to the new one")
        amendment.with_user(self.manager).action_agree()
        self.assertEqual((plan.state, amendment.state), ("closed", "running"))
        self.assertEqual(review.plan_id, amendment)
        self.assertEqual(plan.objective_ids.target, 100.0, "what was agreed first is kept")

    def test_one_amendment_at_a_time(self):
        plan = self._agree(self._new_plan())
        plan.action_amend()
        with self._assert_refused("amends_uniq"):
            plan.action_amend()

    def test_steps_in_their_order(self):
        plan = self._new_plan()
        for step in (plan.action_agree, plan.action_withdraw, plan.action_close, plan.action_amend):
            with self.subTest(step=step.__name__), self.assertRaisesRegex(UserError, "Draft"):
                step()
        plan.action_cancel()
        self.assertEqual(plan.state, "cancelled")
        plan.action_reset()
        self.assertEqual(plan.state, "draft")
        self._agree(plan).action_close()
        self.assertEqual(plan.state, "closed")

    def test_known_plans_are_not_deleted(self):
        plan = self._new_plan()
        plan.action_propose()
        with self.assertRaisesRegex(UserError, "Cancel it"):
            plan.unlink()
        plan.action_cancel()
        plan.unlink()
        self.assertFalse(plan.exists())

    def test_copy_to_next_year(self):
        half = {
            "metric_id": self.count.id,
            "target": 3.0,
            "date_start": "2026-01-01",
            "date_end": "2026-06-30",
        }
        plan = self._new_plan(objectives=[{"metric_id": self.money.id, "target": 9.0}, half])
        self.env["prm.business.plan.review"].create(
            {"plan_id": plan.id, "date": "2026-04-01", "name": "Spring", "note": "Said"}
        )
        self._agree(plan)
        action = plan.with_user(self.manager).action_copy_next_year()
        copy = self.env["prm.business.plan"].browse(action["res_id"])
        self.assertEqual((copy.name, copy.state, copy.version), ("Growth 2027", "draft", 1))
        self.assertEqual((copy.date_start, copy.date_end), (date(2027, 1, 1), date(2027, 12, 31)))
        self.assertEqual(copy.objective_ids.mapped("target"), [9.0, 3.0])
        self.assertEqual(copy.objective_ids[1].date_end, date(2027, 6, 30))
        self.assertEqual((copy.review_ids.date, copy.review_ids.name), (date(2027, 4, 1), "Spring"))
        self.assertFalse(copy.review_ids.note)

    def test_bad_input(self):
        with self._assert_refused("dates_check"):
            self._new_plan(date_end="2025-12-31", objectives=[])
        with self.assertRaisesRegex(ValidationError, "own people"):
            self._new_plan(contact_id=self.rival_contact.id)
        for target, weight, rule in ((0, 1, "target_check"), (5, 0, "weight_check")):
            vals = {"metric_id": self.money.id, "target": target, "weight": weight}
            with self.subTest(rule=rule), self._assert_refused(rule):
                self._new_plan(objectives=[vals])
        outside = {"metric_id": self.money.id, "target": 1, "date_end": "2027-01-31"}
        with self.assertRaisesRegex(ValidationError, "within"):
            self._new_plan(objectives=[outside])

    def test_proposal_is_mailed_in_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("prm_partner.mail_template_plan_proposed")
        template.with_context(lang="fr_FR").subject = "Plan {{ object.name }}"
        self.contact.lang = "fr_FR"
        plan = self._new_plan(contact_id=self.contact.id, internal_note="Weak partner")
        plan.with_user(self.manager).action_propose()
        mail = self.env["mail.mail"].search(
            [("model", "=", plan._name), ("res_id", "=", plan.id)]
        )
        self.assertEqual(mail.subject, "Plan Growth 2026")
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertIn(f"res_id={plan.id}", mail.body_html)
        self.assertNotIn("Weak partner", mail.body_html)

    def test_plan_that_is_over_is_closed_by_its_owner(self):
        plan = self._agree(self._new_plan())
        with freeze_time("2027-01-01"):
            self._run_cron("ir_cron_follow_up_plans")
            self._run_cron("ir_cron_follow_up_plans")
        self.assertEqual(plan.state, "running")
        self.assertEqual(len(plan.activity_ids), 1)
        self.assertEqual(plan.activity_ids.user_id, self.manager)
        plan.with_user(self.manager).action_close()
        self.assertFalse(plan.activity_ids)
