from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, is_html_empty


class PrmAnnouncement(models.Model):
    """News for partners, in the portal and by mail."""

    _name = "prm.announcement"
    _description = "Announcement"
    _inherit = ["prm.state.mixin", "prm.thread", "mail.activity.mixin"]
    _order = "pinned desc, date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Title", required=True, translate=True, tracking=True)
    body = fields.Html(string="Text", translate=True)
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("archived", "Archived")],
        required=True,
        default="draft",
        index=True,
        readonly=True,
        tracking=True,
        copy=False,
    )
    phase = fields.Selection(
        [
            ("draft", "Draft"),
            ("scheduled", "Scheduled"),
            ("live", "Live"),
            ("over", "Over"),
            ("archived", "Archived"),
        ],
        compute="_compute_phase",
        help="What partners see of it today.",
    )
    importance = fields.Selection(
        [("normal", "Normal"), ("important", "Important"), ("urgent", "Urgent")],
        required=True,
        default="normal",
    )
    pinned = fields.Boolean(help="Pinned announcements stand first.")
    date_from = fields.Datetime(
        string="Publish From", help="Empty: from the moment you publish it.", copy=False
    )
    date_until = fields.Datetime(
        string="Publish Until",
        help="Empty: until you archive it. New announcements may get an end in the settings.",
        copy=False,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Author",
        index="btree_not_null",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        groups="base.group_user",
    )
    read_ids = fields.One2many(
        "prm.announcement.read", "announcement_id", groups="base.group_user"
    )
    read_count = fields.Integer(
        string="Read by", compute="_compute_read_count", groups="base.group_user"
    )
    is_read = fields.Boolean(
        compute="_compute_is_read", search="_search_is_read", export_string_translation=False
    )

    _dates_check = models.Constraint(
        "CHECK(date_until > date_from)",
        "The announcement must end after it starts. Check its dates.",
    )

    @api.depends("state", "date_from", "date_until")
    def _compute_phase(self):
        now = fields.Datetime.now()
        for announcement in self:
            announcement.phase = announcement._get_phase(now)

    def _get_phase(self, now):
        if self.state != "published":
            return self.state
        if self.date_from and self.date_from > now:
            return "scheduled"
        return "over" if self.date_until and self.date_until <= now else "live"

    def _compute_read_count(self):
        groups = self.env["prm.announcement.read"]._read_group(
            [("announcement_id", "in", self.ids)], ["announcement_id"], ["__count"]
        )
        counts = {announcement.id: count for announcement, count in groups}
        for announcement in self:
            announcement.read_count = counts.get(announcement.id, 0)

    @api.depends_context("uid")
    def _compute_is_read(self):
        read = self._get_own_read()
        for announcement in self:
            announcement.is_read = announcement.id in read

    @api.model
    def _search_is_read(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in" if True in value else "not in", self._get_own_read())]

    @api.model
    def _get_own_read(self):
        # sudo: a reader's own markers, which portal users have no access to as records.
        marks = self.env["prm.announcement.read"].sudo()
        return set(marks.search([("user_id", "=", self.env.uid)]).announcement_id.ids)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("state", "draft") != "draft" and not self.env.su:
                self._refuse_state()
        return super().create(vals_list)

    def write(self, vals):
        if "state" in vals and not self.env.su:
            self._refuse_state()
        res = super().write(vals)
        if "date_from" in vals:
            self._schedule_mail()
        return res

    def _refuse_state(self):
        raise UserError(self.env._("Publish and archive announcements by their buttons."))

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        if any(announcement.state == "published" for announcement in self):
            raise UserError(
                self.env._("Partners can read this announcement. Archive it before you delete it.")
            )

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """What staff write to each other below an announcement is not for its readers."""
        if self.env.user.share:
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    def action_publish(self):
        """Show the announcement to its audience, and send it by mail if it says so."""
        self.check_access("write")
        self._check_state(("draft", "archived"))
        self._check_publishable()
        now = fields.Datetime.now()
        for announcement in self:
            vals = announcement._prepare_publish_vals(now)
            # sudo: the right to write was checked; by itself nobody writes the status.
            announcement.sudo().write(vals)
        self._schedule_mail()

    def _check_publishable(self):
        now = fields.Datetime.now()
        for announcement in self:
            if is_html_empty(announcement.body):
                raise UserError(
                    self.env._("“%(title)s” has no text yet.", title=announcement.name)
                )
            if announcement.date_until and announcement.date_until <= now:
                raise UserError(
                    self.env._(
                        "“%(title)s” would be over already. Choose a later end.",
                        title=announcement.name,
                    )
                )

    def _prepare_publish_vals(self, now):
        start = self.date_from or now
        vals = {"state": "published", "date_from": start, "mail_collected": False}
        days = self.company_id.prm_announcement_days
        if days and not self.date_until:
            vals["date_until"] = fields.Datetime.add(start, days=days)
        return vals

    def action_archive_news(self):
        """Take the announcement back: nobody reads it any more, and no further mail is sent."""
        self.check_access("write")
        self._check_state(("published",))
        # sudo: see action_publish.
        self.sudo().state = "archived"

    def action_draft(self):
        """Archived → draft, to change and publish it again."""
        self.check_access("write")
        self._check_state(("archived",))
        # sudo: see action_publish.
        self.sudo().write({"state": "draft", "date_from": False, "date_until": False})

    def _mark_read(self):
        """Remember that the user has read these announcements; a second time changes nothing."""
        self.check_access("read")
        self.env["prm.announcement.read"].flush_model()
        for announcement in self:
            self.env.cr.execute(
                SQL(
                    """INSERT INTO prm_announcement_read (announcement_id, user_id, date)
                       VALUES (%s, %s, %s) ON CONFLICT DO NOTHING""",
                    announcement.id,
                    self.env.uid,
                    fields.Datetime.now(),
                )
            )
        self.env["prm.announcement.read"].invalidate_model()
        self.invalidate_recordset(["is_read"])

    def _get_portal_url(self):
        """Address of the announcement for its readers, None without a portal that shows it."""
        return None
