import base64
import hashlib
import io

import psycopg2
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .agreement_common import AgreementCase, draw


class TestAgreementDocument(AgreementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.two_sides = cls._new_template(name="Two sides", countersign=True)
        cls.agreement = cls._countersign(cls._sign_new(template=cls.two_sides))
        cls.first, cls.last = cls.agreement.signature_ids

    def _read_text(self, pdf):
        pages = PdfReader(io.BytesIO(pdf)).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())

    def test_each_signature_has_its_document(self):
        for signature in self.agreement.signature_ids:
            pdf = signature.attachment_id.raw
            self.assertTrue(pdf.startswith(b"%PDF-"))
            self.assertEqual(hashlib.sha256(pdf).hexdigest(), signature.pdf_sha256)
        first, last = (self._read_text(one.attachment_id.raw) for one in (self.first, self.last))
        for text in (first, last):
            self.assertIn("Acme Partners", text)
            self.assertIn(self.agreement.name, text)
            self.assertIn("Ada Acme", text)
            self.assertIn("192.0.2.1", text)
            self.assertIn(self.agreement.text_sha256, text)
        self.assertNotIn("Vera Vendor", first)
        self.assertIn("Vera Vendor", last)
        self.assertNotIn("192.0.2.2", last)  # the address of our own people is not the partner's

    def test_what_is_printed_is_what_was_signed(self):
        for user in (self.admin, self.sales, self.manager):
            with self.subTest(user=user.login):
                self.assertEqual(
                    self.agreement.with_user(user)._get_pdf(), self.last.attachment_id.raw
                )
        streams = self.env["ir.actions.report"]._render_qweb_pdf_prepare_streams(
            "prm_partner.report_agreement", {}, self.agreement.ids
        )
        self.assertEqual(
            streams[self.agreement.id]["stream"].getvalue(), self.last.attachment_id.raw
        )

    def test_unsigned_document(self):
        agreement = self._send()
        text = self._read_text(agreement.with_user(self.sales)._get_pdf())
        self.assertIn("Between us and Acme Partners", text)
        self.assertNotIn("Signed on", text)

    def test_nobody_else_prints_it(self):
        draft = self._new_agreement(self.rival_membership)
        report = self.env["ir.actions.report"]
        for user, agreement in (
            (self.rival_admin, self.agreement),
            (self.rival_admin, draft),
            (self.other_manager, self.agreement),
        ):
            with self.subTest(user=user.login, agreement=agreement.display_name):
                with self.assertRaises(AccessError):
                    agreement.with_user(user)._get_pdf()
                with self.assertRaises(AccessError):
                    report.with_user(user)._render_qweb_html(
                        "prm_partner.report_agreement", agreement.ids
                    )
                with self.assertRaises(AccessError):
                    report.with_user(user)._render_qweb_pdf_prepare_streams(
                        "prm_partner.report_agreement", {}, agreement.ids
                    )

    def test_shown_on_the_screen(self):
        html = self.env["ir.actions.report"].with_user(self.admin)._render_qweb_html(
            "prm_partner.report_agreement", self.agreement.ids
        )[0]
        self.assertIn(b"Vera Vendor", html)

    def test_documents_stay(self):
        attachment = self.last.attachment_id
        pdf = attachment.raw
        for env in (self.env, self.env(user=self.env.ref("base.user_admin"))):
            document = attachment.with_env(env)
            for vals in (
                {"raw": b"other"},
                {"datas": base64.b64encode(b"other")},
                {"res_id": False},
                {"res_model": "res.partner"},
                {"name": "other.pdf"},
                {"public": True},
                {"store_fname": "other"},
            ):
                with self.subTest(vals=vals), self.assertRaises(UserError):
                    document.write(vals)
            with self.assertRaises(UserError):
                document.unlink()
        self.assertEqual(attachment.raw, pdf)

    def test_moving_to_another_storage_is_no_change(self):
        attachment = self.last.attachment_id
        attachment.write({"raw": attachment.raw, "mimetype": attachment.mimetype})
        attachment.description = "What both have signed"

    def test_other_files_of_the_agreement_are_free(self):
        note = self.env["ir.attachment"].create(
            {"name": "n", "raw": b"n", "res_model": "prm.agreement", "res_id": self.agreement.id}
        )
        note.raw = b"m"
        note.unlink()

    def test_document_is_held_by_the_database(self):
        with (
            self.assertRaises(psycopg2.IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                "DELETE FROM ir_attachment WHERE id = %s", [self.last.attachment_id.id]
            )

    def test_signatures_stay(self):
        with self.assertRaises(UserError):
            self.first.name = "Mallory"
        with self.assertRaises(UserError):
            self.first.unlink()
        for query in (
            "UPDATE prm_agreement_signature SET name = 'Mallory' WHERE id = %s",
            "DELETE FROM prm_agreement_signature WHERE id = %s",
        ):
            with (
                self.subTest(query=query),
                self.assertRaises(psycopg2.IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self.cr.execute(query, [self.first.id])

    def test_verify(self):
        self.assertEqual(self.agreement._verify(), [])
        self.assertEqual(self.agreement.action_verify()["params"]["type"], "success")
        attachment = self.first.attachment_id
        self.cr.execute(
            "UPDATE ir_attachment SET db_datas = 'forged', store_fname = NULL WHERE id = %s",
            [attachment.id],
        )
        attachment.invalidate_recordset()
        [problem] = self.agreement._verify()
        self.assertIn("Ada Acme", problem)
        self.cr.execute(
            "UPDATE prm_agreement SET body = '<p>forged</p>' WHERE id = %s", [self.agreement.id]
        )
        self.agreement.invalidate_recordset()
        self.assertEqual(len(self.agreement._verify()), 4)
        self.assertEqual(self.agreement.action_verify()["params"]["type"], "danger")

    def test_a_signature_is_drawn_unless_on_paper(self):
        agreement = self._send()
        vals = agreement._prepare_signature("partner", "portal", "X", draw().encode(), False)
        with (
            self.assertRaises(psycopg2.IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            agreement._seal({**vals, "image": False}, b"%PDF-")
