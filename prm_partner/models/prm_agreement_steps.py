import hashlib

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import format_date

from .prm_agreement import PENDING_STATES


class PrmAgreement(models.Model):
    """What staff do with agreements: send, remind, cancel, give notice."""

    _inherit = "prm.agreement"

    # Steps by staff

    def action_send(self):
        """Draft → to sign: fix the text in the partner's language, number it and mail it.

        :raise UserError: no draft, or the membership has ended
        """
        self.check_access("write")
        self._lock()
        self._check_state(("draft",))
        for agreement in self:
            agreement._check_open()
        self._send()

    def action_remind(self):
        """Mail the agreement again to those who can sign it."""
        self.check_access("write")
        self._check_state(("sent",))
        self._mail("prm_partner.mail_template_agreement_sent")

    def action_cancel(self):
        """Take back an agreement that is not in force: the partner cannot sign it any more."""
        self.check_access("write")
        self._lock()
        self._check_state(PENDING_STATES)
        self._close("cancelled")

    def action_give_notice(self):
        """In force: it is not renewed, and ends on its date.

        :raise UserError: the agreement has no end, or the time for notice is over
        """
        self.check_access("write")
        self._lock()
        self._check_state(("in_force",))
        today = fields.Date.context_today(self)
        for agreement in self:
            agreement._check_notice(today)
        # sudo: the right to write was checked; the field is set by this button only.
        self.sudo().date_notice = today
        self._mail("prm_partner.mail_template_agreement_notice")

    def action_withdraw_notice(self):
        """Take notice back: the agreement is renewed again."""
        self.check_access("write")
        self._lock()
        self._check_state(("in_force",))
        self.sudo().date_notice = False  # sudo: the right to write was checked

    def _check_notice(self, today):
        if not self.date_end:
            raise UserError(
                self.env._(
                    "%(agreement)s has no end. Terminate it instead.", agreement=self.display_name
                )
            )
        if self.renews and self.date_notice_by < today:
            raise UserError(
                self.env._(
                    "Notice for %(agreement)s was possible until %(date)s. It is renewed, or can be"
                    " terminated by agreement with the partner.",
                    agreement=self.display_name,
                    date=format_date(self.env, self.date_notice_by),
                )
            )

    def action_view_membership(self):
        """Open the membership that the agreement belongs to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "prm.membership",
            "res_id": self.membership_id.id,
            "view_mode": "form",
        }

    # Business

    def _lock(self):
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._("Somebody else is working on this agreement. Try again in a moment.")
            ) from error

    def _check_open(self):
        if self.membership_id.sudo().state == "ended":  # sudo: only the status is asked
            raise UserError(
                self.env._(
                    "The membership of %(partner)s has ended, so it signs no agreements.",
                    partner=self.partner_id.name,
                )
            )

    def _write_step(self, **vals):
        # sudo: the steps, which have checked user and state, are the only writers of these fields.
        self.sudo().write(vals)
        if "state" in vals:
            # Now, as the database allows only one agreement of a kind in some states.
            self.flush_recordset(["state"])

    def _send(self):
        """Fix and mail these drafts. The caller has checked that it may."""
        self._fix_text()
        self._subscribe_signers()
        self._mail("prm_partner.mail_template_agreement_sent")

    def _fix_text(self):
        for agreement in self:
            agreement._write_step(**agreement._prepare_sent_vals())

    def _prepare_sent_vals(self):
        lang = self._get_lang()
        name = self.name
        if name == "/":
            name = self.env["ir.sequence"].next_by_code("prm.agreement") or name
        template = self.sudo().template_id.with_context(lang=lang)  # sudo: its text is sent now
        body = template._render_body({**self._get_merge_values(lang), "name": name})
        days = template.sign_days
        today = fields.Date.context_today(self)
        return {
            "name": name,
            "title": template.name,
            "lang": lang,
            "body": body,
            "text_sha256": self._hash_text(body),
            "state": "sent",
            "date_sent": fields.Datetime.now(),
            "date_sign_by": self.date_sign_by or (days and fields.Date.add(today, days=days)),
        }

    @api.model
    def _hash_text(self, body):
        """SHA-256, in hexadecimal, of a text as it is stored."""
        return hashlib.sha256((body or "").encode()).hexdigest()

    def _get_lang(self):
        """Language of the agreement: the partner's if it is installed, else the company's."""
        self.ensure_one()
        # sudo: only the languages are read.
        partner, company = self.partner_id.sudo(), self.company_id.sudo().partner_id
        installed = dict(self.env["res.lang"].get_installed())
        langs = (self.lang, partner.lang, company.lang, self.env.lang)
        return next((lang for lang in langs if lang in installed), "en_US")

    def _get_merge_values(self, lang):
        """What the merge fields say: see ``prm.agreement.template._get_merge_fields``."""
        self.ensure_one()
        # sudo: letterheads of both sides, program and tier; they are what the partner signs.
        agreement = self.sudo().with_context(lang=lang)
        template, membership = agreement.template_id, agreement.membership_id
        partner, company = agreement.partner_id, agreement.company_id
        return {
            "name": agreement.name,
            "title": template.name,
            "version": template.version,
            "date_sent": agreement._format_day(fields.Date.context_today(self)),
            "date_end": agreement._format_day(template.date_end),
            "duration_months": template.duration_months,
            "notice_days": template.notice_days,
            "renewal_months": template.renewal_months,
            "partner_id.name": partner.name,
            "partner_id.address": self._get_address(partner),
            "partner_id.country": partner.country_id.name or "",
            "partner_id.vat": partner.vat or "",
            "company_id.name": company.name,
            "company_id.address": self._get_address(company.partner_id),
            "company_id.vat": company.vat or "",
            "program_id.name": membership.program_id.name,
            "program_id.currency": membership.program_id.currency_id.name,
            "grade_id.name": membership.grade_id.name or "",
            "user_id.name": membership.user_id.name or "",
        }

    @api.model
    def _format_day(self, day):
        """A date in words, in the language of the context; empty for none."""
        return format_date(self.env, day, date_format="long") if day else ""

    @api.model
    def _get_address(self, partner):
        lines = partner._display_address(without_company=True).splitlines()
        return ", ".join(line.strip() for line in lines if line.strip())

    def _subscribe_signers(self):
        """Those who sign follow the messages meant for partners, never internal notes."""
        comment = self.env.ref("mail.mt_comment")
        for agreement in self:
            agreement.message_subscribe(agreement.signer_ids.ids, subtype_ids=comment.ids)

    def _mail(self, template_xmlid):
        """Queue a mail to those who can sign, or to the company if there is nobody yet."""
        template = self.env.ref(template_xmlid, raise_if_not_found=False)
        agreements = self.filtered(lambda one: one.signer_ids or one.partner_id.email)
        if template and agreements:
            # sudo: the template reads what the mail tells; the steps have checked the user.
            template.sudo().send_mail_batch(
                agreements.ids, email_layout_xmlid="prm_partner.mail_layout"
            )

    def _close(self, state, reason=False):
        """End these agreements; activities about them are of no use any more."""
        self._write_step(
            state=state, date_closed=fields.Date.context_today(self), close_reason=reason
        )
        self.sudo().activity_unlink(  # sudo: activities of whoever they are assigned to
            ["prm_partner.mail_activity_type_agreement"]
        )
