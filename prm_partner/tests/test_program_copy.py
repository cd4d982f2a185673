from odoo.exceptions import UserError
from odoo.fields import Command

from .common import PartnerCase


class TestProgramCopy(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.other = cls.env["res.company"].create({"name": "Company B"})
        cls.program_manager.company_ids = [Command.link(cls.other.id)]
        cls.metric = cls.env["prm.metric"].create({"code": "t_copy", "name": "Sales"})
        cls.shared, cls.own = cls.env["product.pricelist"].create(
            [{"name": "Everywhere", "company_id": False}, {"name": "Here"}]
        )
        cls.own.company_id = cls.company
        cls._fill_tiers()
        cls._fill_program()

    @classmethod
    def _fill_tiers(cls):
        for tier, threshold in ((cls.silver, 1), (cls.gold, 10)):
            points = {"mode": "points", "points": 5, "window": "lifetime"}
            tier.requirement_ids = [
                Command.create({"metric_id": cls.metric.id, "threshold": threshold}),
                Command.create({"metric_id": cls.metric.id, "threshold": threshold, **points}),
            ]
        cls.gold.points_required = 5
        cls.gold.with_context(lang="fr_FR").name = "Or"
        cls.gold.benefit_ids = [
            Command.create({"kind": "pricelist", "pricelist_id": cls.own.id}),
            Command.create({"kind": "protection_days", "value": 120, "annual_cost": 90}),
        ]
        cls.silver.benefit_ids = [
            Command.create({"kind": "pricelist", "pricelist_id": cls.shared.id})
        ]
        cls.platinum.active = False

    @classmethod
    def _fill_program(cls):
        cls.basics = cls.env["prm.program"].create({"name": "Basics"})
        cls.agreement = cls.env["prm.agreement.template"].create(
            {"name": "Contract", "program_ids": cls.program.ids, "body": "<p>Text</p>"}
        )
        cls.agreement.action_publish()
        steps = [
            {"name": "Second"},
            {"name": "First", "responsible": "user", "user_id": cls.manager.id, "is_gate": True},
        ]
        cls.program.write(
            {
                "code": "TEST",
                "prerequisite_ids": cls.basics.ids,
                "scorecard_weight_ids": [
                    Command.create({"metric_id": cls.metric.id, "target": 100})
                ],
                "due_diligence_item_ids": [
                    Command.create({"name": "Register", "user_id": cls.manager.id}),
                    Command.create({"name": "Old", "active": False}),
                ],
                "onboarding_plan_ids": [
                    Command.create(
                        {
                            "name": name,
                            "grade_id": grade.id,
                            "line_ids": [Command.create(step) for step in steps],
                        }
                    )
                    for name, grade in (
                        ("Top", cls.platinum),
                        ("Golden", cls.gold),
                        ("All", cls.env["res.partner.grade"]),
                    )
                ],
            }
        )
        for plan in cls.program.onboarding_plan_ids:
            plan.line_ids[0].after_line_id = plan.line_ids[1]

    def _copy(self, **default):
        programs = self.env["prm.program"].with_context(
            allowed_company_ids=(self.company | self.other).ids
        )
        return programs.with_user(self.program_manager).browse(self.program.id).copy(default)

    def _check_plans(self, copy):
        plans = copy.onboarding_plan_ids.sorted("id")
        self.assertEqual(plans.mapped("name"), ["Golden", "All"])
        self.assertEqual(plans[0].grade_id, copy._prm_tiers()[1])
        self.assertFalse(plans[1].grade_id)
        for plan in plans:
            second, first = plan.line_ids.sorted("id")
            self.assertEqual((second.after_line_id, second.plan_id), (first, plan))
            self.assertEqual(first.mapped("is_gate"), [True])

    def test_copy_is_a_whole_program(self):
        self._enroll(self.partner, self.gold)
        copy = self._copy()
        self.env.flush_all()
        self.assertEqual((copy.name, copy.code), ("Test Resellers (copy)", False))
        silver, gold = copy._prm_tiers()
        self.assertEqual((silver.name, gold.name, gold.points_required), ("Silver", "Gold", 5))
        self.assertEqual(gold.with_context(lang="fr_FR").name, "Or")
        self.assertEqual(gold.requirement_ids.mapped("threshold"), [10, 10])
        self.assertEqual(gold.default_pricelist_id, self.own)
        costs = {benefit.kind: benefit.annual_cost for benefit in gold.benefit_ids}
        self.assertEqual(costs, {"pricelist": 0, "protection_days": 90})
        self.assertEqual(copy.scorecard_weight_ids.target, 100)
        self.assertEqual(copy.due_diligence_item_ids.mapped("name"), ["Register"])
        self.assertEqual(copy.due_diligence_item_ids.user_id, self.manager)
        self.assertEqual(copy.prerequisite_ids, self.basics)
        self.assertEqual(copy.agreement_template_ids, self.agreement)
        self._check_plans(copy)
        self.assertEqual(copy.onboarding_plan_ids.line_ids.user_id, self.manager)
        self.assertFalse(copy.membership_ids)

    def test_the_original_keeps_its_parts(self):
        parts = [
            "grade_ids",
            "scorecard_weight_ids",
            "due_diligence_item_ids",
            "onboarding_plan_ids",
            "agreement_template_ids",
        ]
        before = [self.program[name] for name in parts]
        copy = self._copy(company_id=self.other.id)
        self.env.invalidate_all()
        self.assertEqual([self.program[name] for name in parts], before)
        self.assertFalse(copy.grade_ids & self.program.grade_ids)
        self.assertEqual(self.gold.benefit_ids.pricelist_id, self.own)

    def _check_in_other_company(self, copy):
        self.env.flush_all()
        self.assertEqual(copy.company_id, self.other)
        self.assertEqual(copy.user_id, self.program_manager)
        silver, gold = copy._prm_tiers()
        self.assertEqual((silver | gold).company_id, self.other)
        self.assertEqual(silver.benefit_ids.pricelist_id, self.shared)
        self.assertEqual(silver.default_pricelist_id, self.shared)
        self.assertEqual(gold.benefit_ids.kind, "protection_days")
        self.assertFalse(gold.default_pricelist_id)
        self.assertFalse(copy.prerequisite_ids)
        self.assertEqual(copy.due_diligence_item_ids.name, "Register")
        self.assertFalse(copy.due_diligence_item_ids.user_id)
        self._check_plans(copy)
        steps = copy.onboarding_plan_ids.line_ids
        self.assertFalse(steps.user_id)
        self.assertNotIn("user", steps.mapped("responsible"))
        draft = copy.agreement_template_ids
        self.assertEqual((draft.name, draft.state), ("Contract", "draft"))
        self.assertEqual((draft.company_id, draft.program_ids), (self.other, copy))
        self.assertEqual(self.agreement.program_ids, self.program)

    def test_copy_for_another_company(self):
        self.program.user_id = self.manager
        self._check_in_other_company(self._copy(company_id=self.other.id))

    def test_copy_that_moves_to_another_company(self):
        self.program.user_id = self.manager
        copy = self._copy()
        copy.prerequisite_ids = False
        copy.company_id = self.other
        self._check_in_other_company(copy)

    def test_a_program_with_members_does_not_move(self):
        self._enroll(self.partner, self.gold)
        with self.assertRaisesRegex(UserError, "Copy the program"):
            self.program.company_id = self.other
        self.assertEqual(self.program.agreement_template_ids, self.agreement)

    def test_only_the_last_version_of_an_agreement_is_made_anew(self):
        self.agreement.action_new_version()
        draft = self.program.agreement_template_ids - self.agreement
        draft.body = "<p>Second</p>"
        copy = self._copy(company_id=self.other.id)
        self.assertEqual(copy.agreement_template_ids.body, "<p>Second</p>")

    def test_a_copied_plan_keeps_the_order_of_its_steps(self):
        plan = self.program.onboarding_plan_ids[-1]
        second, first = plan.copy().line_ids.sorted("id")
        self.assertEqual(second.after_line_id, first)
