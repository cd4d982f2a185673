from datetime import date as Date
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

# What decides an amount; fixed as soon as something was booked by the rule.
LOCKED_FIELDS = (
    "plan_id",
    "name",
    "version",
    "computation",
    "rate",
    "trigger",
    "grade_id",
    "category_id",
    "date_start",
)


class PrmCommissionRule(models.Model):
    _name = "prm.commission.rule"
    _description = "Commission Rule"
    _order = "plan_id, sequence, name, version desc, id"

    plan_id = fields.Many2one("prm.commission.plan", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    program_id = fields.Many2one(related="plan_id.program_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    version = fields.Integer(default=1, required=True, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "prm.commission.rule",
        string="Previous Version",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    computation = fields.Selection(
        [("percent_net", "Percent of net")], required=True, default="percent_net"
    )
    rate = fields.Float(string="Rate (%)", digits=(6, 3), required=True, aggregator=None)
    trigger = fields.Selection(
        [("payment", "Payment received")],
        required=True,
        default="payment",
        help="Commission accrues in proportion to the payments of the invoice.",
    )
    grade_id = fields.Many2one(
        "res.partner.grade",
        string="Tier",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('program_id', '=', program_id)]",
        help="Tier of the partner on the date of the invoice. Empty: any tier.",
    )
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        index="btree_not_null",
        ondelete="restrict",
        help="Only products of this category and those below it. Empty: the whole invoice.",
    )
    date_start = fields.Date(string="Invoices From", copy=False)
    date_end = fields.Date(string="Invoices Until", copy=False)
    is_used = fields.Boolean(string="In Use", compute="_compute_is_used")

    _dates_check = models.Constraint(
        "CHECK(date_end >= date_start)",
        "The commission rule must end after it starts. Check its dates.",
    )
    _previous_uniq = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "This commission rule already has a next version. Change that one.",
    )

    def _compute_is_used(self):
        # sudo: only whether there is any row leaves this method.
        basis, entry = (
            self.env["prm.commission.basis"].sudo(),
            self.env["prm.commission.entry"].sudo(),
        )
        domain = [("rule_id", "in", self.ids)]
        used = {rule.id for [rule] in basis._read_group(domain, ["rule_id"])}
        used |= {rule.id for [rule] in entry._read_group(domain, ["rule_id"])}
        for rule in self:
            rule.is_used = rule.id in used

    @api.depends("name", "version")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = f"{rule.name or ''} v{rule.version}"

    @api.constrains("rate")
    def _check_rate(self):
        for rule in self:
            if not 0 < rule.rate <= 100:
                raise ValidationError(
                    self.env._(
                        "The rate of the rule “%(rule)s” must be above 0 and at most 100 %%.",
                        rule=rule.name,
                    )
                )

    @api.constrains("grade_id", "plan_id")
    def _check_grade(self):
        for rule in self.filtered("grade_id"):
            if rule.grade_id.program_id != rule.program_id:
                raise ValidationError(
                    self.env._(
                        "The tier “%(tier)s” of the rule “%(rule)s” does not belong to the program"
                        " “%(program)s”. Choose a tier of that program.",
                        tier=rule.grade_id.name,
                        rule=rule.name,
                        program=rule.program_id.name,
                    )
                )

    @api.constrains("plan_id", "grade_id", "category_id", "date_start", "date_end")
    def _check_overlap(self):
        for rule in self:
            rivals = (rule.plan_id.rule_ids - rule).filtered(rule._overlaps)
            if rivals:
                raise ValidationError(
                    self.env._(
                        "The rules “%(rule)s” and “%(rival)s” of the plan “%(plan)s” have the same"
                        " tier and product category, and their dates overlap. End one before the"
                        " other starts, or change a condition.",
                        rule=rule.display_name,
                        rival=rivals[0].display_name,
                        plan=rule.plan_id.name,
                    )
                )

    def _overlaps(self, other):
        """Whether both rules could apply to one and the same invoice line."""
        if (self.grade_id, self.category_id) != (other.grade_id, other.category_id):
            return False
        return (self.date_start or Date.min) <= (other.date_end or Date.max) and (
            other.date_start or Date.min
        ) <= (self.date_end or Date.max)

    def write(self, vals):
        self.check_access("write")
        self._check_locked(vals)
        return super().write(vals)

    def _check_locked(self, vals):
        names = [name for name in LOCKED_FIELDS if name in vals]
        if not names:
            return
        for rule in self:
            values = rule.read(names, load="")[0]
            changed = [name for name in names if self._is_change(name, values[name], vals[name])]
            if changed and rule.is_used:
                raise UserError(
                    self.env._(
                        "Commission was booked by the rule “%(rule)s”, so it cannot be changed"
                        " (%(fields)s). Press “New Version” and change that one.",
                        rule=rule.display_name,
                        fields=", ".join(self._get_labels(changed)),
                    )
                )

    @api.model
    def _is_change(self, name, old, new):
        if name == "rate":
            return bool(fields.Float.compare(old, new, precision_digits=3))
        return self._fields[name].convert_to_cache(new, self.browse()) != (
            self._fields[name].convert_to_cache(old, self.browse())
        )

    @api.model
    def _get_labels(self, names):
        return [self._fields[name]._description_string(self.env) for name in names]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for rule in self.filtered("is_used"):
            raise UserError(
                self.env._(
                    "Commission was booked by the rule “%(rule)s”, so it stays. Set its end date"
                    " to stop it.",
                    rule=rule.display_name,
                )
            )

    def action_new_version(self):
        """Make the next version of this rule, starting today, and end this one the day before.

        :return: action that opens the new version
        :raise UserError: there is a next version already, or this one has ended
        """
        self.ensure_one()
        self.check_access("write")
        following = self.search([("previous_id", "=", self.id)], limit=1)
        if following:
            raise UserError(
                self.env._(
                    "“%(rule)s” is the next version already. Open that one.",
                    rule=following.display_name,
                )
            )
        start = self._get_next_start()
        self.date_end = start - timedelta(days=1)
        return self.copy(self._prepare_next_version_vals(start)).get_formview_action()

    def _get_next_start(self):
        today = fields.Date.context_today(self)
        if self.date_end and self.date_end < today:
            raise UserError(
                self.env._(
                    "“%(rule)s” ended on %(date)s. Create a new rule instead.",
                    rule=self.display_name,
                    date=format_date(self.env, self.date_end),
                )
            )
        return max(today, self.date_start + timedelta(days=1)) if self.date_start else today

    def _prepare_next_version_vals(self, start):
        return {
            "name": self.name,
            "version": self.version + 1,
            "previous_id": self.id,
            "date_start": start,
        }

    def _select(self, product, grade, date):
        """The rule of ``self`` for an invoice line: the one with the narrowest conditions.

        A product category counts more than a tier, a sub-category more than the category above it.

        :param product: ``product.product`` of the line, may be empty
        :param grade: tier of the partner on ``date``, may be empty
        :param date: date of the invoice
        :return: one rule or none
        """
        matching = self.filtered(lambda rule: rule._matches(product, grade, date))
        return matching.sorted(lambda rule: rule._get_narrowness(), reverse=True)[:1]

    def _matches(self, product, grade, date):
        categories = (product.categ_id.parent_path or "").split("/")
        return (
            (self.date_start or Date.min) <= date <= (self.date_end or Date.max)
            and (not self.grade_id or self.grade_id == grade)
            and (not self.category_id or str(self.category_id.id) in categories)
        )

    def _get_narrowness(self):
        return (self.category_id.parent_path or "").count("/"), bool(self.grade_id)
