from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.addons.mail.tests.common import MailCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..models import prm_announcement_recipient
from .common import PartnerCase


class AnnouncementCase(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.germany, cls.france = cls.env.ref("base.de"), cls.env.ref("base.fr")
        cls.partner.country_id, cls.rival.country_id = cls.germany, cls.france
        cls.membership = cls._enroll(cls.partner, cls.gold)
        cls.rival_membership = cls._enroll(cls.rival, cls.silver)
        cls.other_program = cls.env["prm.program"].create(
            {"name": "Other", "grade_ids": [Command.create({"name": "Gold"})]}
        )
        cls.user = cls._new_portal_user(cls.contact, "sales")
        cls.rival_user = cls._new_portal_user(cls.rival_contact, "technical")
        cls.announcements = cls.env["prm.announcement"]

    @classmethod
    def _announce(cls, publish=True, **vals):
        announcement = cls.env["prm.announcement"].create(
            {"name": "News", "body": "<p>Something new</p>", "by_mail": False, **vals}
        )
        if publish:
            announcement.action_publish()
        return announcement

    def _reads(self, user, announcement):
        self.env.invalidate_all()
        return announcement.id in self.announcements.with_user(user).search([]).ids


class TestAudience(AnnouncementCase):
    def _assert_readers(self, announcement, own, rival):
        self.assertEqual(self._reads(self.user, announcement), own)
        self.assertEqual(self._reads(self.rival_user, announcement), rival)

    def test_everybody(self):
        self._assert_readers(self._announce(), True, True)

    def test_tier(self):
        news = self._announce(grade_ids=[Command.set(self.gold.ids)])
        self._assert_readers(news, True, False)

    def test_program(self):
        news = self._announce(program_ids=[Command.set(self.program.ids)])
        self._assert_readers(news, True, True)
        other = self._announce(program_ids=[Command.set(self.other_program.ids)])
        self._assert_readers(other, False, False)
        self._enroll(self.rival, program=self.other_program)
        self._assert_readers(other, False, True)

    def test_program_and_tier_are_of_one_membership(self):
        """Gold in one program and a member of another is not Gold of the other one."""
        self._enroll(self.partner, program=self.other_program)
        news = self._announce(
            program_ids=[Command.set((self.program | self.other_program).ids)],
            grade_ids=[Command.set((self.silver | self.other_program.grade_ids).ids)],
        )
        self._assert_readers(news, True, True)
        self.membership.search(
            [("partner_id", "=", self.partner.id), ("program_id", "=", self.other_program.id)]
        ).action_end()
        self._assert_readers(news, False, True)

    def test_role(self):
        role = self.env.ref("prm_partner.group_partner_technical")
        self._assert_readers(self._announce(role_ids=[Command.set(role.ids)]), False, True)

    def test_country(self):
        news = self._announce(country_ids=[Command.set(self.germany.ids)])
        self._assert_readers(news, True, False)

    def test_time(self):
        now = fields.Datetime.now()
        future = self._announce(date_from=now + timedelta(days=2))
        self._assert_readers(future, False, False)
        with freeze_time(now + timedelta(days=3)):
            self._assert_readers(future, True, True)
        past = self._announce(date_until=now + timedelta(days=1))
        self._assert_readers(past, True, True)
        with freeze_time(now + timedelta(days=2)):
            self._assert_readers(past, False, False)

    def test_draft_and_archived(self):
        news = self._announce(publish=False)
        self._assert_readers(news, False, False)
        news.action_publish()
        self._assert_readers(news, True, True)
        news.action_archive_news()
        self._assert_readers(news, False, False)

    def test_suspended_member_gets_general_news_only(self):
        general = self._announce()
        of_program = self._announce(program_ids=[Command.set(self.program.ids)])
        of_tier = self._announce(grade_ids=[Command.set(self.gold.ids)])
        self.membership.action_suspend()
        self.assertTrue(self._reads(self.user, general))
        self.assertFalse(self._reads(self.user, of_program))
        self.assertFalse(self._reads(self.user, of_tier))
        self.membership.action_end()
        self.assertFalse(self._reads(self.user, general))

    def test_applicant_gets_no_news(self):
        self._enroll(self.rival, program=self.other_program, state="applicant")
        news = self._announce(program_ids=[Command.set(self.other_program.ids)])
        self.assertFalse(self._reads(self.rival_user, news))

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Company B"})
        news = self._announce(company_id=company.id)
        self._assert_readers(news, False, False)
        self.assertEqual(news.audience_partner_count, 0)

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        st.booleans(),
        st.sets(st.integers(0, 2)),
        st.sets(st.sampled_from(("sales", "technical", "finance"))),
        st.sets(st.sampled_from(("de", "fr"))),
        st.sampled_from(("onboarding", "active", "at_risk", "suspended", "ended", "applicant")),
    )
    def test_who_gets_the_mail_can_read_it(self, program, tiers, roles, countries, state):
        """Both directions of the audience agree, whatever is chosen."""
        self.membership.state = state
        tier_ids = [self.program._prm_tiers()[index].id for index in tiers]
        news = self._announce(
            program_ids=[Command.set(self.program.ids if program else [])],
            grade_ids=[Command.set(tier_ids)],
            role_ids=[
                Command.set(
                    [self.env.ref(f"prm_partner.group_partner_{role}").id for role in roles]
                )
            ],
            country_ids=[Command.set([self.env.ref(f"base.{code}").id for code in countries])],
        )
        domain = news._get_contact_domain(news._get_partner_ids())
        reached = self.env["res.partner"].search(domain)
        for user in (self.user, self.rival_user):
            self.assertEqual(user.partner_id in reached, self._reads(user, news), user.name)


