import itertools

from odoo.exceptions import AccessError
from odoo.fields import Command

from ..wizards.prm_program_template import TEMPLATES
from .common import PartnerCase


class TestProgramTemplate(PartnerCase):
    def _create(self, **vals):
        wizard = self.env["prm.program.template"].with_user(self.program_manager).create(vals)
        return self.env["prm.program"].browse(wizard.action_create_program()["res_id"])

    def test_every_template_makes_a_usable_program(self):
        for template, _label in TEMPLATES:
            with self.subTest(template=template):
                program = self._create(template=template)
                self.assertEqual(program.kind, template)
                self.assertEqual(program.user_id, self.program_manager)
                tiers = program._prm_tiers()
                self.assertEqual(len(tiers), 3)
                self.assertFalse(tiers[0].requirement_ids)
                # A partner can climb: each tier asks for more than the one below.
                thresholds = [
                    {line.metric_id.code: line.threshold for line in tier.requirement_ids}
                    for tier in tiers
                ]
                for lower, higher in itertools.pairwise(thresholds):
                    for code, threshold in lower.items():
                        self.assertGreater(higher[code], threshold)
                self.assertIn(program.name, self.env["prm.program"].search([]).mapped("name"))
                self.assertEqual(self._enroll(self.partner, program=program).grade_id, tiers[0])

    def test_every_template_has_all_parts(self):
        for template, _label in TEMPLATES:
            with self.subTest(template=template):
                program = self._create(template=template)
                self.assertGreater(program.contact_days, 0)
                self.assertGreater(len(program.scorecard_weight_ids), 1)
                self.assertGreater(len(program.due_diligence_item_ids), 1)
                plan = program.onboarding_plan_ids
                self.assertEqual(set(plan.line_ids.mapped("side")), {"us", "partner"})
                self.assertTrue(all(plan.line_ids.mapped("name")))
                gates = plan.line_ids.filtered("is_gate")
                self.assertTrue(gates)
                # A person can close each gate, whatever add-ons are installed.
                self.assertFalse(gates.filtered("auto_done"))

    def test_a_higher_tier_gives_no_less(self):
        for template, _label in TEMPLATES:
            with self.subTest(template=template):
                tiers = self._create(template=template)._prm_tiers()
                gives = [
                    {line.kind: line.value for line in tier.benefit_ids} for tier in tiers
                ]
                self.assertIn("support_sla", gives[0])
                for lower, higher in itertools.pairwise(gives):
                    for kind, value in lower.items():
                        self.assertGreaterEqual(higher[kind], value)
                    self.assertGreater(higher["protection_days"], lower["protection_days"])

    def test_program_works(self):
        """A partner gets its tasks, benefits and score from a new program."""
        program = self._create(template="reseller")
        membership = self._enroll(self.partner, program=program, state="applicant")
        membership._begin()
        self.assertEqual(membership.state, "onboarding")
        tasks = membership.onboarding_task_ids
        kick_off = tasks.filtered(lambda task: task.name == "Kick-off meeting")
        self.assertEqual(kick_off.after_task_id.name, "Complete the company profile")
        for task in tasks.filtered("is_gate"):
            task.action_done()
        self.assertEqual(membership.state, "active")
        self.assertEqual(membership._prm_benefit("protection_days"), 60)
        self.assertEqual(membership._prm_benefit("support_sla"), "Answers on the next working day")
        membership.action_score()
        self.assertTrue(membership.scorecard_id)

    def test_summary_says_what_you_get(self):
        wizard = self.env["prm.program.template"].with_user(self.program_manager).create({})
        for text in ("Gold", "Onboarding plan, steps: ", "Due diligence, checks: 4"):
            self.assertIn(text, wizard.summary)

    def test_steps_that_nobody_could_finish_are_left_out(self):
        self.env["prm.metric"].search([("code", "!=", "revenue")]).active = False
        steps = self._create(template="reseller").onboarding_plan_ids.line_ids
        self.assertFalse(steps.filtered(lambda line: line.auto_done == "first_certified"))
        self.assertTrue(steps.filtered(lambda line: line.auto_done == "first_login"))

    def test_parts_in_the_installed_languages(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        texts = type(self.env["prm.program.template"])._get_step_texts
        russian = {"name": "Первые 60 дней"}

        def in_russian(wizard):
            return {**texts(wizard), **(russian if wizard.env.lang == "ru_RU" else {})}

        self.patch(type(self.env["prm.program.template"]), "_get_step_texts", in_russian)
        plan = self._create(template="referral").onboarding_plan_ids
        self.assertEqual(plan.with_context(lang="en_US").name, "The First 60 Days")
        self.assertEqual(plan.with_context(lang="ru_RU").name, "Первые 60 дней")

    def test_benefits_have_a_cost_that_rises_with_the_tiers(self):
        for template, _label in TEMPLATES:
            with self.subTest(template=template):
                tiers = self._create(template=template)._prm_tiers()
                costs = [sum(tier.benefit_ids.mapped("annual_cost")) for tier in tiers]
                self.assertGreater(costs[0], 0)
                self.assertEqual(costs, sorted(set(costs)))

    def test_thresholds_are_round_numbers_of_the_currency(self):
        euro = self.env.ref("base.EUR")
        yen = self.env.ref("base.JPY")
        (euro | yen).active = True
        self.env["res.currency.rate"].search([("currency_id", "in", (euro | yen).ids)]).unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": euro.id, "rate": 1.0, "name": "2020-01-01"},
                {"currency_id": yen.id, "rate": 163.7, "name": "2020-01-01"},
            ]
        )
        for currency, threshold, target, cost in (
            (euro, 25000.0, 100000.0, 800.0),
            (yen, 4000000.0, 15000000.0, 120000.0),
        ):
            with self.subTest(currency=currency.name):
                program = self._create(template="reseller", currency_id=currency.id)
                self.assertEqual(program.currency_id, currency)
                gold = program._prm_tiers()[1]
                revenue = gold.requirement_ids.filtered(
                    lambda line: line.metric_id.code == "revenue"
                )
                self.assertEqual(revenue.threshold, threshold)
                weight = program.scorecard_weight_ids.filtered(
                    lambda line: line.metric_id.code == "revenue"
                )
                self.assertEqual(weight.target, target)
                support = gold.benefit_ids.filtered(lambda line: line.kind == "support_sla")
                self.assertEqual(support.annual_cost, cost)
                self.assertEqual(weight.floor, 0.0)

    def test_metrics_that_nobody_computes_are_left_out(self):
        self.env["prm.metric"].search([("code", "!=", "revenue")]).active = False
        program = self._create(template="reseller")
        codes = program.grade_ids.requirement_ids.metric_id.mapped("code")
        self.assertEqual(set(codes), {"revenue"})

    def test_names_in_the_installed_languages(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.env["ir.module.module"].search([("name", "=", "prm_partner")])._update_translations(
            ["ru_RU"]
        )
        program = self._create(template="reseller")
        tier = program._prm_tiers()[1]
        self.assertEqual(tier.with_context(lang="en_US").name, "Gold")
        self.assertEqual(
            program.with_context(lang="ru_RU").name,
            self.env(context={"lang": "ru_RU"})["prm.program.template"]
            .new({"template": "reseller"})
            ._prepare_texts()["name"],
        )

    def test_own_name_stays_in_every_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        program = self._create(template="reseller", name="Our Friends")
        self.assertEqual(program.with_context(lang="fr_FR").name, "Our Friends")

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Company B"})
        self.program_manager.company_ids = [Command.link(company.id)]
        program = (
            self.env["prm.program.template"]
            .with_user(self.program_manager)
            .with_context(allowed_company_ids=[company.id, self.company.id])
            .create({"template": "distributor", "company_id": company.id})
        )
        program = self.env["prm.program"].browse(program.action_create_program()["res_id"])
        self.assertEqual(program.company_id, company)
        self.assertEqual(program.grade_ids.company_id, company)
        for parts in (
            program.grade_ids.benefit_ids,
            program.scorecard_weight_ids,
            program.onboarding_plan_ids,
            program.due_diligence_item_ids,
        ):
            self.assertEqual(parts.company_id, company)

    def test_partner_manager_makes_no_program(self):
        for user in (self.manager, self._new_portal_user(self.contact, "admin")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["prm.program.template"].with_user(user).create({"template": "reseller"})
