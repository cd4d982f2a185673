from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class PrmCommissionPlan(models.Model):
    _name = "prm.commission.plan"
    _description = "Commission Plan"
    _inherit = ["prm.thread"]
    _order = "program_id, date_start, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    program_id = fields.Many2one(
        "prm.program", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        index=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Currency in which the commissions of this plan are kept and paid.",
    )
    date_start = fields.Date(string="Valid From", tracking=True)
    date_end = fields.Date(string="Valid Until", tracking=True)
    rule_ids = fields.One2many("prm.commission.rule", "plan_id", string="Rules")
    rule_count = fields.Integer(compute="_compute_rule_count")

    _dates_check = models.Constraint(
        "CHECK(date_end >= date_start)",
        "The commission plan must end after it starts. Check its dates.",
    )

    @api.depends("program_id")
    def _compute_currency_id(self):
        for plan in self:
            plan.currency_id = plan.program_id.currency_id or plan.currency_id

    @api.depends("rule_ids")
    def _compute_rule_count(self):
        for plan in self:
            plan.rule_count = len(plan.rule_ids)

    @api.constrains("program_id", "date_start", "date_end", "active")
    def _check_overlap(self):
        for plan in self.filtered("active"):
            rival = self.search(plan._get_overlap_domain(), limit=1)
            if rival:
                raise ValidationError(
                    self.env._(
                        "The plans “%(plan)s” and “%(rival)s” of the program “%(program)s” overlap"
                        " in time. End one before the other starts.",
                        plan=plan.name,
                        rival=rival.name,
                        program=plan.program_id.name,
                    )
                )

    def _get_overlap_domain(self):
        self.ensure_one()
        domain = Domain([("program_id", "=", self.program_id.id), ("id", "!=", self.id)])
        if self.date_end:
            domain &= Domain("date_start", "=", False) | Domain("date_start", "<=", self.date_end)
        if self.date_start:
            domain &= Domain("date_end", "=", False) | Domain("date_end", ">=", self.date_start)
        return domain

    def write(self, vals):
        self.check_access("write")
        self._check_used(vals)
        return super().write(vals)

    def _check_used(self, vals):
        """A plan that something was booked by keeps its program and currency."""
        for plan in self:
            changed = [
                name
                for name in ("program_id", "currency_id")
                if name in vals and vals[name] != plan[name].id
            ]
            if changed and plan.rule_ids.filtered("is_used"):
                raise UserError(
                    self.env._(
                        "Commission was booked by the plan “%(plan)s”, so its program and currency"
                        " stay. Make a new plan for the change.",
                        plan=plan.name,
                    )
                )

    def _is_valid_on(self, date):
        """Whether this plan applies to an invoice of ``date``."""
        self.ensure_one()
        return (not self.date_start or self.date_start <= date) and (
            not self.date_end or self.date_end >= date
        )
