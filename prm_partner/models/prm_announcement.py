from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, is_html_empty

# Members in these states get the news of their program and tier.
NEWS_STATES = ("onboarding", "active", "at_risk")
# News for all partners reach suspended members, too.
GENERAL_NEWS_STATES = (*NEWS_STATES, "suspended")


class PrmAnnouncement(models.Model):
    """News for partners, in the portal and by mail.

    Who it is for is asked in two directions: which partners an announcement reaches
    (``_get_membership_domain``) and what a portal user may read (``_search_is_for_me``).
    """

    _name = "prm.announcement"
    _description = "Announcement"
    _inherit = ["prm.state.mixin", "mail.thread", "mail.activity.mixin"]
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

    program_ids = fields.Many2many(
        "prm.program",
        string="Programs",
        check_company=True,
        groups="base.group_user",
        help="Empty: members of any program.",
    )
    grade_ids = fields.Many2many(
        "res.partner.grade",
        string="Tiers",
        check_company=True,
        domain="[('program_id', '!=', False)]",
        groups="base.group_user",
        help="Empty: members of any tier.",
    )
    role_ids = fields.Many2many(
        "res.groups",
        string="Portal Roles",
        domain=lambda self: [
            ("privilege_id", "=", self.env.ref("prm_partner.privilege_partner_portal").id)
        ],
        groups="base.group_user",
        help="Empty: everybody at the partner.",
    )
    country_ids = fields.Many2many(
        "res.country",
        string="Countries",
        groups="base.group_user",
        help="Countries of the partner companies. Empty: any.",
    )

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
    read_ids = fields.One2many(
        "prm.announcement.read", "announcement_id", groups="base.group_user"
    )
    audience_partner_count = fields.Integer(
        string="Partners", compute="_compute_audience", groups="base.group_user"
    )
    audience_contact_count = fields.Integer(
        string="People", compute="_compute_audience", groups="base.group_user"
    )
    recipient_count = fields.Integer(compute="_compute_counts", groups="base.group_user")
    sent_count = fields.Integer(compute="_compute_counts", groups="base.group_user")
    skipped_count = fields.Integer(compute="_compute_counts", groups="base.group_user")
    sent_percent = fields.Integer(
        string="Sent", compute="_compute_counts", groups="base.group_user"
    )
    mail_progress = fields.Char(compute="_compute_counts", groups="base.group_user")
    read_count = fields.Integer(
        string="Read by", compute="_compute_read_count", groups="base.group_user"
    )
    is_for_me = fields.Boolean(
        compute="_compute_is_for_me",
        search="_search_is_for_me",
        export_string_translation=False,
        help="The reader belongs to the audience, and the announcement is live.",
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

    @api.depends("program_ids", "grade_ids", "role_ids", "country_ids", "company_id")
    def _compute_audience(self):
        for announcement in self:
            partners = announcement._get_partner_ids()
            contacts = announcement._get_contact_domain(partners)
            # sudo: only the two numbers are shown, and the user may write the announcement.
            Partner = self.env["res.partner"].sudo()
            announcement.audience_partner_count = len(partners)
            announcement.audience_contact_count = Partner.search_count(contacts)

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

    def _compute_read_count(self):
        groups = self.env["prm.announcement.read"]._read_group(
            [("announcement_id", "in", self.ids)], ["announcement_id"], ["__count"]
        )
        counts = {announcement.id: count for announcement, count in groups}
        for announcement in self:
            announcement.read_count = counts.get(announcement.id, 0)

    @api.depends_context("uid")
    def _compute_is_for_me(self):
        mine = self.search([("id", "in", self.ids), ("is_for_me", "=", True)])
        for announcement in self:
            announcement.is_for_me = announcement in mine

    @api.model
    def _search_is_for_me(self, operator, value):
        """Live announcements whose audience the user belongs to: the portal's record rule."""
        if operator != "in":
            return NotImplemented
        domain = self._get_live_domain() & self._get_own_audience_domain()
        return domain if True in value else ~domain

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

    @api.model
    def _get_live_domain(self):
        now = fields.Datetime.now()
        return (
            Domain("state", "=", "published")
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", now))
            & (Domain("date_until", "=", False) | Domain("date_until", ">", now))
        )

    @api.model
    def _get_own_audience_domain(self):
        """Domain of the announcements whose audience the user belongs to."""
        user = self.env.user
        company = user.partner_id.commercial_partner_id
        # sudo: to read its news a user need not see the memberships that they depend on.
        memberships = self.env["prm.membership"].sudo().search(
            [("partner_id", "=", company.id), ("state", "in", GENERAL_NEWS_STATES)]
        )
        country = self._get_choice_domain("country_ids", company.sudo().country_id)
        role = self._get_choice_domain("role_ids", user.sudo().all_group_ids)
        reached = Domain.OR(self._get_reached_domain(membership) for membership in memberships)
        return reached & country & role

    @api.model
    def _get_reached_domain(self, membership):
        """Domain of the announcements that reach the partner by this membership."""
        domain = Domain("company_id", "=", membership.company_id.id)
        if membership.state not in NEWS_STATES:
            return domain & Domain([("program_ids", "=", False), ("grade_ids", "=", False)])
        return (
            domain
            & self._get_choice_domain("program_ids", membership.program_id)
            & self._get_choice_domain("grade_ids", membership.grade_id)
        )

    @api.model
    def _get_choice_domain(self, field, records):
        """Nothing is chosen in ``field``, or one of ``records``."""
        return Domain(field, "=", False) | Domain(field, "in", records.ids)

    @api.constrains("program_ids", "grade_ids")
    def _check_grades(self):
        for announcement in self.filtered("program_ids"):
            strangers = announcement.grade_ids.filtered(
                lambda grade, programs=announcement.program_ids: grade.program_id not in programs
            )
            if strangers:
                raise ValidationError(
                    self.env._(
                        "The tier “%(tier)s” belongs to none of the chosen programs, so nobody"
                        " would get the news. Remove the tier, or add its program.",
                        tier=strangers[0].name,
                    )
                )

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

    def action_view_recipients(self):
        """Open the list of the contacts who get this announcement by mail."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_partner.prm_announcement_recipient_action"
        )
        return {**action, "domain": [("announcement_id", "=", self.id)]}

    def action_view_audience(self):
        """Open the partner companies that the announcement reaches."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.res_partner_action")
        return {**action, "domain": [("id", "in", self._get_partner_ids())]}

    def _get_membership_domain(self):
        """Domain of the memberships by which partners belong to the audience."""
        self.ensure_one()
        chosen = self.program_ids or self.grade_ids
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("state", "in", NEWS_STATES if chosen else GENERAL_NEWS_STATES)
        if self.program_ids:
            domain &= Domain("program_id", "in", self.program_ids.ids)
        if self.grade_ids:
            domain &= Domain("grade_id", "in", self.grade_ids.ids)
        if self.country_ids:
            domain &= Domain("partner_id.country_id", "in", self.country_ids.ids)
        return domain

    def _get_partner_ids(self):
        # sudo: the audience does not depend on which partners the author looks after.
        groups = self.env["prm.membership"].sudo()._read_group(
            self._get_membership_domain(), ["partner_id"]
        )
        return [partner.id for [partner] in groups]

    def _get_contact_domain(self, partner_ids):
        """Domain of the people who get the mail.

        These are the portal users of the partners in the chosen roles. A partner without any
        portal user gets it at the company's address, unless it is meant for certain roles.
        """
        portal = self.role_ids or self.env.ref("prm_partner.group_partner_portal")
        user = Domain([("active", "=", True), ("share", "=", True)])
        people = Domain("commercial_partner_id", "in", partner_ids) & Domain(
            "user_ids", "any", user & Domain("all_group_ids", "in", portal._origin.ids)
        )
        if self.role_ids:
            return people
        # sudo: see _get_partner_ids.
        served = self.env["res.partner"].sudo()._search(people)
        without = Domain("id", "in", partner_ids) & Domain(
            "id", "not in", served.subselect("commercial_partner_id")
        )
        return people | without

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

    def _schedule_mail(self):
        cron = self.env.ref("prm_partner.ir_cron_announcements", raise_if_not_found=False)
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
