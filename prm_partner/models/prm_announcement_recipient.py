from odoo import api, fields, models
from odoo.fields import Domain

SLICE = 50


class PrmAnnouncementRecipient(models.Model):
    """A contact who gets an announcement by mail, once."""

    _name = "prm.announcement.recipient"
    _description = "Recipient of an Announcement"
    _order = "announcement_id desc, id"
    _rec_name = "partner_id"

    announcement_id = fields.Many2one(
        "prm.announcement", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Partner"
    )
    state = fields.Selection(
        [("pending", "To Send"), ("sent", "Sent"), ("skipped", "Skipped")],
        required=True,
        default="pending",
        readonly=True,
    )
    reason = fields.Selection(
        [
            ("no_email", "No valid e-mail address"),
            ("blacklisted", "On the mail blacklist"),
            ("opted_out", "Wants no announcements by mail"),
            ("archived", "Contact is archived"),
        ],
        string="Why Skipped",
        readonly=True,
    )
    date = fields.Datetime(string="Sent on", readonly=True)

    _contact_uniq = models.Constraint(
        "UNIQUE(announcement_id, partner_id)", "A contact gets an announcement once."
    )
    # The job looks for what is still to send, however many mails were sent before.
    _pending_idx = models.Index("(announcement_id, id) WHERE state = 'pending'")

    @api.model
    def _send_pending(self, announcements):
        """Write to everybody who waits for one of ``announcements``, in slices.

        :param announcements: ids, or a query of ids, of ``prm.announcement``
        """
        domain = Domain("state", "=", "pending") & Domain("announcement_id", "in", announcements)
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(domain))
        while waiting := self.search(domain, limit=SLICE).try_lock_for_update():
            waiting._send()
            if not self.env["ir.cron"]._commit_progress(len(waiting)):
                break

    def _send(self):
        """Queue the mails of these recipients, each in the contact's language."""
        reasons = {recipient: recipient._get_skip_reason() for recipient in self}
        skipped = self.filtered(lambda recipient: reasons[recipient])
        for reason, recipients in skipped.grouped(reasons.get).items():
            recipients.write({"state": "skipped", "reason": reason})
        served = self - skipped
        served._queue_mails()
        served.write({"state": "sent", "date": fields.Datetime.now()})

    def _get_skip_reason(self):
        """Why this contact gets no mail, False if it gets one."""
        contact = self.partner_id
        if not contact.active:
            return "archived"
        if not contact.email_normalized:
            return "no_email"
        if contact.is_blacklisted:
            return "blacklisted"
        return "opted_out" if contact.prm_announcement_optout else False

    def _queue_mails(self):
        if not self:
            return
        template = self.env.ref("prm_partner.mail_template_announcement")
        mails = template.send_mail_batch(
            self.ids, email_layout_xmlid="prm_partner.mail_layout"
        )
        for recipient, mail in zip(self, mails, strict=True):
            mail.headers = recipient._get_mail_headers()
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _get_unsubscribe_url(self):
        """Address where the contact stops further mails, None without a portal that has it."""
        return None

    def _get_mail_headers(self):
        """Headers that let mail programs offer to unsubscribe."""
        url = self._get_unsubscribe_url()
        if not url:
            return False
        return repr(
            {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        )
