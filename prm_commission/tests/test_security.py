"""Who reads what. Two partners, five portal roles, staff with and without rights, two companies."""

from odoo.exceptions import AccessError
from odoo.fields import Command

from .common import CommissionCase

MODELS = ("prm.commission.entry", "prm.commission.settlement")


class TestSecurity(CommissionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._earn(cls.partner)
        cls.theirs = cls._earn(cls.rival)
        cls.settlements, _report = cls._settle()
        cls.settlement = cls.settlements.filtered(lambda s: s.partner_id == cls.partner)
        cls.rival_settlement = cls.settlements - cls.settlement
        cls.roles = {}
        for role in ("admin", "finance", "sales", "technical", "marketing", None):
            contact = cls.env["res.partner"].create(
                {
                    "name": f"{role}",
                    "parent_id": cls.partner.id,
                    "email": f"{role}@acme-partners.example",
                }
            )
            cls.roles[role] = cls._new_portal_user(contact, role)

    @classmethod
    def _earn(cls, partner):
        invoice = cls._new_invoice(prm_partner_id=partner.id)
        cls._pay(invoice)
        return cls._get_entries(invoice)

    def _as(self, user, records):
        return records.with_user(user).sudo(False)

    def _search(self, user, model):
        return self.env[model].with_user(user).sudo(False).search([])

    def test_money_roles_read_their_own(self):
        self._as(self.officer, self.settlements)._mark_sent()
        for role in ("admin", "finance"):
            with self.subTest(role=role):
                user = self.roles[role]
                self.assertEqual(self._search(user, MODELS[0]), self.mine)
                self.assertEqual(self._search(user, MODELS[1]), self.settlement)
                for record in (self.theirs, self.rival_settlement):
                    with self.assertRaises(AccessError):
                        self._as(user, record).read(["amount"])

    def test_draft_is_hidden_from_the_partner(self):
        self.assertFalse(self._search(self.roles["admin"], MODELS[1]))
        self._as(self.officer, self.settlement).action_cancel()
        self.assertFalse(self._search(self.roles["admin"], MODELS[1]))

    def test_other_portal_users_see_no_money(self):
        for role in ("sales", "technical", "marketing", None):
            for model in MODELS:
                with self.subTest(role=role, model=model), self.assertRaises(AccessError):
                    self._search(self.roles[role], model)

    def test_public_and_plain_employee_see_nothing(self):
        employee = self._new_staff("t_employee", "base.group_user")
        for user in (self.env.ref("base.public_user"), employee):
            for model in (*MODELS, "prm.commission.plan", "prm.commission.rule"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self._search(user, model)

    def test_portal_reads_no_internal_field(self):
        user = self.roles["admin"]
        names = set(self._as(user, self.mine).fields_get())
        internal = {
            "move_id",
            "source_move_id",
            "rule_id",
            "rule_version",
            "parent_id",
            "trace_data",
            "idempotency_key",
        }
        self.assertFalse(names & internal)
        readable = {"date", "amount", "base_amount", "rate", "registration_id", "trace", "state"}
        self.assertLessEqual(readable, names)
        row = self._as(user, self.mine).read(["trace", "source_name"])[0]
        self.assertIn(self.mine.source_move_id.name, row["trace"])
        self.assertEqual(row["source_name"], self.mine.source_move_id.name)
        for name in ("source_move_id", "trace_data"):
            with self.assertRaises(AccessError):
                self._as(user, self.mine).read([name])
        names = set(self._as(user, self.settlement).fields_get())
        self.assertFalse(names & {"bill_ids", "bill_id", "prepared_by_id", "approved_by_id"})

    def test_portal_user_confirms_only_own_statement(self):
        self._as(self.officer, self.settlements)._mark_sent()
        user = self.roles["finance"]
        with self.assertRaises(AccessError):
            self._as(user, self.rival_settlement).action_confirm()
        for role in ("sales", "technical", "marketing", None):
            with self.assertRaises(AccessError):
                self._as(self.roles[role], self.settlement).action_confirm()
        self._as(user, self.settlement).action_confirm()
        self.assertEqual(self.settlement.state, "confirmed")
        self.assertEqual(self.settlement.confirmed_by_id, user)

    def test_portal_user_takes_no_other_step(self):
        self._as(self.officer, self.settlements)._mark_sent()
        own = self._as(self.roles["admin"], self.settlement)
        for step in (
            "action_send",
            "action_refresh",
            "action_approve",
            "action_create_bill",
            "action_cancel",
        ):
            with self.subTest(step=step), self.assertRaises(AccessError):
                getattr(own, step)()
        with self.assertRaises(AccessError):
            own.write({"state": "approved"})
        with self.assertRaises(AccessError):
            self._as(self.roles["admin"], self.mine).unlink()
        with self.assertRaises(AccessError):
            self.env["prm.commission.settle"].with_user(self.roles["admin"]).sudo(False).create({})

    def test_auditor_reads_all_and_changes_nothing(self):
        auditor = self._new_staff("t_auditor", "prm_commission.group_commission_auditor")
        self.assertEqual(self._search(auditor, MODELS[0]), self.mine | self.theirs)
        self.assertEqual(self._search(auditor, MODELS[1]), self.settlements)
        for step in ("action_send", "action_cancel", "action_approve", "action_confirm"):
            with self.subTest(step=step), self.assertRaises(AccessError):
                getattr(self._as(auditor, self.settlement), step)()
        with self.assertRaises(AccessError):
            self._as(auditor, self.rule).write({"rate": 9})

    def test_auditor_reads_what_payments_rest_on(self):
        """Memberships, tiers with their history and costs, and agreements."""
        auditor = self._new_staff("t_auditor", "prm_commission.group_commission_auditor")
        members = self.membership | self.rival_membership
        self.assertLessEqual(members, self._search(auditor, "prm.membership"))
        self.assertLessEqual(members.change_ids, self._search(auditor, "prm.tier.change"))
        self.assertEqual(self._as(auditor, self.partner).prm_state, self.membership.state)
        for model in ("prm.agreement", "prm.agreement.signature", "prm.program"):
            self.assertTrue(self.env[model].with_user(auditor).sudo(False).has_access("read"))
        benefits = self._as(auditor, self.env["prm.tier.benefit"])
        self.assertIn("annual_cost", benefits.fields_get())
        self.assertFalse(self._as(auditor, members).has_access("write"))

    def test_partner_manager_reads_own_partners(self):
        manager = self._new_staff("t_manager", "prm_partner.group_partner_manager")
        other = self._new_staff("t_other_manager", "prm_partner.group_partner_manager")
        self.membership.user_id = manager
        self.rival_membership.user_id = other
        self.assertEqual(self._search(manager, MODELS[0]), self.mine)
        self.assertEqual(self._search(manager, MODELS[1]), self.settlement)
        basis = self._search(manager, "prm.commission.basis")
        self.assertEqual(basis.partner_id, self.partner)
        with self.assertRaises(AccessError):
            self._as(manager, self.settlement).action_send()

    def test_program_manager_makes_plans_but_no_settlements(self):
        manager = self._new_staff("t_program", "prm_partner.group_program_manager")
        plans = self.env["prm.commission.plan"].with_user(manager).sudo(False)
        program, *_tiers = self._new_program("Next")
        plan = plans.create({"name": "Next", "program_id": program.id})
        self.assertEqual(plan.currency_id, self.company.currency_id)
        self.assertEqual(self._search(manager, MODELS[0]), self.mine | self.theirs)
        with self.assertRaises(AccessError):
            self.env["prm.commission.settle"].with_user(manager).sudo(False).create({})

    def test_other_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Company B"})
        approver = self._new_staff("t_b", "prm_commission.group_commission_approver")
        approver.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        for model in (*MODELS, "prm.commission.plan", "prm.commission.rule"):
            self.assertFalse(self._search(approver, model), model)
        with self.assertRaises(AccessError):
            self._as(approver, self.settlement).action_cancel()

    def test_customer_reads_nothing_of_the_partner_on_the_invoice(self):
        customer = self._new_portal_user(self.partner_a, None) if self.partner_a.email else None
        if not customer:
            self.partner_a.email = "customer@customer.example"
            customer = self._new_portal_user(self.partner_a, None)
        invoice = self._as(customer, self.mine.source_move_id)
        self.assertTrue(invoice.read(["name"])[0]["name"])
        for name in ("prm_settlement_id", "prm_commission_entry_ids"):
            with self.assertRaises(AccessError):
                invoice.read([name])

    def test_partner_reads_its_bill_by_the_stock_rule(self):
        self._approve(self.settlement).action_create_bill()
        bill = self.settlement.bill_id
        user = self.roles["finance"]
        moves = self.env["account.move"].with_user(user).sudo(False)
        self.assertNotIn(bill, moves.search([]))
        bill.action_post()
        self.assertIn(bill, moves.search([]))
        stranger = self._new_portal_user(self.rival_contact, "finance")
        self.assertNotIn(bill, moves.with_user(stranger).search([]))
