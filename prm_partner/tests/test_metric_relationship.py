from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from .common import PartnerCase

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


class TestMetricRelationship(PartnerCase):
    def _measure(self, code, period=YEAR, company=None):
        return self.env["prm.metric"]._measure(
            code, self.partner | self.rival, *period, company or self.company
        )

    # Ratings

    def _rate(self, partner, rating, day, **values):
        with freeze_time(day):
            return self.env["rating.rating"].create(
                {
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": partner.id,
                    "rated_partner_id": partner.id,
                    "rating": rating,
                    "consumed": True,
                    **values,
                }
            )

    def test_customer_rating(self):
        self._rate(self.partner, 5, "2026-03-01")
        self._rate(self.contact, 2, "2026-04-01")
        self._rate(self.partner, 1, "2025-12-31")
        self._rate(self.partner, 1, "2026-03-01", consumed=False)
        self.assertEqual(
            self._measure("customer_rating"), {self.partner.id: 3.5, self.rival.id: 0.0}
        )

    # Portal

    def test_portal_activity(self):
        user = self._new_portal_user(self.contact, "sales")
        second = self.env["res.partner"].create(
            {"name": "Second", "parent_id": self.partner.id, "email": "second@acme.example"}
        )
        colleague = self._new_portal_user(second, "admin")
        for day, visitors in (
            ("2026-03-01 08:00:00", (user, colleague)),
            ("2026-03-01 18:00:00", (user,)),
            ("2026-03-02 08:00:00", (user,)),
            ("2025-12-31 08:00:00", (user,)),
            ("2026-12-31 23:59:00", (user,)),
        ):
            with freeze_time(day):
                for visitor in visitors:
                    visitor.with_user(visitor)._update_last_login()
        self.assertEqual(
            self._measure("portal_activity"), {self.partner.id: 4.0, self.rival.id: 0.0}
        )

    def test_visits_stay_with_the_company_of_the_day(self):
        user = self._new_portal_user(self.contact, "sales")
        with freeze_time("2026-03-01"):
            user.with_user(user)._update_last_login()
        self.contact.parent_id = self.rival
        with freeze_time("2026-03-02"):
            user.with_user(user)._update_last_login()
        self.assertEqual(
            self._measure("portal_activity"), {self.partner.id: 1.0, self.rival.id: 1.0}
        )

    def test_log_in_of_others_is_not_kept(self):
        customer = self._new_portal_user(self.contact, None)
        for user in (customer, self.manager):
            user.with_user(user)._update_last_login()
        people = (customer | self.manager).partner_id
        self.assertFalse(
            self.env["prm.portal.visit"].search([("partner_id", "in", people.ids)])
        )

    # Onboarding

    def test_days_to_onboard(self):
        for partner, applied, activated in (
            (self.partner, "2026-03-01", "2026-03-11"),
            (self.rival, "2025-11-01", "2025-12-01"),
        ):
            with freeze_time(applied):
                membership = self._enroll(partner, state="applicant")
            with freeze_time(activated):
                membership.action_activate()
        with freeze_time("2026-05-01"):
            second = self._enroll(
                self.partner, program=self.program.copy({"name": "B"}), state="applicant"
            )
        with freeze_time("2026-05-21"):
            second.action_activate()
        self.assertEqual(
            self._measure("days_to_onboard"), {self.partner.id: 15.0, self.rival.id: 30.0}
        )

    # Contact

    def _days(self, partner=None, day="2026-12-31"):
        period = (None, date.fromisoformat(day))
        return self._measure("days_since_contact", period)[(partner or self.partner).id]

    def _write_to(self, record, day, user=None, **values):
        with freeze_time(day):
            return record.with_user(user or self.manager).message_post(
                body="Hello",
                **{"message_type": "comment", "subtype_xmlid": "mail.mt_comment", **values},
            )

    def _new_member(self):
        membership = self._enroll(self.partner)
        membership.date_start = "2026-06-01"
        return membership

    def test_never_touched_counts_from_the_membership(self):
        self._new_member()
        self.assertEqual(self._days(day="2026-06-11"), 10.0)
        self.assertEqual(self._days(day="2026-05-31"), 0.0)

    def test_messages(self):
        membership = self._new_member()
        for record, day, days in (
            (self.partner, "2026-07-01", 9.0),
            (self.contact, "2026-07-05", 5.0),
            (membership, "2026-07-08", 2.0),
        ):
            self._write_to(record, day)
            self.assertEqual(self._days(day="2026-07-10"), days)
        self.assertEqual(self._days(day="2026-07-03"), 2.0)

    def test_messages_about_documents(self):
        membership = self._new_member()
        template = self.env["prm.agreement.template"].create(
            {
                "name": "Terms",
                "company_id": self.company.id,
                "program_ids": [(6, 0, self.program.ids)],
                "body": "<p>Be fair.</p>",
            }
        )
        template.action_publish()
        documents = (
            self.env["prm.business.plan"].create({"membership_id": membership.id, "name": "Plan"}),
            self.env["prm.agreement"].create(
                {"membership_id": membership.id, "template_id": template.id}
            ),
            self.env["prm.application"].create(
                {
                    "name": self.partner.name,
                    "contact_name": "Jo",
                    "contact_email": self.contact.email,
                    "program_id": self.program.id,
                    "partner_id": self.partner.id,
                }
            ),
        )
        for number, document in enumerate(documents, start=1):
            with self.subTest(model=document._name):
                self._write_to(document, f"2026-07-0{number}", user=self.program_manager)
                self.assertEqual(self._days(day="2026-07-10"), 10.0 - number)
        self._write_to(documents[0], "2026-07-09", user=self.program_manager,
                       subtype_xmlid="mail.mt_note")
        self.assertEqual(self._days(day="2026-07-10"), 7.0)
        self.assertEqual(self._days(self.rival, day="2026-07-10"), 0.0)

    def test_what_is_no_touch(self):
        membership = self._new_member()
        user = self._new_portal_user(self.contact, "sales")
        self._write_to(self.contact, "2026-07-01", message_type="comment",
                       subtype_xmlid="mail.mt_note")
        self._write_to(self.contact, "2026-07-02", user=self.env.ref("base.user_root"))
        with freeze_time("2026-07-03"):
            membership.sudo().message_post(
                body="By the partner",
                author_id=user.partner_id.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            self._write_to(self.rival, "2026-07-04")
        self.assertEqual(self._days(day="2026-07-11"), 40.0)

    def test_done_activity(self):
        self._new_member()
        with freeze_time("2026-08-01"):
            activity = self.partner.with_user(self.manager).activity_schedule(
                "mail.mail_activity_data_call", user_id=self.manager.id
            )
        self.assertEqual(self._days(day="2026-08-11"), 71.0)
        with freeze_time("2026-08-05"):
            activity.action_feedback("Talked")
            self.env.flush_all()
        self.assertEqual(self._days(day="2026-08-11"), 6.0)

    def test_meeting(self):
        self._new_member()
        self.env["calendar.event"].create(
            {
                "name": "Review",
                "start": "2026-09-01 10:00:00",
                "stop": "2026-09-01 11:00:00",
                "user_id": self.manager.id,
                "partner_ids": [(6, 0, (self.contact | self.manager.partner_id).ids)],
            }
        )
        self.assertEqual(self._days(day="2026-08-31"), 91.0)
        self.assertEqual(self._days(day="2026-09-03"), 2.0)

    def test_nearest_contact_with_companies_below(self):
        self._new_member()
        self.rival.parent_id = self.partner
        self._write_to(self.partner, "2026-07-01")
        self._write_to(self.rival, "2026-07-09")
        values = self.env["prm.metric"]._measure(
            "days_since_contact",
            self.partner,
            None,
            date(2026, 7, 10),
            self.company,
            scope="children",
        )
        self.assertEqual(values, {self.partner.id: 1.0})

    def test_visits_are_for_staff(self):
        user = self._new_portal_user(self.contact, "admin")
        user.with_user(user)._update_last_login()
        self._enroll(self.partner, user=self.manager)
        visits = self.env["prm.portal.visit"]
        with self.assertRaises(AccessError):
            visits.with_user(user).search([])
        domain = [("partner_id", "=", self.contact.id)]
        self.assertTrue(visits.with_user(self.manager).search(domain))
        self.assertFalse(visits.with_user(self.other_manager).search(domain))
        self.assertTrue(visits.with_user(self.program_manager).search(domain))
