from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from .working import WorkingCase

PLAN, OBJECTIVE, REVIEW = "prm.business.plan", "prm.objective", "prm.business.plan.review"
SCORES = ("prm.scorecard", "prm.scorecard.line", "prm.scorecard.weight")
SCORE_FIELDS = ("score", "score_color", "scorecard_id", "scorecard_ids", "scorecard_line_ids")
CADENCE_FIELDS = ("contact_days", "business_plan_ids")
PROGRAM_FIELDS = ("scorecard_weight_ids", "contact_days", "health_green", "health_amber")


@freeze_time("2026-07-01")
class TestWorkingSecurity(WorkingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-07-01"):
            cls.plan = cls._new_plan(
                objectives=[
                    {"metric_id": cls.money.id, "target": 100.0},
                    {"metric_id": cls.count.id, "target": 4.0},
                ],
                internal_note="<p>Weak partner</p>",
            )
            cls.review = cls.env[REVIEW].create(
                {
                    "plan_id": cls.plan.id,
                    "date": "2026-06-01",
                    "note": "<p>Common</p>",
                    "internal_note": "<p>Secret</p>",
                }
            )
            cls.plan.action_propose()
            cls.draft = cls._new_plan()
            cls.rival_plan = cls._new_plan(cls.rival_membership)
            cls.rival_plan.action_propose()
            cls._weigh((cls.money, 0, 100, 1))
            cls.scorecard = cls.env["prm.scorecard"]._score(
                cls.membership | cls.rival_membership, cls.env.cr.now().date()
            )
        cls.staff = {
            "manager": cls.manager,
            "other_manager": cls.other_manager,
            "program_manager": cls.program_manager,
        }
        cls.roles = {
            role: cls._new_colleague(role)
            for role in ("sales", "technical", "finance", "marketing")
        }
        customer = cls.env["res.partner"].create({"name": "Customer", "email": "c@c.example"})
        cls.outsiders = {
            "customer": cls._new_portal_user(customer, None),
            "public": cls.env.ref("base.public_user"),
            "employee": new_test_user(cls.env, "t_employee", groups="base.group_user"),
        }

    def _visible(self, user, model):
        return self.env[model].with_user(user).search([]).sudo(False).with_env(self.env)

    def test_outsiders_have_no_access(self):
        for name, user in self.outsiders.items():
            for model in (PLAN, OBJECTIVE, REVIEW, *SCORES):
                with self.subTest(user=name, model=model), self.assertRaises(AccessError):
                    self._visible(user, model)

    def test_partner_sees_what_was_proposed_to_it(self):
        for user in (self.admin_user, *self.roles.values()):
            with self.subTest(user=user.login):
                self.assertEqual(self._visible(user, PLAN), self.plan)
                self.assertEqual(self._visible(user, REVIEW), self.review)
        self.assertEqual(self._visible(self.rival_user, PLAN), self.rival_plan)
        self.plan.action_withdraw()
        self.assertFalse(self._visible(self.admin_user, PLAN))
        self.assertFalse(self._visible(self.admin_user, OBJECTIVE))
        self.assertFalse(self._visible(self.admin_user, REVIEW))

    def test_no_way_to_the_rival(self):
        plans = self.env[PLAN].with_user(self.rival_user)
        with self.assertRaises(AccessError):
            plans.browse(self.plan.id).read(["name"])
        self.assertEqual(plans.search_count([("partner_id", "=", self.partner.id)]), 0)
        groups = plans.formatted_read_group([], ["partner_id"], ["__count"])
        self.assertEqual(sum(group["__count"] for group in groups), 1)
        for method in ("action_agree", "action_propose", "action_close", "action_cancel"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(plans.browse(self.plan.id), method)()
        with self.assertRaises(AccessError):
            plans.browse(self.plan.id).action_return("No")
        self.assertEqual(self.plan.state, "proposed")

    def test_money_objectives_by_role(self):
        money, count = self.plan.objective_ids
        for role, user in {"admin": self.admin_user, **self.roles}.items():
            seen = money | count if role in ("admin", "sales", "finance") else count
            with self.subTest(role=role):
                self.assertEqual(self._visible(user, OBJECTIVE), seen)
                self.env.invalidate_all()  # each request starts with an empty cache
                self.assertEqual(self.plan.with_user(user).objective_ids.with_env(self.env), seen)
        with self.assertRaises(AccessError):
            money.with_user(self.roles["technical"]).read(["target_text"])

    def test_only_an_administrator_of_the_partner_agrees(self):
        for role, user in self.roles.items():
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    self.plan.with_user(user).action_agree()
                with self.assertRaises(AccessError):
                    self.plan.with_user(user).action_return("No")
        with self.assertRaises(AccessError):
            self.plan.with_user(self.other_manager).action_agree()
        self.plan.with_user(self.admin_user).action_agree()
        self.assertEqual(self.plan.partner_agreed_by_id, self.contact)
        self.assertFalse(self.plan.vendor_agreed_on, "the partner agrees for itself only")

    def test_partner_writes_nothing(self):
        for record in (self.plan, self.plan.objective_ids, self.review):
            own = record.with_user(self.admin_user)
            with self.subTest(model=record._name):
                for operation in ("write", "unlink", "create"):
                    self.assertFalse(own.has_access(operation))

    def test_partner_takes_no_other_step(self):
        own = self.plan.with_user(self.admin_user)
        steps = ("propose", "withdraw", "close", "cancel", "reset", "amend", "copy_next_year")
        for step in (*steps, "refresh"):
            with self.subTest(step=step), self.assertRaises(AccessError):
                getattr(own, f"action_{step}")()
        review = self.review.with_user(self.admin_user)
        for step in (review.action_done, review.action_undo):
            with self.assertRaises(AccessError):
                step()
        self.assertEqual(self.plan.state, "proposed")

    def _assert_hidden(self, record, names):
        """Neither read, searched, sorted, grouped nor exported."""
        for name in names:
            with self.subTest(model=record._name, field=name):
                self.assertNotIn(name, record.fields_get())
                for access in (
                    lambda name=name: record.read([name]),
                    lambda name=name: record.search([(name, "!=", False)]),
                    lambda name=name: record.export_data([name]),
                ):
                    with self.assertRaises(UserError):
                        access()
                if record._fields[name].column_type:
                    with self.assertRaises(AccessError):
                        record.formatted_read_group([], [name], ["__count"])

    def test_internal_fields_are_hidden(self):
        user = self.admin_user
        self._assert_hidden(self.plan.with_user(user), ("internal_note", "end_reminded"))
        internal = ("internal_note", "date_reminded", "activity_id")
        self._assert_hidden(self.review.with_user(user), internal)
        self.assertIn("Common", self.review.with_user(user).note)

    def test_score_is_hidden(self):
        """From the partner's own people as well, whatever way they try."""
        membership = self.membership.with_user(self.admin_user)
        self.assertEqual(self.membership.score_color, "red")
        self._assert_hidden(membership, SCORE_FIELDS)
        self._assert_hidden(membership, CADENCE_FIELDS)
        with self.assertRaises(AccessError):
            membership.search([("contact_cadence", "=", "own")])
        self._assert_hidden(self.program.with_user(self.admin_user), PROGRAM_FIELDS)
        for path in ("membership_id.score", "partner_id.prm_membership_ids.score"):
            with self.subTest(path=path), self.assertRaises(AccessError):
                self.env[PLAN].with_user(self.admin_user).search([(path, ">=", 0)])
        with self.assertRaises(UserError):
            self.plan.with_user(self.admin_user).export_data(["membership_id/score"])
        for field in ("score", "score_color"):
            with self.assertRaises(AccessError):
                membership.search([], order=f"{field} desc")
        for model in SCORES:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self._visible(self.admin_user, model)
        with self.assertRaises(AccessError):
            membership.action_score()
        with self.assertRaises(AccessError):
            self.scorecard.with_user(self.admin_user).action_recompute()

    def test_messages_for_staff_stay_inside(self):
        self.plan.message_post(body="Only for us", subtype_xmlid="mail.mt_note")
        self.plan.message_post(
            body="For both", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        messages = self.env["mail.message"].with_user(self.admin_user).search(
            [("model", "=", PLAN), ("res_id", "=", self.plan.id)]
        )
        bodies = "".join(messages.mapped("body"))
        self.assertIn("For both", bodies)
        self.assertNotIn("Only for us", bodies)
        self.assertFalse(messages.sudo().tracking_value_ids)

    def test_managers_see_their_own_partners(self):
        lines = self.scorecard.line_ids
        own = {
            PLAN: self.plan | self.draft,
            OBJECTIVE: (self.plan | self.draft).objective_ids,
            REVIEW: self.review,
            "prm.scorecard": self.membership.scorecard_id,
            "prm.scorecard.line": self.membership.scorecard_id.line_ids,
        }
        every = {
            PLAN: self.plan | self.draft | self.rival_plan,
            OBJECTIVE: (self.plan | self.draft | self.rival_plan).objective_ids,
            REVIEW: self.review,
            "prm.scorecard": self.scorecard,
            "prm.scorecard.line": lines,
        }
        for model, records in every.items():
            with self.subTest(model=model):
                self.assertEqual(self._visible(self.manager, model) & records, own[model])
                others = records - own[model]
                self.assertEqual(self._visible(self.other_manager, model) & records, others)
                self.assertEqual(self._visible(self.program_manager, model) & records, records)

    def test_other_manager_changes_nothing(self):
        plan = self.plan.with_user(self.other_manager)
        for step in (plan.action_withdraw, plan.action_cancel, plan.action_agree):
            with self.assertRaises(AccessError):
                step()
        with self.assertRaises(AccessError):
            self.membership.with_user(self.other_manager).action_score()
        with self.assertRaises(AccessError):
            self._new_plan_as(self.other_manager)

    def test_owner_sees_the_plan_of_a_colleagues_partner(self):
        self.plan.user_id = self.other_manager
        own = self.plan.with_user(self.other_manager)
        self.assertEqual(own.objective_ids, self.plan.objective_ids)
        self.assertEqual(own.review_ids, self.plan.review_ids)
        self.env.invalidate_all()
        [values] = own.web_read({"membership_id": {"fields": {"display_name": {}}}})
        self.assertEqual(values["membership_id"]["display_name"], self.membership.display_name)
        with self.assertRaises(AccessError):
            self.membership.with_user(self.other_manager).read(["state"])

    def _new_plan_as(self, user):
        return self.env[PLAN].with_user(user).create(
            {"name": "Mine", "membership_id": self.membership.id}
        )

    def test_scores_are_written_by_the_job_only(self):
        for name, user in self.staff.items():
            for model in ("prm.scorecard", "prm.scorecard.line"):
                scores = self.env[model].with_user(user)
                with self.subTest(user=name, model=model):
                    for operation in ("create", "write", "unlink"):
                        self.assertFalse(scores.has_access(operation))
        with self.assertRaises(AccessError):
            self.env["prm.scorecard.weight"].with_user(self.manager).create({})

    def test_other_company_is_invisible(self):
        other = self.env["res.company"].create({"name": "Company B"})
        stranger = new_test_user(
            self.env,
            "t_company_b",
            groups="base.group_user,prm_partner.group_prm_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in (PLAN, OBJECTIVE, REVIEW, *SCORES):
            with self.subTest(model=model):
                self.assertFalse(self._visible(stranger, model))

    def test_partner_of_two_programs_sees_both_plans(self):
        program = self.program.copy({"name": "Second"})
        membership = self._enroll(self.partner, program=program)
        plan = self._new_plan(membership)
        plan.action_propose()
        self.assertEqual(self._visible(self.admin_user, PLAN), self.plan | plan)

    def test_text_of_the_partner_is_no_markup(self):
        own = self.plan.with_user(self.admin_user)
        own.action_agree(self.plan.version, "<script>alert(1)</script>")
        self.assertNotIn("<script>", "".join(self.plan.message_ids.mapped("body")))
        with self.assertRaises(UserError):
            own.action_return("Too late?", version="1")
