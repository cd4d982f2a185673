from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

OPEN_STATES = ("applicant", "onboarding", "active", "at_risk", "suspended")
ACTIVE_STATES = ("active", "at_risk")


class PrmMembership(models.Model):
    _name = "prm.membership"
    _description = "Program Membership"
    _inherit = ["prm.state.mixin", "mail.thread", "mail.activity.mixin"]
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
        [
            ("applicant", "Applicant"),
            ("onboarding", "Onboarding"),
            ("active", "Active"),
            ("at_risk", "At Risk"),
            ("suspended", "Suspended"),
            ("ended", "Ended"),
        ],
        required=True,
        default="applicant",
        index=True,
        tracking=True,
        copy=False,
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
    distributor_id = fields.Many2one("res.partner", index="btree_not_null", ondelete="restrict")
    change_ids = fields.One2many("prm.tier.change", "membership_id", string="Tier History")
    next_grade_id = fields.Many2one(
        "res.partner.grade", string="Next Tier", compute="_compute_tier_progress"
    )
    tier_percent = fields.Integer(string="Progress", compute="_compute_tier_progress")
    tier_progress_html = fields.Html(
        string="Progress to the Next Tier",
        compute="_compute_tier_progress",
        sanitize=False,
        groups="base.group_user",
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
            membership.display_name = (
                f"{membership.partner_id.name or ''} · {membership.program_id.name or ''}"
            )

    @api.depends("grade_id", "state", "partner_id", "program_id.grade_ids.requirement_ids")
    def _compute_tier_progress(self):
        for membership in self:
            progress = membership._tier_progress()
            membership.next_grade_id = progress["grade"]
            membership.tier_percent = progress["percent"]
            membership.tier_progress_html = self.env["ir.qweb"]._render(
                "prm_partner.tier_progress",
                {"progress": progress, "currency": membership.company_id.currency_id},
            )

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

    @api.constrains("distributor_id", "partner_id")
    def _check_distributor(self):
        for membership in self:
            if membership.distributor_id and membership.distributor_id == membership.partner_id:
                raise ValidationError(self.env._("A partner cannot be its own distributor."))

    @api.model_create_multi
    def create(self, vals_list):
        memberships = super().create(self._with_primary(vals_list))
        memberships._log_tier(dict.fromkeys(memberships.ids), self.env._("Enrolled"))
        memberships.partner_id._prm_sync_grade()
        return memberships

    def write(self, vals):
        if "state" in vals and not self.env.su:
            self._check_state_unchanged(vals["state"])
        if "grade_id" in vals and not self.env.context.get("prm_tier_logged"):
            grade = self.env["res.partner.grade"].browse(vals["grade_id"])
            self._set_tier(grade, self.env._("Changed by hand"))
            vals = {name: value for name, value in vals.items() if name != "grade_id"}
        partners = self.partner_id
        res = super().write(vals)
        if {"grade_id", "is_primary", "state", "partner_id"} & vals.keys():
            (partners | self.partner_id)._prm_sync_grade()
        return res

    def _check_state_unchanged(self, state):
        changed = self.filtered(lambda membership: membership.state != state)
        if changed:
            raise UserError(
                self.env._(
                    "The status of %(membership)s is changed by the buttons of its form only.",
                    membership=changed[0].display_name,
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

    def action_start_onboarding(self):
        """Applicant → onboarding."""
        self._move_to("onboarding", ("applicant",))

    def action_activate(self):
        """Applicant or onboarding → active; the membership starts today unless it has a date."""
        self._check_not_blocked("activation")
        self._move_to("active", ("applicant", "onboarding", "at_risk"))
        today = fields.Date.context_today(self)
        self.filtered(lambda membership: not membership.date_start).date_start = today

    def action_suspend(self):
        """Active → suspended: the partner keeps its records but registers nothing new."""
        self._move_to("suspended", ACTIVE_STATES)

    def action_resume(self):
        """Suspended or ended → active; it is the primary one again where there is no other."""
        self._move_to("active", ("suspended", "ended"))
        self.date_end = False
        self._take_primary()

    def action_end(self):
        """End the membership today; the partner's next membership becomes the primary one."""
        self._move_to("ended", OPEN_STATES)
        today = fields.Date.context_today(self)
        for membership in self:
            membership.date_end = max(today, membership.date_start or today)
        self._pass_on_primary()

    def _block_reasons(self, action):
        """Why this membership may not do something now.

        :param str action: "activation", "registration" or "payout"
        :return: list of sentences for the user, empty when it may
        """
        self.ensure_one()
        return []

    def _check_not_blocked(self, action):
        """Refuse what one of these memberships may not do now.

        :raise UserError: names the membership and the reasons
        """
        for membership in self:
            reasons = membership._block_reasons(action)
            if reasons:
                raise UserError("\n".join([f"{membership.display_name}:", *reasons]))

    def _move_to(self, state, allowed):
        self.check_access("write")
        self._check_state(allowed)
        # sudo: the right to write was checked above; by itself nobody writes the status.
        self.sudo().state = state

    def _take_primary(self):
        domain = [
            ("partner_id", "in", self.partner_id.ids),
            ("is_primary", "=", True),
            ("state", "!=", "ended"),
        ]
        # sudo: a primary membership in a company that the user does not see counts as well.
        taken = self.sudo().search(domain).partner_id
        for partner, memberships in self.grouped("partner_id").items():
            if partner not in taken:
                memberships[0].is_primary = True

    def _pass_on_primary(self):
        primaries = self.filtered("is_primary")
        primaries.is_primary = False
        heirs = self.search(
            [("partner_id", "in", primaries.partner_id.ids), ("state", "in", ACTIVE_STATES)]
        ).grouped("partner_id")
        for memberships in heirs.values():
            memberships[0].is_primary = True

    def _set_tier(self, grade, reason, values=None):
        """Give these memberships a tier; every change is written to the tier history.

        :param grade: ``res.partner.grade`` of the program, or empty for none
        :param str reason: why, shown to staff and to the partner
        :param values: ``{membership_id: measured values}`` that led to the change
        """
        changed = self.filtered(lambda membership: membership.grade_id != grade)
        old_grades = {membership.id: membership.grade_id.id for membership in changed}
        changed.with_context(prm_tier_logged=True).write({"grade_id": grade.id})
        changed._log_tier(old_grades, reason, values)
        changed._mail_tier_change()

    def _log_tier(self, old_grades, reason, values=None):
        measured = values or {}
        # sudo: the history is written by the rule itself, nobody has the right to write it.
        self.env["prm.tier.change"].sudo().create(
            [
                {
                    "membership_id": membership.id,
                    "partner_id": membership.partner_id.id,
                    "company_id": membership.company_id.id,
                    "old_grade_id": old_grades[membership.id],
                    "new_grade_id": membership.grade_id.id,
                    "user_id": self.env.uid,
                    "reason": reason,
                    "measured": measured.get(membership.id),
                }
                for membership in self
                if membership.grade_id.id != (old_grades[membership.id] or False)
            ]
        )

    def _mail_tier_change(self):
        template = self.env.ref("prm_partner.mail_template_tier_changed", raise_if_not_found=False)
        for membership in self.filtered("grade_id"):
            if template and membership.partner_id.email:
                template.send_mail(
                    membership.id, email_layout_xmlid="mail.mail_notification_light"
                )

    def _tier_progress(self):
        """What this membership has and lacks for the next tier.

        :return: dict with ``grade`` (the next tier, empty at the top), ``requirements`` (see
            ``prm.tier.requirement._progress``) and ``percent`` (the mean over requirements)
        """
        self.ensure_one()
        tiers = self.program_id._prm_tiers()
        grade = self.grade_id._prm_next() if self.grade_id else tiers[:1]
        # sudo: a partner may see its own progress without reading the records behind it.
        requirements = grade.sudo().requirement_ids._progress(
            self.partner_id, self.company_id, fields.Date.context_today(self)
        )
        percents = [requirement["percent"] for requirement in requirements]
        return {
            "grade": grade,
            "requirements": requirements,
            "percent": sum(percents) // len(percents) if percents else 100,
        }
