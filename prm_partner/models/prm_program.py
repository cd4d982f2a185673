from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..tools import usage


class PrmProgram(models.Model):
    _name = "prm.program"
    _description = "Partner Program"
    _inherit = ["prm.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(help="Short code for lists and references.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("reseller", "Reseller"),
            ("distributor", "Distributor"),
            ("referral", "Referral"),
            ("affiliate", "Affiliate"),
            ("integrator", "Integrator"),
            ("technology", "Technology"),
            ("dealer", "Dealer"),
            ("branch", "Branch"),
        ],
        required=True,
        default="reseller",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        index=True,
        default=lambda self: self.env.company.currency_id,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Program Manager",
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    date_start = fields.Date(string="Valid From")
    date_end = fields.Date(string="Valid Until")
    prerequisite_ids = fields.Many2many(
        "prm.program",
        "prm_program_prerequisite_rel",
        "program_id",
        "prerequisite_id",
        string="Prerequisites",
        domain="[('id', '!=', id), ('company_id', '=', company_id)]",
        help="A membership can be activated once the partner is an active member of these too.",
    )
    duration_months = fields.Integer(
        string="Membership Lasts (Months)",
        tracking=True,
        help="From the activation, and again from each renewal. 0: without an end.",
    )
    renewal_mode = fields.Selection(
        [("automatic", "Automatic"), ("manual", "By the partner manager")],
        string="Renewal",
        required=True,
        default="automatic",
        tracking=True,
        help="What happens after the last day: a new term begins, or the membership ends unless"
        " it was renewed.",
    )
    renewal_notice_days = fields.Integer(
        string="Renewal Notice (Days)",
        groups="base.group_user",
        default=60,
        help="So long before the end the partner and its manager are reminded.",
    )
    distributor_access = fields.Boolean(
        string="Distributors See Resellers",
        groups="base.group_user",
        help="Default of new memberships: the distributor's people read the membership in the"
        " portal.",
    )
    description = fields.Html(translate=True)
    grade_ids = fields.One2many("res.partner.grade", "program_id", string="Tiers", copy=True)
    membership_ids = fields.One2many(
        "prm.membership", "program_id", string="Memberships", groups="base.group_user"
    )
    membership_count = fields.Integer(
        compute="_compute_membership_count", groups="base.group_user"
    )

    _code_uniq = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another program of this company already has this code.",
    )
    _dates_check = models.Constraint(
        "CHECK(date_end >= date_start)",
        "The program must end after it starts. Check its dates.",
    )

    _terms_check = models.Constraint(
        "CHECK(duration_months BETWEEN 0 AND 1200 AND renewal_notice_days BETWEEN 0 AND 3660)",
        "Memberships last from 0 (no end) to 1,200 months, the renewal notice is up to 3,660 days.",
    )

    @api.depends("membership_ids.state")
    def _compute_membership_count(self):
        groups = self.env["prm.membership"]._read_group(
            [("program_id", "in", self.ids), ("state", "!=", "ended")], ["program_id"], ["__count"]
        )
        counts = {program.id: count for program, count in groups}
        for program in self:
            program.membership_count = counts.get(program.id, 0)

    @api.constrains("user_id")
    def _check_manager(self):
        for program in self.filtered("user_id.share"):
            raise ValidationError(
                self.env._(
                    "%(user)s is no member of staff. Choose another program manager.",
                    user=program.user_id.name,
                )
            )

    @api.constrains("prerequisite_ids", "company_id")
    def _check_prerequisites(self):
        # Two sessions at once could close a circle of which each sees one half.
        companies = self.filtered("prerequisite_ids").company_id.ids
        self.env["prm.account.lock"]._acquire(f"prerequisite:{company}" for company in companies)
        for program in self:
            if program._has_cycle("prerequisite_ids"):
                raise ValidationError(
                    self.env._(
                        "“%(program)s” would be its own prerequisite. Remove one of its"
                        " prerequisites, or its name from theirs.",
                        program=program.name,
                    )
                )
            foreign = program.prerequisite_ids.filtered(
                lambda other, program=program: other.company_id != program.company_id
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "“%(prerequisite)s” belongs to another company than “%(program)s”, so it"
                        " cannot be a prerequisite.",
                        prerequisite=foreign[0].name,
                        program=program.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        for program, users in usage.find_users(self).items():
            raise UserError(
                self.env._(
                    "“%(program)s” cannot be deleted, because it has records of these kinds:"
                    " %(kinds)s. Archive it instead.",
                    program=program.name,
                    kinds=", ".join(users),
                )
            )

    def copy_data(self, default=None):
        named = "name" in (default or {})
        return [
            {
                **vals,
                "name": vals["name"] if named else self.env._("%s (copy)", program.name),
                "code": False,
            }
            for program, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def action_view_memberships(self):
        """Open the memberships of this program."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.prm_membership_action")
        return {
            **action,
            "domain": [("program_id", "=", self.id)],
            "context": {"default_program_id": self.id},
        }

    def _prm_tiers(self):
        """The active tiers of this program, the lowest first."""
        self.ensure_one()
        return self.grade_ids.sorted(lambda grade: (grade.sequence, grade.id))

    def _get_validity_reason(self, day=None):
        """Why this program takes or keeps no members on ``day``.

        :param day: today by default
        :return: a sentence, None if the program is valid
        """
        self.ensure_one()
        day = day or fields.Date.context_today(self)
        if not self.active:
            return self.env._("The program “%(program)s” is closed.", program=self.name)
        if self.date_start and day < self.date_start:
            return self.env._(
                "The program “%(program)s” is valid from %(date)s only.",
                program=self.name,
                date=format_date(self.env, self.date_start),
            )
        if self.date_end and day > self.date_end:
            return self.env._(
                "The program “%(program)s” was valid until %(date)s.",
                program=self.name,
                date=format_date(self.env, self.date_end),
            )
        return None
