from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import DealCase

DEAL = "prm.deal.registration"
STAFF_MODELS = (
    "prm.deal.conflict",
    "prm.deal.protection",
    "prm.deal.event",
    "prm.approval.rule",
    "prm.conflict.rule",
    "prm.deal.policy",
    "prm.deal.share",
)
STAFF_FIELDS = (
    "lead_id",
    "conflict_ids",
    "conflict_severity",
    "event_ids",
    "protection_ids",
    "submit_number",
    "approver_id",
    "decided_by_id",
    "policy_id",
    "amount_approved",
    "milestone_missed",
    "reminded_days",
    "main_registration_id",
    "teaming_ids",
    "share_ids",
    "key_domain",
    "key_vat",
    "key_country",
)


class TestSecurity(DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._register()
        cls.rival_deal = cls._register(cls.rival_user)
        customer = cls.env["res.partner"].create({"name": "Customer", "email": "c@c.example"})
        cls.customer_user = cls._new_portal_user(customer, None)
        cls.public_user = cls.env.ref("base.public_user")
        cls.salesperson = new_test_user(
            cls.env, "t_sales", groups="base.group_user,sales_team.group_sale_salesman"
        )

    def _visible(self, user, model=DEAL):
        return self.env[model].with_user(user).search([]).sudo()

    def test_others_have_no_access(self):
        for user in (self.public_user, self.customer_user, self.salesperson):
            for model in (DEAL, *STAFF_MODELS):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self._visible(user, model)

    def test_partner_sees_its_own_deals_only(self):
        self.assertEqual(self._visible(self.sales_user), self.deal)
        self.assertEqual(self._visible(self.rival_user), self.rival_deal)
        rivals = self.deal.with_user(self.rival_user)
        with self.assertRaises(AccessError):
            rivals.read(["name"])
        groups = rivals.formatted_read_group([], ["partner_id"], ["__count"])
        self.assertEqual(sum(group["__count"] for group in groups), 1)
        self.assertFalse(rivals.search_count([("customer_name", "=", "x"), ("id", "!=", 0)]))

    def test_partner_of_another_company_branch(self):
        """A company below the partner is a partner of its own."""
        child = self.env["res.partner"].create(
            {"name": "Child", "is_company": True, "parent_id": self.partner.id, "email": "a@b.com"}
        )
        user = self._new_portal_user(child, "admin")
        self.assertFalse(self._visible(user))

    def test_partner_cannot_use_staff_models(self):
        for model in STAFF_MODELS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self._visible(self.sales_user, model)

    def test_partner_reads_no_staff_fields(self):
        own = self.deal.with_user(self.sales_user)
        for field in STAFF_FIELDS:
            with self.subTest(field=field), self.assertRaises(AccessError):
                own.read([field])
            with self.subTest(search=field), self.assertRaises(AccessError):
                own.search([(field, "!=", False)])
            self.assertNotIn(field, own.fields_get())
        public = own.read(["state", "amount", "has_conflict", "conflict_hint", "date_deadline"])
        self.assertEqual(public[0]["state"], "approved")

    def test_money_by_role(self):
        rights = {"admin": True, "sales": True, "finance": True}
        for role, may in {**rights, "technical": False, "marketing": False}.items():
            contact = self.env["res.partner"].create(
                {"name": "C", "parent_id": self.partner.id, "email": f"{role}@acme.com"}
            )
            own = self.deal.with_user(self._new_portal_user(contact, role))
            with self.subTest(role=role):
                self.assertEqual("amount" in own.fields_get(), may)
                self.assertTrue(own.read(["name"]))
                if not may:
                    with self.assertRaises(AccessError):
                        own.read(["amount"])
                    with self.assertRaises(AccessError):
                        own.search([("amount", ">", 1)])

    def test_partner_has_no_write_access(self):
        own = self.deal.with_user(self.sales_user)
        with self.assertRaises(AccessError):
            own.write({"customer_name": "x"})
        with self.assertRaises(AccessError):
            own.unlink()
        with self.assertRaises(AccessError):
            own.create({"partner_id": self.partner.id, "customer_name": "x"})

    def test_partner_acts_on_own_deals_only(self):
        for user in (self.rival_user, self.customer_user, self.public_user):
            other = self.deal.with_user(user)
            for act in (other.action_submit, other.action_withdraw):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    act()
        contact = self.env["res.partner"].create(
            {"name": "T", "parent_id": self.partner.id, "email": "t@acme.com"}
        )
        technical = self._new_portal_user(contact, "technical")
        with self.assertRaises(AccessError):
            self.deal.with_user(technical).action_withdraw()

    def test_partner_sees_no_notes(self):
        self.deal.message_post(body="Internal", subtype_xmlid="mail.mt_note")
        comment = self.deal.message_post(
            body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        messages = self.env["mail.message"]
        domain = [("model", "=", DEAL), ("res_id", "=", self.deal.id)]
        self.assertEqual(messages.with_user(self.sales_user).search(domain).sudo(), comment)
        self.assertFalse(messages.with_user(self.rival_user).search(domain))

    def test_partner_sees_its_own_requests_only(self):
        self.deal.with_user(self.sales_user).action_amend({"amount": "99000"}, "More sites")
        request = self.deal.request_ids
        self.assertEqual(self._visible(self.sales_user, "prm.deal.request"), request)
        self.assertFalse(self._visible(self.rival_user, "prm.deal.request"))
        for user in (self.customer_user, self.salesperson, self.public_user):
            with self.assertRaises(AccessError):
                self._visible(user, "prm.deal.request")
        self.assertNotIn(request, self._visible(self.other_manager, "prm.deal.request"))
        self.assertIn(request, self._visible(self.manager, "prm.deal.request"))
        own = request.with_user(self.sales_user)
        self.assertEqual(own.read(["amount", "reason"])[0]["amount"], 99000)
        for field in ("decided_by_id", "summary"):
            with self.assertRaises(AccessError):
                own.read([field])

    def test_amounts_of_requests_by_role(self):
        self.deal.with_user(self.sales_user).action_amend({"amount": "99000"})
        contact = self.env["res.partner"].create(
            {"name": "T", "parent_id": self.partner.id, "email": "t@acme.com"}
        )
        technical = self._new_portal_user(contact, "technical")
        request = self.deal.request_ids.with_user(technical)
        self.assertTrue(request.read(["kind", "state"]))
        for field in ("amount", "old_amount"):
            with self.assertRaises(AccessError):
                request.read([field])

    def test_managers(self):
        self.assertIn(self.deal, self._visible(self.manager))
        self.assertNotIn(self.rival_deal, self._visible(self.manager))
        self.assertLessEqual(self.deal | self.rival_deal, self._visible(self.program_manager))
        with self.assertRaises(AccessError):
            self.rival_deal.with_user(self.manager).action_approve()
        self.rival_deal.approver_id = self.manager
        self.assertIn(self.rival_deal, self._visible(self.manager))

    def test_manager_sees_why(self):
        conflict = self.rival_deal.with_user(self.other_manager).conflict_ids
        self.assertEqual(len(conflict), 1)
        values = conflict.web_read(
            {"description": {}, "other_registration_id": {"fields": {"display_name": {}}}}
        )
        self.assertIn(self.partner.name, values[0]["description"])

    def test_log_is_not_written_by_hand(self):
        events = self.deal.event_ids.with_user(self.program_manager)
        with self.assertRaises(AccessError):
            events.create({"registration_id": self.deal.id, "type": "won"})

    def test_salesperson_is_warned_without_rights(self):
        lead = self.env["crm.lead"].create(
            {"name": "x", "email_from": "a@globex.com", "user_id": self.salesperson.id}
        )
        notice = lead.with_user(self.salesperson).read(["prm_protection_notice"])
        self.assertTrue(notice[0]["prm_protection_notice"])

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "B"})
        user = new_test_user(
            self.env,
            "t_b",
            groups="base.group_user,prm_partner.group_prm_admin",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.deal.action_amend({"amount": "99000"})
        self.deal.share_ids.create(
            {"registration_id": self.deal.id, "partner_id": self.rival.id, "percent": 10}
        )
        for model in (DEAL, "prm.deal.request", "prm.deal.share", *STAFF_MODELS[:3]):
            self.assertFalse(self._visible(user, model))
        with self.assertRaises(AccessError):
            self.deal.with_user(user).action_withdraw()

    def test_customer_does_not_see_the_partner_on_documents(self):
        order = self._order(self.deal)
        self.env["res.users"].create(
            {
                "partner_id": order.partner_id.id,
                "login": "buyer@globex.com",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        buyer = order.partner_id.user_ids
        for record in (order, invoice):
            for field in ("registration_id", "prm_partner_id"):
                with self.subTest(record=record, field=field), self.assertRaises(AccessError):
                    record.with_user(buyer).read([field])

    def test_defaults_of_the_client_decide_nothing(self):
        defaults = {
            "default_name": "Mine",
            "default_state": "approved",
            "default_submit_number": 1,
            "default_date_protected_until": "2099-01-01",
            "default_decided_by_id": self.manager.id,
        }
        deals = self.deals.with_context(**defaults)
        draft = deals.with_user(self.manager).create(
            {"partner_id": self.partner.id, **self._values(name="initech")}
        )
        self.assertEqual((draft.state, draft.submit_number), ("draft", 0))
        self.assertFalse(draft.date_protected_until or draft.decided_by_id)
        self.assertNotEqual(draft.name, "Mine")
        lead = self.env["crm.lead"].create({"type": "opportunity", "name": "Foreign"})
        result = (
            deals.with_context(default_lead_id=lead.id)
            .with_user(self.sales_user)
            .prm_register(self._values(name="umbrella"))
        )
        deal = self.deals.browse(result["id"])
        self.assertNotEqual(deal.lead_id, lead)
        self.assertGreater(deal.submit_number, self.deal.submit_number)
