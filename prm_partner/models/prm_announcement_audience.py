from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# Members in these states get the news of their program and tier.
NEWS_STATES = ("onboarding", "active", "at_risk")
# News for all partners reach suspended members, too.
GENERAL_NEWS_STATES = (*NEWS_STATES, "suspended")


class PrmAnnouncement(models.Model):
    """Who an announcement is for, in two directions that agree.

    ``_get_membership_domain`` says which partners it reaches, ``_search_is_for_me`` what a portal
    user may read.
    """

    _inherit = "prm.announcement"

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
    audience_partner_count = fields.Integer(
        string="Partners", compute="_compute_audience", groups="base.group_user"
    )
    audience_contact_count = fields.Integer(
        string="People", compute="_compute_audience", groups="base.group_user"
    )
    is_for_me = fields.Boolean(
        compute="_compute_is_for_me",
        search="_search_is_for_me",
        export_string_translation=False,
        help="The reader belongs to the audience, and the announcement is live.",
    )

    @api.depends("program_ids", "grade_ids", "role_ids", "country_ids", "company_id")
    def _compute_audience(self):
        for announcement in self:
            partners = announcement._get_partner_ids()
            contacts = announcement._get_contact_domain(partners)
            # sudo: only the two numbers are shown, and the user may write the announcement.
            Partner = self.env["res.partner"].sudo()
            announcement.audience_partner_count = len(partners)
            announcement.audience_contact_count = Partner.search_count(contacts)

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
