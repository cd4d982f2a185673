from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

OPEN_STATES = ("applicant", "onboarding", "active", "at_risk", "suspended")
ACTIVE_STATES = ("active", "at_risk")
STATES = [
    ("applicant", "Applicant"),
    ("onboarding", "Onboarding"),
    ("active", "Active"),
    ("at_risk", "At Risk"),
    ("suspended", "Suspended"),
    ("ended", "Ended"),
]


class PrmMembership(models.Model):
    _name = "prm.membership"
    _description = "Program Membership"
    _inherit = ["prm.state.mixin", "prm.thread", "mail.activity.mixin"]
    _order = "partner_id, is_primary desc, id"

    partner_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_company", "=", True)],
        tracking=True,
    )
    program_id = fields.Many2one(
        "prm.program", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    grade_id = fields.Many2one(
        "res.partner.grade",
        string="Tier",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('program_id', '=', program_id)]",
        tracking=True,
    )
    state = fields.Selection(
        STATES,
        required=True,
        default="applicant",
        tracking=True,
        copy=False,
    )
    date_applied = fields.Date(
        string="Applied On", compute="_compute_clocks", store=True, readonly=False, precompute=True,
        copy=False, groups="base.group_user",
    )
    date_activated = fields.Date(
        string="First Activated On", compute="_compute_clocks", store=True, precompute=True,
        copy=False, groups="base.group_user",
    )
    date_start = fields.Date(string="Member Since", copy=False)
    date_end = fields.Date(string="Member Until", copy=False)
    user_id = fields.Many2one(
        "res.users",
        string="Partner Manager",
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    is_primary = fields.Boolean(
        string="Primary Membership",
        help="The tier of the primary membership is the partner's level, with its price list.",
        copy=False,
    )
    distributor_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain="[('prm_membership_ids', 'any', [('program_id.kind', '=', 'distributor'),"
        " ('state', '!=', 'ended'), ('company_id', '=', company_id)]), ('id', '!=', partner_id)]",
        help="The distributor that supplies this partner.",
    )
    change_ids = fields.One2many(
        "prm.tier.change", "membership_id", string="Tier History", groups="base.group_user"
    )

    _open_uniq = models.UniqueIndex(
        "(partner_id, program_id) WHERE state != 'ended'",
        "This partner is already a member of this program. Open the existing membership instead.",
    )
    _primary_uniq = models.UniqueIndex(
        "(partner_id) WHERE is_primary AND state != 'ended'",
        "A partner has one primary membership only. Unmark the other one first.",
    )
    _dates_check = models.Constraint(
        "CHECK(date_end >= date_start)", "A membership must end after it starts. Check its dates."
    )

    @api.depends("partner_id.name", "program_id.name")
    def _compute_display_name(self):
        for membership in self:
            # sudo: a distributor may know who the resellers are whose memberships it reads.
            sides = membership.sudo()
            membership.display_name = " · ".join(
                (sides.partner_id.name or "", sides.program_id.name or "")
            )

    @api.depends("state")
    def _compute_clocks(self):
        today = fields.Date.context_today(self)
        for membership in self:
            start = membership.date_start or today
            applied = membership.create_date and membership.create_date.date()
            membership.date_applied = membership.date_applied or min(applied or today, start)
            if membership.state in ACTIVE_STATES and not membership.date_activated:
                membership.date_activated = start
            else:
                membership.date_activated = membership.date_activated

    @api.constrains("partner_id")
    def _check_commercial_partner(self):
        for membership in self:
            commercial = membership.partner_id.commercial_partner_id
            if membership.partner_id != commercial:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(company)s."
                        " Enroll the company, then invite the contact.",
                        contact=membership.partner_id.name,
                        company=commercial.name,
                    )
                )

    @api.constrains("user_id")
    def _check_manager(self):
        for membership in self.filtered("user_id.share"):
            raise ValidationError(
                self.env._(
                    "%(user)s is no member of staff. Choose another partner manager.",
                    user=membership.user_id.name,
                )
            )

    @api.constrains("grade_id", "program_id")
    def _check_grade_program(self):
        for membership in self.filtered("grade_id"):
            if membership.grade_id.program_id != membership.program_id:
                raise ValidationError(
                    self.env._(
                        "The tier “%(tier)s” does not belong to the program “%(program)s”.",
                        tier=membership.grade_id.name,
                        program=membership.program_id.name,
                    )
                )

    @api.constrains("program_id", "partner_id")
    def _check_program_valid(self):
        for membership in self.filtered(lambda membership: membership.state != "ended"):
            reason = membership.program_id._get_validity_reason()
            if reason:
                raise ValidationError(
                    self.env._(
                        "%(reason)s %(partner)s cannot be enrolled in it now.",
                        reason=reason,
                        partner=membership.partner_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        memberships = super().create(self._with_primary(vals_list))
        memberships._log_tier(dict.fromkeys(memberships.ids), kind="enrolled")
        memberships.partner_id._prm_sync_grade()
        return memberships

    def write(self, vals):
        if not self.env.su:
            self._check_step_fields(vals)
        self._check_identity(vals)
        # A client can send any context, but never be the superuser.
        if "grade_id" in vals and not (self.env.su and self.env.context.get("prm_tier_logged")):
            grade = self.env["res.partner.grade"].browse(vals["grade_id"])
            self._set_tier(grade)
            vals = {name: value for name, value in vals.items() if name != "grade_id"}
        partners = self._get_level_partners(vals)
        res = super().write(vals)
        if "partner_id" in vals:
            partners |= self.partner_id
        partners._prm_sync_grade()
        return res

    def _check_identity(self, vals):
        """What was signed, earned and reviewed belongs to one partner in one program."""
        for membership in self:
            moved = [
                name
                for name in ("partner_id", "program_id")
                if name in vals and vals[name] != membership[name].id
            ]
            if moved:
                raise UserError(
                    self.env._(
                        "%(membership)s stays with its partner and its program. End it, and enroll"
                        " the partner anew.",
                        membership=membership.display_name,
                    )
                )

    def _get_level_partners(self, vals):
        """The partners whose level may be another one after these memberships are written."""
        if {"grade_id", "is_primary", "partner_id"} & vals.keys():
            return self.partner_id
        state = vals.get("state")
        if not state:
            return self.env["res.partner"]
        # An ended membership gives no level; between the other states nothing changes.
        return self.filtered(lambda one: "ended" in (one.state, state)).partner_id

    def _check_step_fields(self, vals):
        state = vals.get("state")
        changed = self.filtered(lambda membership: state and membership.state != state)
        if changed:
            raise UserError(
                self.env._(
                    "The status of %(membership)s is changed by the buttons of its form only.",
                    membership=(changed or self)[:1].display_name,
                )
            )

    def unlink(self):
        partners = self.partner_id
        res = super().unlink()
        partners._prm_sync_grade()
        return res

    @api.model
    def _with_primary(self, vals_list):
        """A partner's first membership is the primary one unless the values say otherwise."""
        domain = [
            ("partner_id", "in", [vals.get("partner_id") for vals in vals_list]),
            ("is_primary", "=", True),
            ("state", "!=", "ended"),
        ]
        # sudo: a primary membership in a company that the user does not see counts as well.
        taken = {partner.id for [partner] in self.sudo()._read_group(domain, ["partner_id"])}
        taken |= {vals.get("partner_id") for vals in vals_list if vals.get("is_primary")}
        completed = []
        for vals in vals_list:
            if "is_primary" not in vals and vals.get("state") != "ended":
                vals = {**vals, "is_primary": vals.get("partner_id") not in taken}
                taken.add(vals.get("partner_id"))
            completed.append(vals)
        return completed

