"""A small commission world: a program with a plan, a partner with a deal, invoices and payments."""

from contextlib import contextmanager

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.fields import Command
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class CommissionCase(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.env = cls.env(su=True, context={**cls.env.context, "tracking_disable": True})
        cls.tax_15 = cls.env["account.tax"].create(
            {"name": "15 %", "amount": 15, "company_id": cls.company.id}
        )
        cls.program, cls.silver, cls.gold = cls._new_program("Test Resellers")
        cls.plan = cls._new_plan(cls.program)
        cls.rule = cls._new_rule(cls.plan, 8)
        cls.partner, cls.contact = cls._new_partner("Acme Partners", "acme-partners.example")
        cls.rival, cls.rival_contact = cls._new_partner("Rival Partners", "rival-partners.example")
        cls.membership = cls._enroll(cls.partner, cls.gold)
        cls.rival_membership = cls._enroll(cls.rival, cls.silver)
        cls.hardware = cls.env["product.category"].create({"name": "Hardware"})
        cls.routers = cls.env["product.category"].create(
            {"name": "Routers", "parent_id": cls.hardware.id}
        )
        cls.router = cls._create_product(name="Router", categ_id=cls.routers.id)
        cls.officer = cls._new_staff("t_officer", "prm_commission.group_commission_officer")
        cls.approver = cls._new_staff("t_approver", "prm_commission.group_commission_approver")

    @classmethod
    def _new_staff(cls, login, groups):
        return new_test_user(
            cls.env,
            login,
            groups=f"base.group_user,{groups}",
            email=f"{login}@vendor.example",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _new_portal_user(cls, contact, role):
        """A portal user in one of the partner roles, or None for a mere customer."""
        group = f"prm_partner.group_partner_{role}" if role else "base.group_portal"
        return cls.env["res.users"].create(
            {
                "partner_id": contact.id,
                "login": contact.email,
                "company_id": cls.company.id,
                "company_ids": [Command.set(cls.company.ids)],
                "group_ids": [Command.set(cls.env.ref(group).ids)],
            }
        )

    @classmethod
    def _new_program(cls, name, company=None):
        """:return: (program, its first tier, its second tier)"""
        company = company or cls.company
        program = cls.env["prm.program"].create(
            {
                "name": name,
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "grade_ids": [
                    Command.create({"name": "Silver", "sequence": 10, "company_id": company.id}),
                    Command.create({"name": "Gold", "sequence": 20, "company_id": company.id}),
                ],
            }
        )
        return program, *program._prm_tiers()

    @classmethod
    def _new_plan(cls, program, **vals):
        return cls.env["prm.commission.plan"].create(
            {"name": f"Plan of {program.name}", "program_id": program.id, **vals}
        )

    @classmethod
    def _new_rule(cls, plan, rate, **vals):
        return cls.env["prm.commission.rule"].create(
            {"name": f"{rate} percent", "plan_id": plan.id, "rate": rate, **vals}
        )

    @classmethod
    def _new_partner(cls, name, domain):
        """:return: (company, its contact)"""
        company = cls.env["res.partner"].create(
            {"name": name, "is_company": True, "email": f"info@{domain}"}
        )
        contact = cls.env["res.partner"].create(
            {"name": f"Contact of {name}", "parent_id": company.id, "email": f"contact@{domain}"}
        )
        return company, contact

    @classmethod
    def _enroll(cls, partner, grade, **vals):
        return cls.env["prm.membership"].create(
            {
                "partner_id": partner.id,
                "program_id": grade.program_id.id,
                "grade_id": grade.id,
                "state": "active",
                "user_id": False,
                **vals,
            }
        )

    @classmethod
    def _new_invoice(cls, amount=12000.0, date="2026-01-15", post=True, lines=None, **vals):
        """A customer invoice of a partner's sale, with 15 % tax.

        :param lines: ``[(product, price), …]`` instead of one line of ``amount``
        """
        lines = lines or [(cls.product_a, amount)]
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.partner_a.id,
                "invoice_date": date,
                "prm_partner_id": cls.partner.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "price_unit": price,
                            "tax_ids": [Command.set(cls.tax_15.ids)],
                        }
                    )
                    for product, price in lines
                ],
                **vals,
            }
        )
        if post:
            invoice.action_post()
        return invoice

    @classmethod
    def _pay(cls, moves, amount=None, date="2026-02-10", **vals):
        """Register a payment as an accountant does.

        :return: the ``account.payment``
        """
        wizard = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        values = {"payment_date": date, **vals}
        if amount is not None:
            values["amount"] = amount
        return wizard.create(values)._create_payments()

    @classmethod
    def _credit(cls, invoice, amount=None, date="2026-03-05", **vals):
        """Post a credit note of ``amount`` net, of the whole invoice by default."""
        wizard = (
            cls.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"date": date, "journal_id": invoice.journal_id.id})
        )
        wizard.refund_moves()
        refund = wizard.new_move_ids
        refund.invoice_date = date
        if amount is not None:
            refund.invoice_line_ids.price_unit = amount
        refund.action_post()
        return refund

    @classmethod
    def _reconcile(cls, *moves):
        lines = cls.env["account.move"].union(*moves).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()

    @classmethod
    def _get_entries(cls, *invoices):
        return cls.env["prm.commission.entry"].search(
            [("source_move_id", "in", [invoice.id for invoice in invoices])], order="id"
        )

    @contextmanager
    def assertRefused(self, error, message):
        """Like ``assertRaisesRegex``, and what was written before the error is rolled back."""
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), message)

    def _get_amounts(self, *invoices):
        """``[(kind, amount), …]`` of the entries, oldest first."""
        return [(entry.kind, entry.amount) for entry in self._get_entries(*invoices)]

    @classmethod
    def _settle(cls, user=None, date_from="2026-02-01", date_to="2026-02-28", **vals):
        """Run the wizard.

        :return: (settlements, report)
        """
        wizard = cls.env["prm.commission.settle"].with_user(user or cls.officer)
        wizard = wizard.create({"date_from": date_from, "date_to": date_to, **vals})
        wizard.action_settle()
        return wizard.settlement_ids, wizard.report

    @classmethod
    def _approve(cls, settlement):
        """Take a draft up to approved without the mail."""
        settlement.sudo(False).with_user(cls.officer)._mark_sent()
        settlement.with_user(cls.officer).action_confirm()
        settlement.with_user(cls.approver).action_approve()
        return settlement.with_user(cls.officer)
