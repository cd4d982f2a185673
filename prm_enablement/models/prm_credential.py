import base64
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools import validity

_logger = logging.getLogger(__name__)

HELD_STATES = ("valid", "expiring")
MAIL_BATCH = 20


class PrmCredential(models.Model):
    _name = "prm.credential"
    _description = "Partner Credential"
    _inherit = ["prm.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"

    name = fields.Char(string="Number", readonly=True, required=True, copy=False, default="/")
    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_company", "=", False)],
    )
    company_partner_id = fields.Many2one(
        "res.partner",
        string="Partner",
        required=True,
        index=True,
        ondelete="restrict",
        compute="_compute_company_partner_id",
        store=True,
        precompute=True,
        readonly=False,
        help="The company for which the person was certified.",
        tracking=True,
    )
    certification_id = fields.Many2one(
        "prm.certification", required=True, index=True, ondelete="restrict"
    )
    level = fields.Selection(related="certification_id.level", store=True)
    company_id = fields.Many2one(
        related="certification_id.company_id", store=True, index="btree_not_null"
    )
    date_start = fields.Date(
        string="Valid From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        copy=False,
    )
    date_end = fields.Date(
        string="Valid Until", tracking=True, copy=False, help="Empty: valid for ever."
    )
    date_revoked = fields.Date(string="Revoked On", readonly=True, copy=False)
    revoke_reason = fields.Char(
        string="Reason of Revocation", readonly=True, copy=False, help="The partner sees it."
    )
    state = fields.Selection(
        [
            ("valid", "Valid"),
            ("expiring", "Expiring"),
            ("expired", "Expired"),
            ("revoked", "Revoked"),
        ],
        compute="_compute_state",
        store=True,
        precompute=True,
        group_expand=True,
        # The daily job looks for what may still change; most of an old table is expired.
        index=True,
    )
    user_input_id = fields.Many2one(
        "survey.user_input",
        string="Exam Attempt",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        groups="base.group_user",
    )
    mail_pending = fields.Boolean(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The person has not been told yet; a scheduled job sends the certificate.",
    )

    _person_uniq = models.UniqueIndex(
        "(partner_id, certification_id) WHERE date_revoked IS NULL",
        "This person already holds this certification. Renew the existing credential instead.",
    )
    _mail_idx = models.Index("(id) WHERE mail_pending")
    _dates_check = models.Constraint(
        "CHECK(date_end >= date_start)", "A credential must end after it starts. Check its dates."
    )

    @api.depends("partner_id")
    def _compute_company_partner_id(self):
        """The person's company at this time; it stays when the person moves on."""
        for credential in self:
            credential.company_partner_id = credential.partner_id.commercial_partner_id

    @api.depends("date_end", "date_revoked", "certification_id.renewal_days")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for credential in self:
            credential.state = (
                "revoked"
                if credential.date_revoked
                else validity.state_on(
                    today,
                    credential.date_end or None,
                    credential.certification_id.renewal_days,
                )
            )

    @api.depends("name", "certification_id.name", "partner_id.name")
    def _compute_display_name(self):
        for credential in self:
            parts = (credential.certification_id.name, credential.partner_id.name)
            credential.display_name = " · ".join(part for part in parts if part) or credential.name

    @api.constrains("date_start")
    def _check_not_in_future(self):
        today = fields.Date.context_today(self)
        for credential in self:
            if credential.date_start > today:
                raise ValidationError(
                    self.env._(
                        "A credential cannot start in the future. Issue it on its first day."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = self._next_number()
        credentials = super().create(vals_list)
        credentials.company_partner_id._prm_mark_milestone("first_certified")
        return credentials

    @api.model
    def _next_number(self):
        # sudo: whoever may issue a credential need not be allowed to read sequences.
        return self.env["ir.sequence"].sudo().next_by_code("prm.credential") or "/"

    def action_revoke(self, reason):
        """Take these credentials away; they stay in the list as revoked.

        :param str reason: why, shown to staff and to the partner
        :raise AccessError: the user may not change the credentials
        :raise UserError: the reason is empty, or a credential is revoked already
        """
        self.check_access("write")
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(self.env._("Say why the credential is revoked."))
        revoked = self.filtered("date_revoked")
        if revoked:
            raise UserError(
                self.env._("The credential %(number)s is revoked already.", number=revoked[0].name)
            )
        self.write(self._prepare_revoke_vals(reason.strip()))
        self._message_log_batch(
            bodies={
                credential.id: self.env._("Revoked: %(reason)s", reason=reason.strip())
                for credential in self
            }
        )

    def _prepare_revoke_vals(self, reason):
        return {"date_revoked": fields.Date.context_today(self), "revoke_reason": reason}

    def action_open_revoke(self):
        """Open the wizard that asks for the reason."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revoke Credential"),
            "res_model": "prm.credential.revoke",
            "view_mode": "form",
            "target": "new",
            "context": {"default_credential_ids": self.ids},
        }

    @api.model
    def _issue(self, requests):
        """Issue credentials, or renew those that the people hold already.

        One search and one INSERT, however many people there are. The caller checks who asks: the
        search must see all credentials, or a person would get a second one.

        :param list requests: dicts with ``partner`` (a person), ``certification``, and optional
            ``date`` (first day, today by default) and ``user_input`` (the attempt that was passed)
        :return: the issued and renewed credentials
        """
        # A person that is named twice gets one credential; the last request counts.
        unique = {(request["partner"], request["certification"]): request for request in requests}
        held = self._get_held({partner for partner, _ in unique}, {cert for _, cert in unique})
        issued = self.browse()
        new_vals = []
        for key, request in unique.items():
            credential = held.get(key)
            if credential:
                issued |= credential._renew(request)
            else:
                new_vals.append(self._prepare_issue_vals(request))
        issued |= self.create(new_vals)
        issued._schedule_mail()
        return issued

    @api.model
    def _get_held(self, partners, certifications):
        """The unrevoked credentials by (person, certification)."""
        credentials = self.search(
            [
                ("partner_id", "in", [partner.id for partner in partners]),
                ("certification_id", "in", [cert.id for cert in certifications]),
                ("date_revoked", "=", False),
            ]
        )
        return {
            (credential.partner_id, credential.certification_id): credential
            for credential in credentials
        }

    @api.model
    def _prepare_issue_vals(self, request):
        start = request.get("date") or fields.Date.context_today(self)
        months = request["certification"].validity_months
        user_input = request.get("user_input")
        return {
            "partner_id": request["partner"].id,
            "certification_id": request["certification"].id,
            "date_start": start,
            "date_end": validity.end_date(start, months),
            "user_input_id": user_input.id if user_input else False,
        }

    def _renew(self, request):
        """Extend this credential.

        :return: the credential, or nothing if this very attempt has been counted already
        """
        self.ensure_one()
        user_input = request.get("user_input")
        if user_input and user_input == self.user_input_id:
            return self.browse()
        self.write(self._prepare_renew_vals(request))
        return self

    def _prepare_renew_vals(self, request):
        day = request.get("date") or fields.Date.context_today(self)
        user_input = request.get("user_input")
        certification = self.certification_id
        start, end = validity.renewed_period(
            day,
            self.date_start,
            self.date_end or None,
            certification.validity_months,
            certification.renewal_days,
        )
        return {
            "date_start": start,
            "date_end": end,
            # The person may have changed the company since the first exam.
            "company_partner_id": self.partner_id.commercial_partner_id.id,
            "user_input_id": user_input.id if user_input else self.user_input_id.id,
        }

    def _schedule_mail(self):
        """Let the scheduled job send the certificates.

        A PDF takes a second, and its failure must not undo an exam that was passed.
        """
        if not self:
            return
        self.mail_pending = True
        # sudo: only wakes the job up; the one who passed an exam has no right on scheduled jobs.
        cron = self.env.ref("prm_enablement.ir_cron_send_credential_mails", False)
        if cron:
            cron.sudo()._trigger()

    def _send_mail(self):
        """Send the certificate, as a PDF if one can be made here."""
        template = self.env.ref("prm_enablement.mail_template_credential_issued", False)
        if not template:
            return
        for credential in self.filtered("partner_id.email"):
            try:
                with self.env.cr.savepoint():
                    template.send_mail(
                        credential.id,
                        email_layout_xmlid="prm_partner.mail_layout",
                        email_values={"attachments": credential._get_certificate_attachments()},
                    )
            except UserError:
                # One that cannot be rendered must not hold up all the others.
                _logger.exception("The certificate %s was not sent", credential.name)

    def _get_certificate_attachments(self):
        """The certificate as ``[(file name, base64 content)]``; empty if no PDF can be made."""
        self.ensure_one()
        report = self.env["ir.actions.report"]
        if report.get_wkhtmltopdf_state() not in ("ok", "upgrade"):
            _logger.warning("No certificate for %s: wkhtmltopdf is not usable", self.name)
            return []
        try:
            pdf = report._render_qweb_pdf("prm_enablement.report_prm_credential", self.ids)[0]
        except UserError as error:
            # The mail is worth more than its attachment.
            _logger.warning("No certificate for %s: %s", self.name, error)
            return []
        return [(f"{self.name.replace('/', '-')}.pdf", base64.b64encode(pdf))]

    @api.model
    def _cron_send_mails(self):
        """Send the pending certificates, a few per transaction."""
        domain = [("mail_pending", "=", True)]
        remaining = self.search_count(domain)
        while remaining:
            batch = self.search(domain, limit=MAIL_BATCH, order="id").try_lock_for_update()
            if not batch:
                break
            batch.mail_pending = False
            batch._send_mail()
            remaining = max(remaining - len(batch), 0)
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=remaining):
                break

    @api.model
    def _cron_update_states(self):
        """Bring the states in line with today's date: one UPDATE for the whole table."""
        today = fields.Date.context_today(self)
        self.flush_model(["state", "date_end", "date_revoked", "certification_id"])
        self.env["prm.certification"].flush_model(["renewal_days"])
        state = SQL(
            """CASE WHEN credential.date_end < %(today)s THEN 'expired'
                    WHEN credential.date_end - certification.renewal_days <= %(today)s
                    THEN 'expiring' ELSE 'valid' END""",
            today=today,
        )
        rows = self.env.execute_query(
            SQL(
                """UPDATE prm_credential credential
                      SET state = %(state)s, write_date = now() AT TIME ZONE 'UTC'
                     FROM prm_certification certification
                    WHERE certification.id = credential.certification_id
                      AND credential.date_revoked IS NULL
                      AND credential.state IS DISTINCT FROM %(state)s
                RETURNING credential.id""",
                state=state,
            )
        )
        changed = self.browse(row[0] for row in rows)
        changed.invalidate_recordset(["state", "write_date"])
        return changed
