from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time

from .common import CommissionCase


@freeze_time("2026-04-20")
class TestRule(CommissionCase):
    def _get_rule_of(self, invoice):
        return self.env["prm.commission.basis"].search([("move_id", "=", invoice.id)]).rule_id

    def test_overlap_is_refused_by_name(self):
        with self.assertRefused(ValidationError, "9 percent v1.*8 percent v1.*Plan of Test"):
            self._new_rule(self.plan, 9)

    def test_periods_that_touch_are_no_overlap(self):
        self.rule.date_end = "2026-01-31"
        later = self._new_rule(self.plan, 9, date_start="2026-02-01")
        self.assertEqual(self._get_rule_of(self._new_invoice(date="2026-01-31")), self.rule)
        self.assertEqual(self._get_rule_of(self._new_invoice(date="2026-02-01")), later)

    def test_overlap_by_one_day_is_refused(self):
        self.rule.date_end = "2026-01-31"
        with self.assertRefused(ValidationError, "overlap"):
            self._new_rule(self.plan, 9, date_start="2026-01-31")

    def test_rate_out_of_bounds(self):
        for rate in (0, -1, 100.001):
            with self.assertRefused(ValidationError, "must be above 0"):
                self._new_rule(self.plan, rate, grade_id=self.gold.id)

    def test_tier_of_another_program(self):
        _program, foreign, _gold = self._new_program("Other")
        with self.assertRefused(ValidationError, "does not belong to the program"):
            self._new_rule(self.plan, 5, grade_id=foreign.id)

    def test_plans_of_a_program_do_not_overlap(self):
        self.plan.date_end = "2026-06-30"
        with self.assertRefused(ValidationError, "overlap"):
            self._new_plan(self.program, date_start="2026-06-30")
        following = self._new_plan(self.program, date_start="2026-07-01")
        self.assertEqual(following.currency_id, self.program.currency_id)

    def test_narrowest_rule_wins(self):
        gold = self._new_rule(self.plan, 10, grade_id=self.gold.id)
        hardware = self._new_rule(self.plan, 5, category_id=self.hardware.id)
        routers = self._new_rule(self.plan, 4, category_id=self.routers.id)
        select = self.plan.rule_ids._select
        date = self.plan.create_date.date()
        self.assertEqual(select(self.product_a, self.gold, date), gold)
        self.assertEqual(select(self.product_a, self.silver, date), self.rule)
        self.assertEqual(select(self.router, self.gold, date), routers)
        self.router.categ_id = self.hardware
        self.assertEqual(select(self.router, self.gold, date), hardware)

    def test_each_line_has_its_rule(self):
        routers = self._new_rule(self.plan, 4, category_id=self.routers.id)
        invoice = self._new_invoice(lines=[(self.product_a, 1000), (self.router, 500)])
        self._pay(invoice)
        amounts = {entry.rule_id: entry.amount for entry in self._get_entries(invoice)}
        self.assertEqual(amounts, {self.rule: 80.0, routers: 20.0})

    def test_one_line_or_two_the_same(self):
        one = self._new_invoice(2000)
        two = self._new_invoice(lines=[(self.product_a, 1000), (self.product_a, 1000)])
        self._pay(one | two)
        self.assertEqual(self._get_amounts(one), self._get_amounts(two))

    def test_no_rule_no_commission(self):
        self.rule.category_id = self.routers
        invoice = self._new_invoice()
        self._pay(invoice)
        self.assertFalse(self._get_entries(invoice))

    def test_tier_of_the_invoice_date_counts(self):
        gold = self._new_rule(self.plan, 10, grade_id=self.gold.id)
        with freeze_time("2026-03-01"):
            self.membership._set_tier(self.silver, "Review")
        before = self._new_invoice(date="2026-02-28")
        after = self._new_invoice(date="2026-03-02")
        self.assertEqual(self._get_rule_of(before), gold)
        self.assertEqual(self._get_rule_of(after), self.rule)

    def test_later_changes_leave_the_sale_alone(self):
        """Tier and product category change between the two halves of the payment."""
        self._new_rule(self.plan, 10, grade_id=self.gold.id)
        self._new_rule(self.plan, 4, category_id=self.hardware.id)
        invoice = self._new_invoice(1000)
        self._pay(invoice, 575)
        self.membership._set_tier(self.silver, "Review")
        self.product_a.categ_id = self.hardware
        self._pay(invoice)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 50.0), ("accrual", 50.0)])

    def test_used_rule_is_locked(self):
        self._new_invoice()
        for vals in ({"rate": 9}, {"category_id": self.hardware.id}, {"date_start": "2026-01-01"}):
            with self.assertRefused(UserError, "8 percent v1.*New Version"):
                self.rule.write(vals)
        with self.assertRefused(UserError, "so it stays"):
            self.rule.unlink()
        with self.assertRefused(UserError, "program and currency"):
            self.plan.currency_id = self.setup_other_currency("EUR")
        self.rule.write({"rate": 8.0, "date_end": "2026-12-31"})
        self.assertEqual(str(self.rule.date_end), "2026-12-31")

    def test_unused_rule_is_free(self):
        self.rule.write({"rate": 9, "category_id": self.hardware.id})
        self.assertEqual(self.rule.rate, 9)

    def test_new_version(self):
        invoice = self._new_invoice()
        self._pay(invoice, 6900)
        action = self.rule.action_new_version()
        following = self.env["prm.commission.rule"].browse(action["res_id"])
        following.rate = 9
        self.assertRecordValues(
            self.rule | following,
            [
                {"version": 1, "rate": 8.0, "previous_id": False},
                {"version": 2, "rate": 9.0, "previous_id": self.rule.id},
            ],
        )
        self.assertEqual(str(self.rule.date_end), "2026-04-19")
        self.assertEqual(str(following.date_start), "2026-04-20")
        self._pay(invoice)
        self.assertEqual(sum(self._get_entries(invoice).mapped("amount")), 960.0)
        later = self._new_invoice(date="2026-04-20")
        self._pay(later, date="2026-04-20")
        self.assertEqual(self._get_amounts(later), [("accrual", 1080.0)])
        with self.assertRefused(UserError, "next version already"):
            self.rule.action_new_version()

    def test_version_of_an_ended_rule(self):
        self.rule.date_end = "2026-01-31"
        with self.assertRefused(UserError, "ended on"):
            self.rule.action_new_version()

    def test_deal_is_paid_by_the_program_it_was_registered_in(self):
        program, bronze, _gold = self._new_program("Referrals")
        rule = self._new_rule(self._new_plan(program), 3)
        membership = self._enroll(self.partner, bronze)
        registration = self.env["prm.deal.registration"].create(
            {
                "partner_id": self.partner.id,
                "membership_id": membership.id,
                "customer_name": "Customer Inc.",
                "company_id": self.company.id,
            }
        )
        invoice = self._new_invoice(registration_id=registration.id)
        self.assertEqual(self._get_rule_of(invoice), rule)
        self._pay(invoice)
        self.assertEqual(self._get_entries(invoice).registration_id, registration)
