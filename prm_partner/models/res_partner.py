from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..tools.groups import STAFF_AND_FINANCE
from .prm_membership import ACTIVE_STATES

# The most powerful first.
PORTAL_ROLES = [
    ("admin", "Administrator"),
    ("sales", "Sales"),
    ("technical", "Technical"),
    ("finance", "Finance"),
    ("marketing", "Marketing"),
]
# What a tier gives to a partner.
LEVEL_FIELDS = {"grade_id", "specific_property_product_pricelist"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    prm_membership_ids = fields.One2many(
        "prm.membership",
        "partner_id",
        string="Program Memberships",
        groups=f"{STAFF_AND_FINANCE},prm_partner.group_partner_portal",
    )
    prm_primary_membership_id = fields.Many2one(
        "prm.membership",
        string="Primary Membership",
        compute="_compute_prm_primary_membership_id",
        groups=STAFF_AND_FINANCE,
    )
    is_prm_partner = fields.Boolean(
        string="Is a Channel Partner",
        compute="_compute_is_prm_partner",
        search="_search_is_prm_partner",
        groups="base.group_user",
    )
    prm_role = fields.Selection(
        PORTAL_ROLES,
        string="Portal Role",
        compute="_compute_prm_role",
        groups="base.group_user",
    )

    @api.depends("prm_membership_ids.is_primary", "prm_membership_ids.state")
    def _compute_prm_primary_membership_id(self):
        memberships = self.env["prm.membership"].search(
            [("partner_id", "in", self.ids), ("is_primary", "=", True), ("state", "!=", "ended")]
        )
        primary = {membership.partner_id: membership for membership in memberships}
        for partner in self:
            partner.prm_primary_membership_id = primary.get(partner, False)

    def _compute_is_prm_partner(self):
        # sudo: that a company is a partner is no secret among staff.
        groups = self.env["prm.membership"].sudo()._read_group(
            [("partner_id", "in", self.ids), ("state", "!=", "ended")], ["partner_id"]
        )
        members = {partner.id for [partner] in groups}
        for partner in self:
            partner.is_prm_partner = partner.id in members

    def _search_is_prm_partner(self, operator, value):
        # Odoo does not look at the groups of a field that has a search method.
        self._check_field_access(self._fields["is_prm_partner"], "read")
        if operator != "in":
            return NotImplemented
        # sudo: see the compute.
        members = self.env["prm.membership"].sudo()._search([("state", "!=", "ended")])
        domain = [("id", "in", members.subselect("partner_id"))]
        return domain if True in value else ["!", *domain]

    @api.depends("user_ids.group_ids")
    def _compute_prm_role(self):
        groups = self._prm_role_groups()
        for partner in self:
            held = partner.sudo().user_ids.group_ids  # sudo: only the name of the role is shown
            roles = (role for role, group in groups.items() if group in held)
            partner.prm_role = next(roles, False)

    @api.model_create_multi
    def create(self, vals_list):
        grade_ids = {vals["grade_id"] for vals in vals_list if vals.get("grade_id")}
        # Stock Odoo sets a tier's price list on write only, not on create.
        pricelists = {
            grade.id: grade.default_pricelist_id.id
            for grade in self.env["res.partner.grade"].browse(grade_ids)
            if grade.default_pricelist_id
        }
        for vals in vals_list:
            if vals.get("grade_id") in pricelists:
                vals.setdefault("specific_property_product_pricelist", pricelists[vals["grade_id"]])
        return super().create(vals_list)

    def write(self, vals):
        # A client can send any context, but never be the superuser.
        if "grade_id" in vals and not (self.env.su and self.env.context.get("prm_grade_sync")):
            members = self._prm_route_grade(vals["grade_id"])
            if members:
                rest = {name: value for name, value in vals.items() if name != "grade_id"}
                res = super(ResPartner, self - members).write(vals) if self - members else True
                return super(ResPartner, members).write(rest) if rest else res
        return super().write(vals)

    def _prm_route_grade(self, grade_id):
        """Turn a tier that is set on the partner into a logged change of its membership.

        :return: the partners of ``self`` whose tier is kept by a membership
        :raise ValidationError: the tier belongs to another program
        :raise UserError: the user may not set tiers
        """
        # sudo: the tier must follow the membership whoever sets it, e.g. an order being confirmed.
        memberships = self.env["prm.membership"].sudo().search(
            [("partner_id", "in", self.ids), ("is_primary", "=", True), ("state", "!=", "ended")]
        )
        grade = self.env["res.partner.grade"].browse(grade_id)
        for membership in memberships:
            if grade and grade.program_id != membership.program_id:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is a member of “%(program)s”, and “%(tier)s” is no tier of"
                        " that program. Choose one of its tiers, or end the membership first.",
                        partner=membership.partner_id.name,
                        program=membership.program_id.name,
                        tier=grade.name,
                    )
                )
        if not self.env["prm.membership"]._gives_any_tier():
            memberships._check_direct_tier(grade_id)
        memberships._set_tier(grade)
        return memberships.partner_id.with_env(self.env)

    def _prm_sync_grade(self):
        """Make the partner's level equal to the tier of its primary membership.

        The number of queries does not depend on the number of partners.
        """
        # sudo: a partner manager may change a membership, but not every field of the partner.
        partners = self.sudo().with_context(prm_grade_sync=True)
        memberships = self.env["prm.membership"].sudo().search_fetch(
            [("partner_id", "in", self.ids), ("is_primary", "=", True), ("state", "!=", "ended")],
            ["partner_id", "grade_id"],
            order="id",
        )
        grades = {membership.partner_id.id: membership.grade_id for membership in memberships}
        none = self.env["res.partner.grade"]
        partners.fetch(LEVEL_FIELDS)
        changed = partners.filtered(lambda one: one.grade_id != grades.get(one.id, none))
        pricelists = {one: one.specific_property_product_pricelist for one in changed}
        for grade, members in changed.grouped(lambda one: grades.get(one.id, none)).items():
            members._prm_leave_pricelist()
            members.grade_id = grade
        changed.filtered(
            lambda one: one.specific_property_product_pricelist != pricelists[one]
        )._prm_share_pricelist()

    def _fields_sync(self, values):
        # Stock Odoo looks for the contacts of each partner; see _prm_share_pricelist.
        syncing = self.env.su and self.env.context.get("prm_grade_sync")
        if syncing and not values.keys() - LEVEL_FIELDS:
            return None
        return super()._fields_sync(values)

    def _prm_share_pricelist(self):
        """Give the contacts of these companies the price list of their company."""
        contacts = self.search(
            [("commercial_partner_id", "in", self.ids), ("id", "not in", self.ids)]
        )
        contacts.fetch(["commercial_partner_id", "specific_property_product_pricelist"])
        for pricelist, members in contacts.grouped(
            lambda one: one.commercial_partner_id.specific_property_product_pricelist
        ).items():
            members.filtered(
                lambda one, pricelist=pricelist: (
                    one.specific_property_product_pricelist != pricelist
                )
            ).specific_property_product_pricelist = pricelist

    def _prm_leave_pricelist(self):
        """Take back the price list that came with the tier; stock Odoo leaves it."""
        self.filtered(
            lambda one: one.grade_id.default_pricelist_id
            and one.specific_property_product_pricelist == one.grade_id.default_pricelist_id
        ).specific_property_product_pricelist = False

    def _prm_active_memberships(self, company=None):
        """The memberships that allow this partner's company to do business.

        :param company: only those of this ``res.company``
        :return: ``prm.membership`` of the commercial partner in an active state
        """
        domain = [
            ("partner_id", "in", self.commercial_partner_id.ids),
            ("state", "in", ACTIVE_STATES),
        ]
        if company:
            domain.append(("company_id", "=", company.id))
        return self.env["prm.membership"].search(domain, order="is_primary desc, id")

    def _prm_memberships_open_to(self, action, company=None):
        """The active memberships that nothing keeps from ``action``, the primary one first."""
        return self._prm_active_memberships(company).filtered(
            lambda membership: not membership._block_reasons(action)
        )

    def _prm_block_reasons(self, action, company=None):
        """Why this partner's company may not do something in any of its programs.

        :param str action: see ``prm.membership._block_reasons``
        :param company: only memberships of this ``res.company``
        :return: list of translated sentences, empty if one of its memberships allows it
        """
        partner = self.commercial_partner_id
        domain = [("partner_id", "=", partner.id)]
        if company:
            domain.append(("company_id", "=", company.id))
        memberships = self.env["prm.membership"].search(domain, order="is_primary desc, id desc")
        # What ended is of interest only where there is nothing else.
        memberships = memberships.filtered(lambda member: member.state != "ended") or memberships
        found = [membership._block_reasons(action) for membership in memberships]
        if not found:
            return [self.env._("%(partner)s is in no partner program.", partner=partner.name)]
        return [] if [] in found else [reason for reasons in found for reason in reasons]

    @api.model
    def _prm_role_groups(self):
        """The portal groups by role, the most powerful first."""
        return {
            role: self.env.ref(f"prm_partner.group_partner_{role}") for role, _label in PORTAL_ROLES
        }

    def _prm_invite(self, role):
        """Give these contacts portal access in a role, with Odoo's invitation mail.

        :param str role: one of ``PORTAL_ROLES``
        :raise UserError: no e-mail address, an e-mail address that is taken, or an internal user
        """
        groups = self._prm_role_groups()
        others = [Command.unlink(group.id) for name, group in groups.items() if name != role]
        for contact in self:
            wizard = self.env["portal.wizard"].create(
                {"partner_ids": [Command.set(contact.ids)]}
            )
            line = wizard.user_ids
            if line.is_internal:
                raise UserError(
                    self.env._(
                        "%(contact)s is an internal user and cannot be a portal user.",
                        contact=contact.name,
                    )
                )
            if not line.is_portal:
                line.action_grant_access()
            # sudo: a partner manager may not write users; only portal roles are given here.
            contact.sudo().user_ids.group_ids = [Command.link(groups[role].id), *others]

    def action_prm_enroll(self):
        """Open the wizard that makes this company a partner."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.prm_enroll_action")
        return {**action, "context": {"default_partner_id": self.commercial_partner_id.id}}

    def action_prm_memberships(self):
        """Open the memberships of this company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.prm_membership_action")
        return {
            **action,
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }

    def action_prm_metric_history(self):
        """Open how the metrics of this company developed."""
        self.ensure_one()
        actions = self.env["ir.actions.act_window"]
        return {
            **actions._for_xml_id("prm_partner.prm_metric_value_action"),
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {
                "search_default_last_year": 1,
                "graph_groupbys": ["date:month", "metric_id"],
            },
        }