class TestAnnouncement(AnnouncementCase):
    def test_empty_text_is_not_published(self):
        with self.assertRaisesRegex(UserError, "no text yet"):
            self._announce(body="<p><br></p>")

    def test_end_before_start(self):
        now = fields.Datetime.now()
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self._announce(date_from=now, date_until=now - timedelta(days=1))

    def test_end_in_the_past(self):
        with self.assertRaisesRegex(UserError, "over already"):
            self._announce(date_until=fields.Datetime.now() - timedelta(days=1))

    def test_tier_of_no_chosen_program(self):
        with self.assertRaisesRegex(ValidationError, "none of the chosen programs"):
            self._announce(
                program_ids=[Command.set(self.other_program.ids)],
                grade_ids=[Command.set(self.gold.ids)],
            )

    def test_default_end_of_the_settings(self):
        self.company.prm_announcement_days = 30
        news = self._announce()
        self.assertEqual(news.date_until, news.date_from + timedelta(days=30))

    def test_status_is_changed_by_buttons_only(self):
        news = self._announce(publish=False).with_user(self.program_manager)
        with self.assertRaises(UserError):
            news.state = "published"
        with self.assertRaises(UserError):
            self.announcements.with_user(self.program_manager).create(
                {"name": "N", "state": "published"}
            )
        news.action_publish()
        self.assertEqual(news.state, "published")
        with self.assertRaisesRegex(UserError, "Archive it before"):
            news.unlink()

    def test_phase(self):
        now = fields.Datetime.now()
        news = self._announce(publish=False, date_from=now + timedelta(days=1))
        self.assertEqual(news.phase, "draft")
        news.action_publish()
        self.assertEqual(news.phase, "scheduled")
        news.date_from = now - timedelta(days=2)
        self.assertEqual(news.phase, "live")
        news.date_until = now - timedelta(days=1)
        self.assertEqual(news.phase, "over")

    def test_read_marker(self):
        news = self._announce()
        self.assertFalse(news.with_user(self.user).is_read)
        news.with_user(self.user)._mark_read()
        news.with_user(self.user)._mark_read()
        self.assertTrue(news.with_user(self.user).is_read)
        self.assertFalse(news.with_user(self.rival_user).is_read)
        self.assertEqual(news.read_count, 1)
        unread = [("is_read", "=", False), ("id", "=", news.id)]
        self.assertFalse(self.announcements.with_user(self.user).search(unread))
        self.assertTrue(self.announcements.with_user(self.rival_user).search(unread))

    def test_nobody_marks_what_is_not_for_him(self):
        news = self._announce(grade_ids=[Command.set(self.gold.ids)])
        with self.assertRaises(AccessError):
            news.with_user(self.rival_user)._mark_read()


