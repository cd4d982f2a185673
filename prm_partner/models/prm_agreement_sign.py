import base64
import binascii
import hashlib
from datetime import datetime, time

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date
from odoo.tools.mimetypes import guess_mimetype

from ..tools import terms

REPORT = "prm_partner.report_agreement"
SIGNATORY = "prm_partner.group_agreement_signatory"
MAX_NAME = 100
MAX_IMAGE = 1024 * 1024


class PrmAgreement(models.Model):
    """Signing: who may, the evidence that is kept, and the exact document."""

    _inherit = "prm.agreement"

    # The partner signs, in the portal

    def _get_signing_problem(self):
        """Why this agreement cannot be signed now, as a sentence; False if it can.

        The person is not looked at, only the agreement.
        """
        self.ensure_one()
        agreement = self.sudo()  # sudo: only whether and why is told
        if agreement.state != "sent":
            if agreement.state in ("signed", "in_force"):
                return self.env._("%s has signed this agreement already.", agreement.signed_by)
            return self.env._("This agreement cannot be signed any more.")
        if agreement.template_id.state != "published":
            return self.env._(
                "There is a newer version of this agreement. Your partner manager will send it."
            )
        if agreement.date_sign_by and agreement.date_sign_by < fields.Date.context_today(self):
            return self.env._(
                "The time to sign this agreement ended on %(date)s."
                " Ask your partner manager to send it again.",
                date=format_date(self.env, agreement.date_sign_by),
            )
        end = agreement.template_id.date_end
        if end and end < fields.Date.context_today(self):
            return self.env._("This agreement cannot be signed any more.")
        if agreement.membership_id.state == "ended":
            return self.env._("Your membership in this program has ended.")
        return False

    def _may_sign(self):
        """Whether the user has a role that signs this agreement for the partner."""
        self.ensure_one()
        user = self.env.user
        # sudo: which roles sign is asked of the template, which partners do not read.
        groups = self.sudo().template_id.signer_group_ids
        own = user.partner_id.commercial_partner_id == self.partner_id
        return bool(own and groups & user.sudo().all_group_ids)

    def _mark_read(self):
        """Note the first time that somebody of the partner opens the agreement."""
        self.check_access("read")
        # sudo: partners write nothing; only the time is noted, for who may read the agreement.
        unread = self.sudo().filtered(lambda one: one.state == "sent" and not one.date_read)
        unread.date_read = fields.Datetime.now()

    def _sign(self, name, image, text_sha256, ip, moment=None):
        """Sign for the partner, as the user.

        :param str name: name as typed
        :param str image: the drawn signature, a PNG in base64
        :param str text_sha256: hash of the text that the user has read
        :param str ip: where the request came from
        :param datetime moment: when it was signed, by default now
        :raise AccessError: the user may not sign
        :raise UserError: the agreement cannot be signed (any more), or a value is missing
        """
        self.ensure_one()
        self.check_access("read")
        if not self._may_sign():
            raise AccessError(self.env._("Your role does not sign this agreement."))
        name, image = self._check_signature(name, image)
        self._lock_to_sign()
        problem = self._get_signing_problem()
        if problem:
            raise UserError(problem)
        self._check_text(text_sha256)
        agreement = self.sudo()  # sudo: role, state and text were checked; partners cannot write
        agreement._seal(self._prepare_signature("partner", "portal", name, image, ip, moment))
        self._post_signed(name)
        if agreement.template_id.countersign:
            agreement._write_step(state="signed")
            agreement._schedule_countersign()
        else:
            agreement._enter_force((moment or fields.Datetime.now()).date())

    def _lock_to_sign(self):
        # sudo: partners have no right to write; the lock lets one of two signers through.
        self.sudo()._lock()

    def _check_signature(self, name, image):
        """The typed name and the drawn signature, cleaned.

        :raise UserError: one of them is missing or no use
        """
        typed = " ".join(name.replace("\x00", "").split()) if isinstance(name, str) else ""
        if not typed:
            raise UserError(self.env._("Enter your full name."))
        if len(typed) > MAX_NAME:
            raise UserError(self.env._("Enter a name of at most %s characters.", MAX_NAME))
        drawn = image if isinstance(image, str | bytes) else b""
        try:
            content = base64.b64decode(drawn, validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if not content or guess_mimetype(content) != "image/png":
            raise UserError(self.env._("Draw your signature."))
        if len(content) > MAX_IMAGE:
            raise UserError(self.env._("The picture of your signature is too large."))
        return typed, base64.b64encode(content)

    def _check_text(self, text_sha256):
        if text_sha256 != self.text_sha256 or self._hash_text(self.body) != self.text_sha256:
            raise UserError(
                self.env._("The text has changed since you opened it. Read it again, then sign.")
            )

    def _post_signed(self, name):
        self.sudo().message_post(  # sudo: partners read only; they are the author nevertheless
            body=self.env._("Signed by %s", name),
            author_id=self.env.user.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _schedule_countersign(self):
        self.activity_schedule(
            "prm_partner.mail_activity_type_agreement",
            summary=self.env._("Counter-sign %s", self.name),
            user_id=(self.program_id.user_id or self.user_id or self.env.user).id,
        )

    # We sign, in the back end

    def _countersign(self, name, image, ip, moment=None):
        """Sign for our company, as the user: signed → in force.

        :raise AccessError: the user may not sign for the company
        :raise UserError: wrong state, or a value is missing
        """
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group(SIGNATORY):
            raise AccessError(self.env._("You are not allowed to sign for our company."))
        self._lock()
        self._check_state(("signed",))
        name, image = self._check_signature(name, image)
        self._check_text(self.text_sha256)
        agreement = self.sudo()  # sudo: right, state and text were checked
        agreement._seal(self._prepare_signature("vendor", "office", name, image, ip, moment))
        agreement.activity_feedback(["prm_partner.mail_activity_type_agreement"])
        agreement._enter_force((moment or fields.Datetime.now()).date())

    # Signed on paper

    def _record_paper(self, name, function, day, pdf):
        """Put an agreement in force that both sides have signed on paper.

        :param str name: who signed for the partner
        :param str function: that person's position
        :param date day: day of the last signature
        :param bytes pdf: the scan
        :raise UserError: wrong state, or the scan is no PDF
        """
        self.ensure_one()
        self.check_access("write")
        self._lock()
        self._check_state(("draft", "sent"))
        self._check_open()
        if guess_mimetype(pdf or b"") != "application/pdf":
            raise UserError(self.env._("Choose the scan of the signed paper, a PDF file."))
        moment = datetime.combine(day, time(12))
        if moment > fields.Datetime.now():
            raise UserError(self.env._("The day of the signature is in the future."))
        if self.state == "draft":
            self._fix_text()
        agreement = self.sudo()  # sudo: right, state and values were checked
        vals = self._prepare_signature("partner", "paper", name, False, False, moment)
        agreement._seal({**vals, "function": function, "email": False}, pdf)
        agreement._enter_force(day)

    # Evidence

    def _prepare_signature(self, side, method, name, image, ip, moment=None):
        """Values of a signature that the user makes now."""
        user = self.env.user
        return {
            "side": side,
            "method": method,
            "name": name,
            "function": user.partner_id.function,
            "email": user.email,
            "user_id": user.id,
            "date": moment or fields.Datetime.now(),
            "ip": ip,
            "image": image,
        }

    def _seal(self, vals, pdf=None):
        """Keep a signature with the exact document that was signed.

        :param dict vals: see ``_prepare_signature``
        :param bytes pdf: the document, by default printed with this signature
        """
        document = pdf or self._print_pdf([*self._get_signatures(), vals])
        attachment = self.env["ir.attachment"].create(
            self._prepare_pdf_vals(vals["side"], document)
        )
        self.env["prm.agreement.signature"].create(
            {
                **vals,
                "agreement_id": self.id,
                "company_id": self.company_id.id,
                "text_sha256": self.text_sha256,
                "attachment_id": attachment.id,
                "pdf_sha256": hashlib.sha256(document).hexdigest(),
            }
        )

    def _prepare_pdf_vals(self, side, pdf):
        suffix = "-1" if side == "partner" else "-2"
        return {
            "name": self._get_file_name(suffix),
            "raw": pdf,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
        }

    def _get_file_name(self, suffix=""):
        return f"{self.name.replace('/', '-')}{suffix}.pdf"

    def _enter_force(self, today):
        """Signed by all sides: it begins, the one before it ends, who waited for it can start."""
        template = self.template_id
        start = self.date_start or today
        end = template.date_end or (
            template.duration_months and terms.term_end(start, template.duration_months)
        )
        former = self.search(
            [
                ("membership_id", "=", self.membership_id.id),
                ("family_id", "=", self.family_id.id),
                ("state", "=", "in_force"),
            ]
        )
        former._close("replaced")
        self._write_step(
            state="in_force",
            date_start=start,
            date_end=end,
            reminder_mark=terms.first_reminder_mark(start, end) if end else 0,
        )
        self.membership_id._mark_milestone("signed")
        self.membership_id._activate_after_signing()
        self._mail_copy()

    def _mail_copy(self):
        template = self.env.ref(
            "prm_partner.mail_template_agreement_in_force", raise_if_not_found=False
        )
        if template and (self.signer_ids or self.partner_id.email):
            template.send_mail(
                self.id,
                email_layout_xmlid="prm_partner.mail_layout",
                email_values={"attachment_ids": self.signature_ids[-1:].attachment_id.ids},
            )

    def _verify(self):
        """Compare text and documents with the hashes that were kept when they were signed.

        :return: list of sentences about what does not match, empty if all is as it was signed
        """
        self.ensure_one()
        self.check_access("read")
        problems = []
        text_sha256 = self._hash_text(self.body)
        if text_sha256 != self.text_sha256:
            problems.append(self.env._("The text is not the one that was sent."))
        for signature in self.sudo().signature_ids:  # sudo: only the comparison is told
            pdf = signature.attachment_id.raw or b""
            if hashlib.sha256(pdf).hexdigest() != signature.pdf_sha256:
                problems.append(
                    self.env._("The PDF that %s signed is not the same any more.", signature.name)
                )
            if text_sha256 != signature.text_sha256:
                problems.append(
                    self.env._("The text is not the one that %s signed.", signature.name)
                )
        return problems

    def action_verify(self):
        """Recompute the hashes of text and documents, and say whether they match.

        :return: notification with the result
        """
        problems = self._verify()
        ok = self.env._("Text and PDF are exactly what was signed.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if problems else "success",
                "sticky": bool(problems),
                "title": self.name,
                "message": " ".join(problems) or ok,
            },
        }

    # The document

    def action_print(self):
        """Download the document: the signed one once there is one."""
        return self.env.ref("prm_partner.action_report_agreement").report_action(self)

    def _get_signatures(self):
        """What the document shows of its signatures, see ``prm.agreement.signature``."""
        self.check_access("read")
        # sudo: signatures are part of the document, for those who may read it.
        return [signature._get_block() for signature in self.sudo().signature_ids]

    def _get_pdf(self):
        """The document as a PDF: exactly what was signed last, or the text to sign.

        :return: bytes
        :raise AccessError: the user may not read the agreement
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: attachments are no business of partners; the right to read was checked.
        signed = self.sudo().signature_ids[-1:].attachment_id
        return signed.raw if signed else self._print_pdf([])

    def _get_print_values(self, signatures):
        """Values of the template of the document.

        :raise AccessError: the user may not read the agreement
        """
        self.check_access("read")
        # sudo: letterheads and names of both sides; the right to read was checked.
        agreement = self.sudo().with_context(lang=self._get_lang())
        return {
            "o": agreement,
            "text": agreement.preview,
            "company": agreement.company_id,
            "partner": agreement.partner_id,
            "signatures": {block["side"]: block for block in signatures},
            "zone": agreement.company_id.partner_id.tz or "UTC",
        }

    def _print_pdf(self, signatures):
        """Print the document with these signatures; it needs nothing from outside.

        :param list signatures: dicts, see ``prm.agreement.signature._get_block``
        :return: bytes
        :raise UserError: PDFs cannot be made here
        """
        # sudo: rendering needs rights on reports; the record is checked by the values' method.
        report = self.env["ir.actions.report"].sudo()
        if report.get_wkhtmltopdf_state() not in ("ok", "upgrade"):
            raise UserError(
                self.env._("The PDF cannot be made: ask your administrator to install wkhtmltopdf.")
            )
        values = self._get_print_values(signatures)
        page = self.env["ir.qweb"]._render(
            "prm_partner.report_agreement_page", values, lang=self._get_lang()
        )
        return report.with_context(prm_static_page=True)._run_wkhtmltopdf(
            [f"<!DOCTYPE html>{page}"], report_ref=REPORT
        )
