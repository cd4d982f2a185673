"""A partner with people in every role, a rival, a mere customer, and something on every page."""

from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.addons.prm_deal_registration.tests.common import DealCase
from odoo.tests import HttpCase

# A file that every check of types takes for what it is.
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


class PortalCase(HttpCase, DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            "sales": cls.sales_user,
            **{role: cls._new_colleague(role) for role in ("admin", "technical", "finance")},
        }
        customer = cls.env["res.partner"].create(
            {"name": "A Mere Customer", "email": "mere@customer.example"}
        )
        cls.customer_user = cls._new_portal_user(customer, None)
        cls.certification = cls.env["prm.certification"].create({"name": "Test Certification"})
        cls.deal = cls._register(name="initech", amount=4321.0)
        cls.rival_deal = cls._register(cls.rival_user, name="umbrella", amount=8765.0)
        cls.credential = cls._new_credential(cls.contact)
        cls.rival_credential = cls._new_credential(cls.rival_contact)
        cls.statement = cls._new_statement(cls.deal, 246.0)
        cls.rival_statement = cls._new_statement(cls.rival_deal, 135.0)

    @classmethod
    def _new_colleague(cls, role):
        contact = cls.env["res.partner"].create(
            {
                "name": f"The {role} person",
                "parent_id": cls.partner.id,
                "email": f"{role}@acme-partners.example",
            }
        )
        return cls._new_portal_user(contact, role)

    @classmethod
    def _new_credential(cls, person):
        return cls.env["prm.credential"].create(
            {"partner_id": person.id, "certification_id": cls.certification.id}
        )

    @classmethod
    def _new_entries(cls, deal, amounts, date=None):
        """Ledger entries of a deal, as a payment of its invoice makes them."""
        invoice = cls._new_invoice(deal)
        rule = cls._get_rule()
        return cls.env["prm.commission.entry"].create(
            [
                {
                    "name": f"Entry {number}",
                    "kind": "accrual",
                    "date": date or fields.Date.today(),
                    "partner_id": deal.partner_id.id,
                    "company_id": cls.company.id,
                    "currency_id": cls.company.currency_id.id,
                    "amount": amount,
                    "base_amount": amount * 10,
                    "base_currency_id": cls.company.currency_id.id,
                    "currency_rate": 1.0,
                    "rate": 10.0,
                    "registration_id": deal.id,
                    "move_id": invoice.id,
                    "source_move_id": invoice.id,
                    "rule_id": rule.id,
                    "rule_version": 1,
                    "idempotency_key": f"test/{invoice.id}/{number}",
                    "trace_data": {
                        "total": amount * 10,
                        "eligible": amount * 10,
                        "due": amount,
                        "booked": 0.0,
                        "rule": rule.name,
                        "version": 1,
                        "tier": "Gold",
                    },
                }
                for number, amount in enumerate(amounts)
            ]
        )

    @classmethod
    def _get_rule(cls):
        rule = cls.env["prm.commission.rule"].search(
            [("plan_id.program_id", "=", cls.program.id)], limit=1
        )
        if rule:
            return rule
        plan = cls.env["prm.commission.plan"].create(
            {"name": "Test Plan", "program_id": cls.program.id}
        )
        return rule.create({"name": "Ten percent", "plan_id": plan.id, "rate": 10.0})

    @classmethod
    def _new_invoice(cls, deal):
        journals = cls.env["account.journal"]
        journal = journals.search(
            [("type", "=", "sale"), ("company_id", "=", cls.company.id)], limit=1
        ) or journals.create({"name": "Sales", "code": "TSAL", "type": "sale"})
        customer = cls.env["res.partner"].create({"name": deal.customer_name})
        return cls.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": customer.id, "journal_id": journal.id}
        )

    @classmethod
    def _new_statement(cls, deal, amount, days_ago=0):
        """A statement with one entry, sent to the partner."""
        day = fields.Date.today() - timedelta(days=days_ago)
        cls._new_entries(deal, [amount], day)
        statement = cls.env["prm.commission.settlement"].create(
            {
                "partner_id": deal.partner_id.id,
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "date_from": day,
                "date_to": day,
            }
        )
        statement._claim_entries()
        statement._mark_sent()
        return statement

    def _login(self, user):
        """Sign in as ``user``; None signs out."""
        self.authenticate(user and user.login, user and user.login)

    def _get(self, path, status=200):
        """Open a page and check the answer's status.

        :return: the page's text, tags included
        """
        response = self.url_open(path, allow_redirects=False)
        self.assertEqual(response.status_code, status, f"{path}: {response.text[:300]}")
        return response.text

    def _parse(self, text):
        return html.fromstring(text)

    def _get_form(self, path, action):
        """The hidden fields of the form with this action on a page."""
        page = self._parse(self._get(path))
        inputs = page.xpath("//form[@action=$action]//input[@type='hidden']", action=action)
        return {field.get("name"): field.get("value") for field in inputs}

    def _get_csrf_token(self):
        """The token of the session, as any page has it."""
        return self._get("/my").split('csrf_token: "')[1].split('"')[0]

    def _post(self, path, values, files=None):
        return self.url_open(path, data=values, files=files, allow_redirects=False)
