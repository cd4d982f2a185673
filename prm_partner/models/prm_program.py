from odoo import api, fields, models
from odoo.exceptions import UserError


class PrmProgram(models.Model):
    _name = "prm.program"
    _description = "Partner Program"
    _inherit = ["mail.thread", "mail.activity.mixin"]
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
    description = fields.Html(translate=True)
    grade_ids = fields.One2many("res.partner.grade", "program_id", string="Tiers")
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

    @api.depends("membership_ids.state")
    def _compute_membership_count(self):
        groups = self.env["prm.membership"]._read_group(
            [("program_id", "in", self.ids), ("state", "!=", "ended")], ["program_id"], ["__count"]
        )
        counts = {program.id: count for program, count in groups}
        for program in self:
            program.membership_count = counts.get(program.id, 0)

    def write(self, vals):
        if "company_id" in vals:
            moved = self.filtered(lambda program: program.company_id.id != vals["company_id"])
            moved._check_no_members()
        return super().write(vals)

    def _check_no_members(self):
        # sudo: memberships that the user cannot see hold the program in its company as well.
        programs = self.sudo().filtered("membership_ids")
        if programs:
            raise UserError(
                self.env._(
                    "“%(program)s” has members, so it stays in its company."
                    " Copy the program for the other company instead.",
                    program=programs[0].name,
                )
            )

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", program.name), "code": False}
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
