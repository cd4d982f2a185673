from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

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
    _inherit = ["prm.state.mixin", "prm.thread", "mail.activity.mixin"]
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
    date_end = fields.Date(string="Ends On", readonly=True, copy=False, tracking=True)
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
