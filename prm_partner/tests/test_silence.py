from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user

from .common import PartnerCase

TODAY = date(2026, 11, 24)


@freeze_time(TODAY)
class TestSilence(PartnerCase):
    """How long partners have not heard from us, from the nightly history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("DELETE FROM prm_metric_value")
        cls.metric = cls.env.ref("prm_partner.prm_metric_days_since_contact")
        cls.membership = cls._enroll(cls.partner, user=cls.manager)
        cls.rival_membership = cls._enroll(cls.rival, user=cls.other_manager)
        cls.both = cls.membership | cls.rival_membership
        cls._keep(cls.partner, 95.0, date(2026, 11, 22))
        cls._keep(cls.partner, 40.0)
        cls._keep(cls.rival, 30.0)

    @classmethod
    def _keep(cls, partner, value, day=date(2026, 11, 23), company=None):
        cls.env.cr.execute(
            """INSERT INTO prm_metric_value (metric_id, company_id, date, partner_id, value)
               VALUES (%s, %s, %s, %s, %s)""",
            (cls.metric.id, (company or cls.company).id, day, partner.id, value),
        )

    def _search(self, operator, value, user=None):
        memberships = self.env["prm.membership"].with_user(user or self.program_manager)
        domain = [("id", "in", self.both.ids), ("days_without_contact", operator, value)]
        return memberships.search(domain).with_env(self.env)

    def _search_partners(self, operator, value, user=None):
        partners = self.env["res.partner"].with_user(user or self.program_manager)
        domain = [
            ("id", "in", self.both.partner_id.ids),
            ("prm_days_without_contact", operator, value),
        ]
        return partners.search(domain).with_env(self.env)

    def test_the_latest_night_counts(self):
        self.assertEqual(self.both.mapped("days_without_contact"), [40, 30])
        self.assertEqual(self._search(">=", 30), self.both)
        self.assertEqual(self._search(">=", 31), self.membership)
        self.assertFalse(self._search(">=", 90))
        self.assertEqual(self._search("=", 30), self.rival_membership)
        self.assertEqual(self._search("!=", 30), self.membership)

    def test_on_partners(self):
        partners = self.both.partner_id.with_user(self.program_manager)
        self.assertEqual(partners.mapped("prm_days_without_contact"), [40, 30])
        self.assertEqual(self._search_partners(">=", 31), self.partner)
        self.assertEqual(self._search_partners("!=", 40), self.rival)
        self.membership.action_end()
        self.assertFalse(self._search_partners(">=", 31))

    def test_filters_of_the_screens(self):
        for model in ("prm.membership", "res.partner"):
            view = {"prm.membership": "prm_membership_view_search",
                    "res.partner": "res_partner_view_search_partners"}[model]
            arch = self.env[model].with_user(self.manager).get_view(
                self.env.ref(f"prm_partner.{view}").id, "search"
            )["arch"]
            self.assertIn("silent_30", arch)
            self.assertIn("silent_90", arch)

    def test_own_partners_only(self):
        self.assertEqual(self._search(">=", 30, self.manager), self.membership)
        self.assertEqual(self._search_partners(">=", 30, self.manager), self.partner)

    def test_each_company_by_itself(self):
        company = self.env["res.company"].create({"name": "Company B"})
        user = new_test_user(
            self.env,
            "t_manager_b",
            groups="base.group_user,prm_partner.group_program_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        program = self.env["prm.program"].create({"name": "B", "company_id": company.id})
        other = self._enroll(self.partner, program=program, user=user)
        self._keep(self.partner, 5.0, company=company)
        self.both |= other
        self.assertEqual(other.with_user(user).days_without_contact, 5)
        self.assertEqual(self._search(">=", 0, user), other)
        self.assertFalse(self._search(">=", 30, user))
        self.assertEqual(self.membership.days_without_contact, 40)

    def test_nobody_else_asks(self):
        employee = new_test_user(self.env, "t_employee", groups="base.group_user")
        for user in (employee, self._new_portal_user(self.contact, "admin")):
            for search in (self._search, self._search_partners):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    search(">=", 30, user)

    def test_without_a_history_nothing_is_found(self):
        self.env.cr.execute("DELETE FROM prm_metric_value")
        self.env.invalidate_all()
        self.assertFalse(self._search(">=", 0))
        self.assertEqual(self.membership.days_without_contact, 0)

    def test_queries_do_not_grow_with_the_members(self):
        def count(records):
            self.env.invalidate_all()
            records.mapped("partner_id.name")
            before = self.cr.sql_log_count
            records.mapped("days_without_contact")
            return self.cr.sql_log_count - before

        for number in range(10):
            partner, _contact = self._new_partner(f"P{number}", f"p{number}.example")
            self.both |= self._enroll(partner)
            self._keep(partner, 7.0)
        count(self.both)
        self.assertEqual(count(self.both[:2]), count(self.both))
