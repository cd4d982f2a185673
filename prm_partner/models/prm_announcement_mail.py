from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class PrmAnnouncement(models.Model):
    """Announcements by mail: the list of recipients, and the job that writes to them."""

    _inherit = "prm.announcement"

    by_mail = fields.Boolean(
        string="Send by Mail",
        default=lambda self: self.env.company.prm_announcement_mail,
        groups="base.group_user",
        help="Each contact gets one mail in its own language when the announcement goes live.",
    )
    mail_collected = fields.Boolean(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The list of recipients has been made.",
    )
    recipient_ids = fields.One2many(
        "prm.announcement.recipient", "announcement_id", groups="base.group_user"
    )
    recipient_count = fields.Integer(compute="_compute_counts", groups="base.group_user")
    sent_count = fields.Integer(compute="_compute_counts", groups="base.group_user")
    skipped_count = fields.Integer(compute="_compute_counts", groups="base.group_user")
    sent_percent = fields.Integer(
        string="Sent", compute="_compute_counts", groups="base.group_user"
    )
    mail_progress = fields.Char(compute="_compute_counts", groups="base.group_user")

    @api.depends("recipient_ids.state")
    def _compute_counts(self):
        groups = self.env["prm.announcement.recipient"]._read_group(
            [("announcement_id", "in", self.ids)], ["announcement_id", "state"], ["__count"]
        )
        counts = {(announcement.id, state): count for announcement, state, count in groups}
        for announcement in self:
            pending, sent, skipped = (
                counts.get((announcement._origin.id, state), 0)
                for state in ("pending", "sent", "skipped")
            )
            total = pending + sent
            announcement.recipient_count = total + skipped
            announcement.sent_count = sent
            announcement.skipped_count = skipped
            announcement.sent_percent = sent * 100 // total if total else 0
            announcement.mail_progress = (
                self.env._("%(sent)s of %(total)s sent", sent=sent, total=total)
                if total
                else False
            )

    def action_view_recipients(self):
        """Open the list of the contacts who get this announcement by mail."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_partner.prm_announcement_recipient_action"
        )
        return {**action, "domain": [("announcement_id", "=", self.id)]}

    def _schedule_mail(self):
        cron = self.env.ref("prm_partner.ir_cron_announcements", raise_if_not_found=False)
        # sudo: whether it is mailed is read whoever publishes it.
        moments = {
            max(announcement.date_from, fields.Datetime.now())
            for announcement in self
            if cron and announcement.state == "published" and announcement.sudo().by_mail
        }
        if moments:
            # sudo: whoever publishes may start the job that sends what is published.
            cron.sudo()._trigger(at=moments)

    @api.model
    def _cron_send(self):
        """Send the mails of live announcements, a slice at a time.

        First the list of recipients is made, then each is written to once; both are committed
        together with what they did, so a run that breaks off repeats nothing.
        """
        domain = self._get_live_domain() & Domain("by_mail", "=", True)
        for announcement in self.search(domain & Domain("mail_collected", "=", False)):
            announcement._collect_recipients()
            self.env["ir.cron"]._commit_progress(1)
        self.env["prm.announcement.recipient"]._send_pending(self._search(domain))

    def _collect_recipients(self):
        """Write down who gets the mail; who is on the list already stays there once."""
        self.ensure_one()
        contacts = self.env["res.partner"]._search(
            self._get_contact_domain(self._get_partner_ids())
        )
        self.env["prm.announcement.recipient"].flush_model()
        self.env.cr.execute(
            SQL(
                """INSERT INTO prm_announcement_recipient
                        (announcement_id, company_id, partner_id, state, create_date)
                   SELECT %s, %s, contact.id, 'pending', %s FROM (%s) contact(id)
                   ON CONFLICT DO NOTHING""",
                self.id,
                self.company_id.id,
                fields.Datetime.now(),
                contacts.select(),
            )
        )
        self.env["prm.announcement.recipient"].invalidate_model()
        self.mail_collected = True
