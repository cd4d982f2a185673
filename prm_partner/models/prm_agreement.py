import hashlib

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import clean_context, format_date

STAFF = "base.group_user"
# The partner has something to do, or we have.
PENDING_STATES = ("draft", "sent", "signed")
# The partner has signed: the obligation is met.
SIGNED_STATES = ("signed", "in_force")
# Staff choose these while it is a draft; everything else is set by the buttons only.
DRAFT_FIELDS = {"template_id", "membership_id", "date_start", "date_sign_by"}
PROTECTED_FIELDS = {
    "name",
    "title",
    "kind",
    "version",
    "family_id",
    "partner_id",
    "program_id",
    "company_id",
    "user_id",
    "state",
    "lang",
    "body",
    "text_sha256",
    "date_sent",
    "date_read",
    "date_end",
    "date_notice",
    "date_closed",
    "close_reason",
    "reminder_mark",
    "signature_ids",
}


class PrmAgreement(models.Model):
    """What one partner agrees to, in one version of a text."""

    _name = "prm.agreement"
    _description = "Partner Agreement"
    _inherit = ["prm.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _mail_post_access = "read"

    name = fields.Char(string="Number", readonly=True, copy=False, required=True, default="/")
    template_id = fields.Many2one(
        "prm.agreement.template",
        string="Agreement",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("state", "=", "published")],
        groups=STAFF,
    )
    family_id = fields.Many2one(
        related="template_id.family_id", store=True, index=True, groups=STAFF
    )
    title = fields.Char(readonly=True, copy=False, help="Name of the agreement, as it was sent.")
    kind = fields.Selection(related="template_id.kind", store=True)
    version = fields.Integer(related="template_id.version", store=True, aggregator=None)
    membership_id = fields.Many2one(
        "prm.membership", required=True, index=True, ondelete="restrict", tracking=True
    )
    partner_id = fields.Many2one(
        related="membership_id.partner_id", store=True, index=True, precompute=True
    )
    program_id = fields.Many2one(
        related="membership_id.program_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        related="membership_id.company_id", store=True, index=True, precompute=True
    )
    user_id = fields.Many2one(
        related="membership_id.user_id",
        string="Partner Manager",
        store=True,
        index=True,
        groups=STAFF,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("sent", "To Sign"),
            ("signed", "To Counter-sign"),
            ("in_force", "In Force"),
            ("expired", "Expired"),
            ("terminated", "Terminated"),
            ("replaced", "Replaced"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        index=True,
        tracking=True,
        readonly=True,
        copy=False,
        group_expand=True,
    )
    lang = fields.Char(string="Language", readonly=True, copy=False)
    # Cleaned when it is rendered; cleaning it again could make another text of it.
    body = fields.Html(string="Text", readonly=True, copy=False, sanitize=False)
    text_sha256 = fields.Char(string="SHA-256 of the Text", readonly=True, copy=False)
    preview = fields.Html(compute="_compute_preview", sanitize=False, groups=STAFF)
    date_sent = fields.Datetime(string="Sent On", readonly=True, copy=False)
    date_read = fields.Datetime(
        string="First Read On",
        readonly=True,
        copy=False,
        help="When somebody of the partner first opened it in the portal.",
    )
    date_sign_by = fields.Date(string="To Sign By", copy=False)
    date_start = fields.Date(
        string="Start", copy=False, help="By default the day on which it comes into force."
    )
    date_end = fields.Date(string="End", readonly=True, copy=False, tracking=True)
    date_notice = fields.Date(
        string="Notice Given On", readonly=True, copy=False, tracking=True
    )
    date_notice_by = fields.Date(
        string="Notice Possible Until", compute="_compute_date_notice_by", store=True
    )
    renews = fields.Boolean(string="Renewed Automatically", compute="_compute_renews")
    date_closed = fields.Date(string="Closed On", readonly=True, copy=False)
    close_reason = fields.Char(string="Reason", readonly=True, copy=False, groups=STAFF)
    reminder_mark = fields.Integer(
        string="Last Reminder",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="Days before the end of the reminder that was sent last.",
    )
    signature_ids = fields.One2many(
        "prm.agreement.signature", "agreement_id", string="Signatures", groups=STAFF
    )
    signed_by = fields.Char(compute="_compute_signed", compute_sudo=True)
    date_signed = fields.Datetime(
        string="Signed On", compute="_compute_signed", compute_sudo=True
    )
    signer_ids = fields.Many2many(
        "res.partner", string="Can Be Signed By", compute="_compute_signer_ids", groups=STAFF
    )

    _pending_uniq = models.UniqueIndex(
        "(membership_id, family_id) WHERE state IN ('draft', 'sent', 'signed')",
        "This partner has the same agreement waiting already. Open or cancel that one.",
    )
    _in_force_uniq = models.UniqueIndex(
        "(membership_id, family_id) WHERE state = 'in_force'",
        "This partner has the same agreement in force already.",
    )
    _end_idx = models.Index("(date_end) WHERE state = 'in_force'")
    _dates_check = models.Constraint(
        "CHECK(date_end >= date_start)",
        "The agreement would end before it starts. Check its start and the end of its template.",
    )

    @api.depends("name", "title")
    def _compute_display_name(self):
        for agreement in self:
            parts = (agreement.name if agreement.name != "/" else "", agreement.title)
            agreement.display_name = " · ".join(filter(None, parts)) or self.env._("New agreement")

    @api.depends("template_id", "membership_id", "body")
    def _compute_preview(self):
        for agreement in self:
            if agreement.body or not agreement.template_id or not agreement.membership_id:
                agreement.preview = agreement.body
                continue
            lang = agreement._get_lang()
            values = agreement._get_merge_values(lang)
            agreement.preview = agreement.template_id.with_context(lang=lang)._render_body(values)

    @api.depends("date_end", "template_id.notice_days")
    def _compute_date_notice_by(self):
        for agreement in self:
            end = agreement.date_end
            days = agreement.template_id.notice_days
            agreement.date_notice_by = end and fields.Date.subtract(end, days=days)

    @api.depends("date_notice", "date_end", "template_id.renewal_months")
    def _compute_renews(self):
        for agreement in self:
            # sudo: partners see whether it is renewed, but not the template.
            months = agreement.sudo().template_id.renewal_months
            agreement.renews = bool(agreement.date_end and months and not agreement.date_notice)

    @api.depends("signature_ids")
    def _compute_signed(self):
        signatures = self.env["prm.agreement.signature"].search(
            [("agreement_id", "in", self.ids), ("side", "=", "partner")]
        )
        by_agreement = {signature.agreement_id: signature for signature in signatures}
        for agreement in self:
            signature = by_agreement.get(agreement._origin, signatures.browse())
            agreement.signed_by = signature.name
            agreement.date_signed = signature.date

    @api.depends("template_id.signer_group_ids", "partner_id")
    def _compute_signer_ids(self):
        for template, agreements in self.grouped("template_id").items():
            groups = template.signer_group_ids
            # sudo: staff need not be able to read the portal users' groups.
            users = self.env["res.users"].sudo().search(
                [
                    ("partner_id.commercial_partner_id", "in", agreements.partner_id.ids),
                    ("all_group_ids", "in", groups.ids),
                    ("share", "=", True),
                ]
            )
            contacts = users.partner_id.grouped("commercial_partner_id")
            for agreement in agreements:
                agreement.signer_ids = contacts.get(agreement.partner_id, False)

    # ORM

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(PROTECTED_FIELDS & vals.keys() for vals in vals_list):
            raise UserError(self._get_protected_message())
        # The context comes from the caller: its defaults must not fill in what buttons set.
        agreements = super(
            PrmAgreement, self.with_context(clean_context(self.env.context))
        ).create(vals_list)
        agreements._check_template()
        return agreements

    def write(self, vals):
        self.check_access("write")
        if not self.env.su and PROTECTED_FIELDS & vals.keys():
            raise UserError(self._get_protected_message())
        if DRAFT_FIELDS & vals.keys():
            self._check_draft_values(vals)
        res = super().write(vals)
        if "template_id" in vals or "membership_id" in vals:
            self._check_template()
        return res

    def _get_protected_message(self):
        return self.env._("An agreement is changed by the buttons of its form only.")

    def _check_draft_values(self, vals):
        sent = self.filtered(lambda agreement: agreement.state != "draft")
        if sent and not self.env.su:
            raise UserError(
                self.env._(
                    "%(agreement)s was sent and is fixed. Cancel it and make a new one.",
                    agreement=sent[0].display_name,
                )
            )

    def _check_template(self):
        """The version must be the valid one, for a program that the partner is a member of."""
        for agreement in self:
            template = agreement.template_id
            if template.state != "published":
                raise UserError(
                    self.env._(
                        "“%(agreement)s” is not the published version. Choose another one.",
                        agreement=template.display_name,
                    )
                )
            if agreement.program_id not in template.program_ids:
                raise UserError(
                    self.env._(
                        "“%(agreement)s” is not for the program “%(program)s”."
                        " Add the program to its template, or choose another agreement.",
                        agreement=template.display_name,
                        program=agreement.program_id.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        sent = self.filtered("date_sent")
        if sent:
            raise UserError(
                self.env._(
                    "%(agreement)s was sent to the partner and is kept. Cancel it instead.",
                    agreement=sent[0].display_name,
                )
            )

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
                agreements.ids, email_layout_xmlid="mail.mail_notification_light"
            )

    def _close(self, state, reason=False):
        """End these agreements; activities about them are of no use any more."""
        self._write_step(
            state=state, date_closed=fields.Date.context_today(self), close_reason=reason
        )
        self.sudo().activity_unlink(  # sudo: activities of whoever they are assigned to
            ["prm_partner.mail_activity_type_agreement"]
        )
