from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestPlans(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.revenue = cls.env.ref("prm_partner.prm_metric_revenue")
        cls.plan = cls._new_plan(cls.membership)
        cls.rival_membership = cls.env["prm.membership"].search(
            [("partner_id", "=", cls.rival.id)], limit=1
        )
        cls.rival_plan = cls._new_plan(cls.rival_membership)
        (cls.plan | cls.rival_plan).action_propose()

    @classmethod
    def _new_plan(cls, membership, **vals):
        today = fields.Date.today()
        return cls.env["prm.business.plan"].create(
            {
                "name": f"Growth of {membership.partner_id.name}",
                "membership_id": membership.id,
                "user_id": cls.manager.id,
                "date_start": today.replace(month=1, day=1),
                "date_end": today.replace(month=12, day=31),
                "goals": "<p>Two <b>hospital</b> groups</p>",
                "internal_note": "<p>Weak at renewals</p>",
                "objective_ids": [
                    Command.create({"metric_id": cls.revenue.id, "target": 777777.0})
                ],
                "review_ids": [
                    Command.create(
                        {
                            "date": today,
                            "name": "Half-year review",
                            "note": "<p>Common words</p>",
                            "internal_note": "<p>Secret words</p>",
                        }
                    )
                ],
                **vals,
            }
        )

    def _url(self, *parts):
        return "/".join(("/my/plans", str(self.plan.id), *parts))

    def _answer(self, step, **vals):
        values = {
            "csrf_token": self._get_csrf_token(),
            "version": str(self.plan.version),
            **vals,
        }
        return self._post(self._url(step), values)

    def test_everybody_of_the_partner_reads_it(self):
        for role, user in self.people.items():
            self._login(user)
            with self.subTest(role=role):
                self.assertIn(self.plan.name, self._get("/my/plans"))
                page = self._get(self._url())
                self.assertIn("<b>hospital</b>", page)
                self.assertIn("Half-year review", page)
                self.assertIn("Common words", page)
                self.assertIn(f"mailto:{self.manager.email}", page)
                for secret in ("Weak at renewals", "Secret words"):
                    self.assertNotIn(secret, page)

    def test_others_do_not(self):
        self._login(self.rival_user)
        self.assertNotIn(self.plan.name, self._get("/my/plans"))
        self._get(self._url(), 404)
        self.assertEqual(self._answer("agree").status_code, 404)
        self.assertEqual(self._answer("return", comment="x").status_code, 404)
        self._login(self.customer_user)
        for path in ("/my/plans", self._url()):
            self._get(path, 404)
        self._login(None)
        response = self.url_open(self._url(), allow_redirects=False)
        self.assertIn("/web/login", response.headers["Location"])
        self.assertFalse(self.plan.partner_agreed_on)

    def test_drafts_are_out_of_sight(self):
        self.plan.action_withdraw()
        self._login(self.people["admin"])
        self._get(self._url(), 404)
        self.assertIn("No business plan yet", self._get("/my/plans"))

    def test_money_by_role(self):
        self._login(self.people["sales"])
        self.assertIn("777,777", self._get(self._url()))
        self._login(self.people["technical"])
        page = self._get(self._url())
        self.assertNotIn("777,777", page)
        self.assertIn("no objectives that your role sees", page)

    def test_administrator_agrees(self):
        self._login(self.people["admin"])
        self.assertIn("Waits for your agreement", self._get("/my/plans"))
        response = self._answer("agree", comment="Happy & ready")
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.plan.partner_agreed_by_id, self.people["admin"].partner_id)
        self.assertEqual(self.plan.state, "proposed")
        self.assertIn("You have agreed", self._get(self._url()))
        self.plan.with_user(self.manager).action_agree()
        self.assertEqual(self.plan.state, "running")
        page = self._get(self._url())
        self.assertIn(self.manager.name, page)
        self.assertNotIn("Your answer", page)
        self.assertIn("Happy &amp; ready", "".join(self.plan.message_ids.mapped("body")))

    def test_the_other_roles_do_not_answer(self):
        for role in ("sales", "technical", "finance"):
            self._login(self.people[role])
            with self.subTest(role=role):
                self.assertNotIn("Your answer", self._get(self._url()))
                self.assertEqual(self._answer("agree").status_code, 422)
                self.assertEqual(self._answer("return", comment="No").status_code, 422)
        self.assertFalse(self.plan.partner_agreed_on)
        self.assertEqual(self.plan.state, "proposed")

    def test_only_the_version_that_was_read(self):
        self._login(self.people["admin"])
        for version in ("7", "", "x", "-1", "1; drop"):
            with self.subTest(version=version):
                response = self._answer("agree", version=version, comment="My <words>")
                self.assertEqual(response.status_code, 422)
                self.assertIn("changed meanwhile", response.text)
                self.assertIn("My &lt;words&gt;", response.text, "what was typed is kept")
        self.assertFalse(self.plan.partner_agreed_on)

    def test_administrator_asks_for_changes(self):
        self._login(self.people["admin"])
        response = self._answer("return", comment=" ")
        self.assertEqual(response.status_code, 422)
        self.assertIn("what should change", response.text)
        response = self._answer("return", comment="Less, please")
        self.assertEqual(response.status_code, 303)
        self.assertIn("rework the plan", self._get(response.headers["Location"]))
        self.assertEqual((self.plan.state, self.plan.version), ("draft", 2))
        self.assertEqual(self.plan.activity_ids.user_id, self.manager)

    def test_forms_need_their_token(self):
        self._login(self.people["admin"])
        response = self._post(self._url("agree"), {"version": "1"})
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.plan.partner_agreed_on)

    def test_card_and_navigation(self):
        self._login(self.people["admin"])
        self.assertIn('href="/my/plans"', self._get("/my"))
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["prm_plan_count"]})
        self.assertEqual(counters, {"prm_plan_count": 1})
        self._login(self.customer_user)
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["prm_plan_count"]})
        self.assertNotIn("prm_plan_count", counters)

    def test_pages_only_read(self):
        self._login(self.people["admin"])
        with self.assertNoLogs("odoo.http", "WARNING"), self.assertNoLogs("odoo.sql_db", "ERROR"):
            for path in ("/my/plans", self._url()):
                self.url_open(path)

    def test_mail_link_leads_to_the_page(self):
        self._login(self.people["sales"])
        path = f"/mail/view?model={self.plan._name}&res_id={self.plan.id}"
        response = self.url_open(path, allow_redirects=False)
        self.assertTrue(response.headers["Location"].endswith(self._url()))

    def test_tokens_open_no_chatter(self):
        thread = self.plan.with_user(self.rival_user)
        self.assertFalse(thread._get_thread_with_access(self.plan.id, token="x"))
        own = self.plan.with_user(self.people["sales"])
        self.assertTrue(own._get_thread_with_access(self.plan.id, token="x"))

    def test_number_of_queries(self):
        """A page costs the same, however much there is to show."""
        self._login(self.people["admin"])

        def count(path):
            for _warm_up in range(3):
                self._get(path)
            before = self.cr.sql_log_count
            self._get(path)
            return self.cr.sql_log_count - before

        few = count("/my/plans"), count(self._url())
        for _number in range(12):
            self._new_plan(self.membership).action_propose()
        self.plan.sudo().write(
            {
                "objective_ids": [
                    Command.create({"metric_id": self.revenue.id, "target": number})
                    for number in range(1, 13)
                ],
                "review_ids": [
                    Command.create({"date": fields.Date.today()}) for _number in range(12)
                ],
            }
        )
        self.env.flush_all()
        self.assertEqual((count("/my/plans"), count(self._url())), few)
