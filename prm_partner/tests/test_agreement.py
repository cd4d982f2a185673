import base64
from datetime import date, datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .agreement_common import AgreementCase, draw


class TestAgreement(AgreementCase):
    def test_send(self):
        with freeze_time("2026-03-10 09:00:00"):
            agreement = self._send()
        self.assertEqual(agreement.state, "sent")
        self.assertRegex(agreement.name, r"^AGR/\d{4}/\d{5}$")
        self.assertEqual(agreement.title, "Test Agreement")
        self.assertIn("Acme Partners", agreement.body)
        self.assertEqual(agreement.date_sign_by, date(2026, 4, 9))
        self.assertEqual(agreement.signer_ids, self.contact)
        self.assertIn(self.contact, agreement.message_partner_ids)
        mail = self.env["mail.mail"].search([("res_id", "=", agreement.id)])
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertIn("Please sign: Test Agreement", mail.subject)
        self.assertIn(f"/mail/view?model=prm.agreement&amp;res_id={agreement.id}", mail.body_html)

    def test_mail_goes_to_the_company_while_nobody_can_sign(self):
        self.admin.group_ids = self.env.ref("prm_partner.group_partner_finance")
        agreement = self._send()
        self.assertFalse(agreement.signer_ids)
        mail = self.env["mail.mail"].search([("res_id", "=", agreement.id)])
        self.assertEqual(mail.recipient_ids, self.partner)

    def test_number_is_kept(self):
        agreement = self._send()
        self.assertNotEqual(agreement.name, self._send(self.rival_membership).name)
        agreement.action_remind()
        self.assertEqual(self.env["mail.mail"].search_count([("res_id", "=", agreement.id)]), 2)

    def test_sign(self):
        agreement = self._send()
        with freeze_time("2026-03-10 09:30:00"):
            self._sign(agreement, name="  Ada   Acme ")
        self.assertEqual(agreement.state, "in_force")
        self.assertEqual(agreement.date_start, date(2026, 3, 10))
        self.assertEqual(agreement.date_end, date(2027, 3, 9))
        self.assertEqual(agreement.date_notice_by, date(2027, 2, 7))
        signature = agreement.signature_ids
        self.assertEqual(
            (signature.side, signature.name, signature.email, signature.user_id, signature.ip),
            ("partner", "Ada Acme", self.contact.email, self.admin, "192.0.2.1"),
        )
        self.assertEqual(signature.date, datetime(2026, 3, 10, 9, 30))
        self.assertEqual(signature.text_sha256, agreement.text_sha256)
        self.assertEqual(agreement.signed_by, "Ada Acme")
        message = agreement.message_ids.filtered(lambda one: "Signed by" in one.body)
        self.assertEqual(message.author_id, self.contact)

    def test_copy_is_mailed(self):
        agreement = self._sign_new()
        mail = self.env["mail.mail"].search(
            [("res_id", "=", agreement.id), ("subject", "like", "In force")]
        )
        self.assertEqual(mail.attachment_ids, agreement.signature_ids.attachment_id)
        self.assertEqual(mail.recipient_ids, self.contact)

    def test_countersignature(self):
        template = self._new_template(name="Two sides", countersign=True)
        agreement = self._sign_new(template=template)
        self.assertEqual(agreement.state, "signed")
        self.assertFalse(agreement.date_start)
        self.assertEqual(agreement.activity_ids.user_id, self.program_manager)
        self._countersign(agreement)
        self.assertEqual(agreement.state, "in_force")
        self.assertTrue(agreement.date_start)
        self.assertEqual(agreement.signature_ids.mapped("side"), ["partner", "vendor"])
        self.assertFalse(agreement.activity_ids)

    def test_countersign_by_wizard(self):
        template = self._new_template(name="Two sides", countersign=True)
        agreement = self._sign_new(template=template)
        wizard = self.env["prm.agreement.countersign"].with_user(self.signatory).create(
            {"agreement_id": agreement.id}
        )
        with self.assertRaisesRegex(UserError, "Draw your signature"):
            wizard.action_countersign()
        wizard.signature = draw()
        wizard.action_countersign()
        self.assertEqual(agreement.state, "in_force")
        self.assertFalse(wizard.signature)

    def test_only_signatories_countersign(self):
        template = self._new_template(name="Two sides", countersign=True)
        agreement = self._sign_new(template=template)
        with self.assertRaises(AccessError):
            self._countersign(agreement, self.manager)
        with self.assertRaises(AccessError):
            self.env["prm.agreement.countersign"].with_user(self.manager).create(
                {"agreement_id": agreement.id}
            )

    def test_nothing_to_countersign(self):
        with self.assertRaises(UserError):
            self._countersign(self._send())

    def test_who_signs(self):
        agreement = self._send()
        for user in (self.sales, self.rival_admin):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._sign(agreement, user)
        both = self.env.ref("prm_partner.group_partner_sales") | self.env.ref(
            "prm_partner.group_partner_admin"
        )
        template = self._new_template(name="Sales", signer_group_ids=[Command.set(both.ids)])
        self._sign(self._send(template=template), self.sales)

    def test_what_is_signed_must_be_complete(self):
        agreement = self._send()
        jpeg = base64.b64encode(b"\xff\xd8\xff\xe0 no picture").decode()
        for values, said in (
            ({"name": "  "}, "full name"),
            ({"name": "x" * 101}, "at most 100"),
            ({"image": None}, "Draw"),
            ({"image": "not base64!"}, "Draw"),
            ({"image": jpeg}, "Draw"),
            ({"text_sha256": "0" * 64}, "has changed"),
        ):
            with self.subTest(said=said), self.assertRaisesRegex(UserError, said):
                self._sign(agreement, **values)
        self.assertEqual(agreement.state, "sent")
        self.assertFalse(agreement.signature_ids)

    def test_changed_text_is_not_signed(self):
        """Even where somebody has changed it behind the ORM's back, hash and all."""
        agreement = self._send()
        read = agreement.text_sha256
        agreement.flush_recordset()
        self.cr.execute(
            "UPDATE prm_agreement SET body = '<p>Worse</p>' WHERE id = %s", [agreement.id]
        )
        agreement.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "has changed"):
            self._sign(agreement, text_sha256=read)

    def test_second_signature_is_refused(self):
        agreement = self._sign_new()
        with self.assertRaisesRegex(UserError, "Ada Acme has signed"):
            self._sign(agreement)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            vals = agreement._prepare_signature("partner", "portal", "X", draw().encode(), False)
            agreement._seal(vals)

    def test_what_cannot_be_signed_any_more(self):
        expired = self._send()
        with freeze_time("2099-01-01"), self.assertRaisesRegex(UserError, "ended on"):
            self._sign(expired)
        expired.action_cancel()
        with self.assertRaisesRegex(UserError, "any more"):
            self._sign(expired)
        old = self._send()
        version = self.template.browse(self.template.action_new_version()["res_id"])
        version.action_publish()
        with self.assertRaisesRegex(UserError, "newer version"):
            self._sign(old)
        ended = self._send(template=version, membership=self.rival_membership)
        self.rival_membership.action_end()
        with self.assertRaisesRegex(UserError, "has ended"):
            self._sign(ended, self.rival_admin)

    def test_new_agreement_replaces_the_one_in_force(self):
        first = self._sign_new()
        second = self._send()
        self.assertEqual(first.state, "in_force")
        self._sign(second)
        self.assertEqual((first.state, second.state), ("replaced", "in_force"))

    def test_one_of_a_kind(self):
        self._send()
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self._new_agreement()
            self.env.flush_all()

    def test_for_members_of_its_programs_with_the_current_version(self):
        other = self.program.copy({"name": "Other", "agreement_template_ids": False})
        member = self._enroll(self.partner, grade=self.env["res.partner.grade"], program=other)
        with self.assertRaisesRegex(UserError, "not for the program"):
            self._new_agreement(member)
        version = self.template.browse(self.template.action_new_version()["res_id"])
        with self.assertRaisesRegex(UserError, "not the published"):
            self._new_agreement(template=version)

    def test_ended_members_get_nothing(self):
        agreement = self._new_agreement()
        self.membership.action_end()
        with self.assertRaisesRegex(UserError, "has ended"):
            agreement.action_send()

    def test_buttons_only(self):
        agreement = self._send().with_user(self.manager)
        for vals in (
            {"state": "in_force"},
            {"body": "<p>Other</p>"},
            {"date_end": "2099-01-01"},
            {"partner_id": self.rival.id},
            {"membership_id": self.rival_membership.id},
            {"date_start": "2020-01-01"},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                agreement.write(vals)
        for vals in ({"state": "in_force"}, {"partner_id": self.rival.id}):
            values = {"membership_id": self.membership.id, "template_id": self.template.id, **vals}
            with self.subTest(vals=vals), self.assertRaises(UserError):
                agreement.create(values)
        sneaky = agreement.with_context(default_state="in_force", default_title="X").create(
            {
                "membership_id": self.membership.id,
                "template_id": self._new_template(name="Other").id,
            }
        )
        self.assertEqual((sneaky.state, sneaky.title), ("draft", False))

    def test_sent_agreements_stay(self):
        draft = self._new_agreement()
        draft.unlink()
        with self.assertRaises(UserError):
            self._send().unlink()

    def test_read_is_noted_once(self):
        agreement = self._send()
        with freeze_time("2026-03-11 10:00:00"):
            agreement.with_user(self.sales)._mark_read()
        with freeze_time("2026-03-12 10:00:00"):
            agreement.with_user(self.admin)._mark_read()
        self.assertEqual(agreement.date_read, datetime(2026, 3, 11, 10))
        with self.assertRaises(AccessError):
            agreement.with_user(self.rival_admin)._mark_read()

    def test_notice(self):
        with freeze_time("2026-03-10"):
            agreement = self._sign_new()
            self.assertTrue(agreement.renews)
            agreement.action_give_notice()
        self.assertFalse(agreement.renews)
        self.assertEqual(agreement.date_notice, date(2026, 3, 10))
        self.assertEqual(agreement.state, "in_force")
        agreement.action_withdraw_notice()
        self.assertTrue(agreement.renews)
        with freeze_time("2027-02-08"), self.assertRaisesRegex(UserError, "possible until"):
            agreement.action_give_notice()

    def test_no_notice_without_an_end(self):
        template = self._new_template(name="Ever", duration_months=0, renewal_months=0)
        agreement = self._sign_new(template=template)
        self.assertFalse(agreement.date_end)
        with self.assertRaisesRegex(UserError, "no end"):
            agreement.action_give_notice()

    def test_fixed_end(self):
        with freeze_time("2026-03-10"):
            template = self._new_template(
                name="Fixed",
                duration_months=0,
                renewal_months=0,
                sign_days=0,
                date_end="2026-12-31",
            )
            agreement = self._sign_new(template=template)
            self.assertEqual(agreement.date_end, date(2026, 12, 31))
        late = self._send(self.rival_membership, template)
        with freeze_time("2027-01-01"), self.assertRaisesRegex(UserError, "any more"):
            self._sign(late, self.rival_admin)

    def test_terminate(self):
        agreement = self._sign_new()
        wizard = self.env["prm.agreement.terminate"].with_user(self.manager).create(
            {"agreement_id": agreement.id, "reason": "Insolvent"}
        )
        wizard.action_terminate()
        self.assertEqual(agreement.state, "terminated")
        self.assertEqual(agreement.close_reason, "Insolvent")
        with self.assertRaises(UserError):
            wizard.action_terminate()
        mail = self.env["mail.mail"].search(
            [("res_id", "=", agreement.id), ("subject", "like", "Terminated")]
        )
        self.assertNotIn("Insolvent", mail.body_html)

    def test_signed_on_paper(self):
        agreement = self._new_agreement()
        wizard = self.env["prm.agreement.paper"].with_user(self.manager).create(
            {
                "agreement_id": agreement.id,
                "name": "Paul Paper",
                "function": "Owner",
                "date": "2026-01-15",
                "file": base64.b64encode(b"no pdf"),
            }
        )
        with self.assertRaisesRegex(UserError, "PDF"):
            wizard.action_record()
        scan = b"%PDF-1.4\nscan"
        wizard.file = base64.b64encode(scan)
        wizard.date = "2099-01-01"
        with self.assertRaisesRegex(UserError, "future"):
            wizard.action_record()
        wizard.date = "2026-01-15"
        wizard.action_record()
        self.assertEqual((agreement.state, agreement.date_start), ("in_force", date(2026, 1, 15)))
        self.assertEqual(agreement.signed_by, "Paul Paper")
        self.assertEqual(agreement.signature_ids.method, "paper")
        self.assertEqual(agreement._get_pdf(), scan)

    def test_send_to_many(self):
        self._send(self.rival_membership)
        members = self.membership | self.rival_membership
        wizard = self.env["prm.agreement.send"].with_context(
            active_model="prm.membership", active_ids=members.ids
        ).create({"template_id": self.template.id})
        self.assertEqual(wizard.ready_ids, self.membership)
        self.assertEqual(wizard.skipped_ids, self.rival_membership)
        wizard.action_send()
        self.assertEqual(self.membership.agreement_ids.state, "sent")
        self.assertEqual(self.membership.unsigned_count, 1)
        wizard.invalidate_recordset()
        with self.assertRaises(UserError):
            wizard.action_send()