class TestAnnouncementSecurity(AnnouncementCase):
    def test_portal_user_learns_nothing_of_the_audience(self):
        news = self._announce(grade_ids=[Command.set((self.gold | self.platinum).ids)])
        own = news.with_user(self.user)
        self.assertEqual(own.read(["name"])[0]["name"], "News")
        for field in ("grade_ids", "program_ids", "role_ids", "recipient_ids", "user_id"):
            with self.subTest(field=field), self.assertRaises(AccessError):
                own.read([field])
        with self.assertRaises(AccessError):
            self.announcements.with_user(self.user).search([("grade_ids", "=", self.gold.id)])

    def test_portal_user_reads_no_messages_below_it(self):
        news = self._announce()
        message = news.message_post(
            body="Between us", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        messages = self.env["mail.message"].with_user(self.user)
        domain = [("model", "=", "prm.announcement"), ("res_id", "=", news.id)]
        self.assertFalse(messages.search(domain))
        with self.assertRaises(AccessError):
            message.with_user(self.user).read(["body"])
        with self.assertRaises(AccessError):
            news.with_user(self.user).message_post(body="Hello everybody")
        self.assertIn(message, self.env["mail.message"].with_user(self.manager).search(domain))

    def test_portal_user_changes_nothing(self):
        news = self._announce().with_user(self.user)
        for method in ("action_publish", "action_archive_news", "action_draft"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(news, method)()
        for model in ("prm.announcement.recipient", "prm.announcement.read"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.user).search([])

    def test_others_have_no_access(self):
        customer = self.env["res.partner"].create({"name": "C", "email": "c@c.example"})
        employee = new_test_user(self.env, "t_employee", groups="base.group_user")
        for user in (self._new_portal_user(customer, None), employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.announcements.with_user(user).search([])

    def test_partner_manager_reads_but_does_not_write(self):
        news = self._announce().with_user(self.manager)
        self.assertTrue(news.name)
        for method in ("action_publish", "action_archive_news"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(news, method)()

    def test_partner_manager_sees_recipients_of_own_partners(self):
        self.rival_membership.user_id = self.other_manager
        news = self._announce(by_mail=True)
        news._collect_recipients()
        visible = self.env["prm.announcement.recipient"].with_user(self.manager).search([])
        self.assertIn(self.contact, visible.partner_id)
        self.assertNotIn(self.rival_contact, visible.partner_id)
        self.assertLessEqual(
            self.rival_contact,
            self.env["prm.announcement.recipient"]
            .with_user(self.program_manager)
            .search([])
            .partner_id,
        )


class TestAnnouncementMail(AnnouncementCase, MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("prm_partner.ir_cron_announcements")
        # The demo data has members of its own.
        cls.audience = {"program_ids": [Command.set(cls.program.ids)], "by_mail": True}

    def _run(self):
        with self.enter_registry_test_mode(), self.mock_mail_gateway():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def _contacts(self, news, state):
        return news.recipient_ids.filtered(lambda line: line.state == state).partner_id

    def test_each_contact_gets_one_mail(self):
        news = self._announce(**self.audience)
        self._run()
        self.assertEqual(self._contacts(news, "sent"), self.contact | self.rival_contact)
        mails = self._new_mails.filtered(lambda mail: mail.subject == "News")
        self.assertEqual(mails.recipient_ids, self.contact | self.rival_contact)
        self.assertEqual(len(mails), 2)
        self.assertEqual((news.sent_percent, news.mail_progress), (100, "2 of 2 sent"))
        self._run()
        self.assertFalse(self._new_mails.filtered(lambda mail: mail.subject == "News"))

    def test_mail_is_in_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.contact.lang = "fr_FR"
        news = self._announce(publish=False, **self.audience)
        news.with_context(lang="fr_FR").write({"name": "Nouvelles", "body": "<p>Du nouveau</p>"})
        news.action_publish()
        self._run()
        by_contact = {mail.recipient_ids: mail for mail in self._new_mails}
        self.assertEqual(by_contact[self.contact].subject, "Nouvelles")
        self.assertIn("Du nouveau", by_contact[self.contact].body_html)
        self.assertEqual(by_contact[self.rival_contact].subject, "News")

    def test_partner_without_portal_users_gets_it_at_its_own_address(self):
        third, _contact = self._new_partner("Third Partners", "third.example")
        self._enroll(third)
        news = self._announce(**self.audience)
        self._run()
        self.assertIn(third, self._contacts(news, "sent"))
        self.assertNotIn(self.partner, news.recipient_ids.partner_id)

    def test_who_wants_no_mail_gets_none(self):
        self.contact.prm_announcement_optout = True
        self.env["mail.blacklist"]._add(self.rival_contact.email)
        news = self._announce(**self.audience)
        self._run()
        reasons = {line.partner_id: line.reason for line in news.recipient_ids}
        self.assertEqual(
            reasons, {self.contact: "opted_out", self.rival_contact: "blacklisted"}
        )
        self.assertFalse(self._new_mails)
        self.assertEqual(news.skipped_count, 2)

    def test_nothing_is_sent_before_its_time(self):
        start = fields.Datetime.now() + timedelta(days=2)
        news = self._announce(date_from=start, **self.audience)
        self._run()
        self.assertFalse(news.recipient_ids)
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        self.assertIn(start, trigger.mapped("call_at"))
        with freeze_time(start + timedelta(hours=1)):
            self._run()
        self.assertEqual(len(self._contacts(news, "sent")), 2)

    def test_archiving_stops_what_is_not_sent(self):
        news = self._announce(**self.audience)
        news._collect_recipients()
        news.action_archive_news()
        self._run()
        self.assertEqual(self._contacts(news, "pending"), self.contact | self.rival_contact)

    def test_a_run_that_breaks_off_repeats_nothing(self):
        """All slices but the first one fail; the next run sends just what is missing."""
        news = self._announce(**self.audience)
        Recipient = type(self.env["prm.announcement.recipient"])
        send, calls = Recipient._send, []

        def fail_later(recipients):
            calls.append(recipients)
            if len(calls) > 1:
                raise RuntimeError("killed")
            return send(recipients)

        with (
            patch.object(prm_announcement_recipient, "SLICE", 1),
            patch.object(Recipient, "_send", fail_later),
            mute_logger("odoo.addons.base.models.ir_cron"),
        ):
            self._run()
            first = self._new_mails.recipient_ids
        self.assertGreater(len(calls), 1)
        self.assertEqual(len(self._contacts(news, "sent")), 1)
        self._run()
        self.assertEqual(len(self._contacts(news, "sent")), 2)
        self.assertFalse(first & self._new_mails.recipient_ids)
        self.assertEqual(first | self._new_mails.recipient_ids, self.contact | self.rival_contact)

    def test_collecting_twice_adds_nobody_twice(self):
        news = self._announce(**self.audience)
        news._collect_recipients()
        news._collect_recipients()
        self.assertEqual(len(news.recipient_ids), 2)

    def test_collecting_costs_the_same_for_many(self):
        def collect(count):
            for number in range(count):
                self._enroll(self._new_partner(f"P{number}", f"p{number}.example")[0])
            news = self._announce(**self.audience)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            news._collect_recipients()
            return self.cr.sql_log_count - before

        collect(1)
        self.assertEqual(collect(2), collect(20))
