from odoo import api, fields, models

from .prm_conflict_rule import SEVERITIES, SEVERITY_RANK


class PrmApprovalRule(models.Model):
    _name = "prm.approval.rule"
    _description = "Deal Approval Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: the rule holds in every company."
    )
    program_id = fields.Many2one("prm.program", index="btree_not_null", ondelete="cascade")
    grade_id = fields.Many2one(
        "res.partner.grade",
        string="Tier",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('program_id', '=?', program_id)]",
    )
    severity = fields.Selection(
        SEVERITIES,
        string="Conflict from",
        help="The rule holds if the gravest conflict is at least this one. Empty: in any case.",
    )
    amount_min = fields.Monetary(
        string="Amount over", help="Only deals larger than this amount; 0 for no limit."
    )
    amount_max = fields.Monetary(
        string="Amount up to", help="Only deals up to this amount; 0 for no limit."
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    outcome = fields.Selection(
        [("approve", "Approve"), ("review", "Review by a person"), ("reject", "Reject")],
        required=True,
        default="review",
    )
    reason_id = fields.Many2one(
        "prm.deal.reason", string="Rejection Reason", index="btree_not_null", ondelete="restrict"
    )
    approver_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Empty: the manager of the partner, or of the program.",
    )

    _amounts_check = models.Constraint(
        "CHECK(amount_min = 0 OR amount_max = 0 OR amount_max > amount_min)",
        "The upper amount of a rule must be larger than the lower one.",
    )
    _reason_check = models.Constraint(
        "CHECK(outcome != 'reject' OR reason_id IS NOT NULL)",
        "A rule that rejects needs a reason, which the partner is told.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.model
    def _match(self, registration):
        """The first rule that holds for a registration, or no record.

        :param registration: one ``prm.deal.registration`` whose conflicts are known
        """
        rules = self.search([("company_id", "in", (False, registration.company_id.id))])
        amount = registration._get_company_amount()
        return rules.filtered(lambda rule: rule._holds_for(registration, amount))[:1]

    def _holds_for(self, registration, amount):
        self.ensure_one()
        grade = registration.membership_id.grade_id
        rank = SEVERITY_RANK[registration.conflict_severity]
        return (
            (not self.program_id or self.program_id == registration.program_id)
            and (not self.grade_id or self.grade_id == grade)
            and rank >= SEVERITY_RANK[self.severity]
            and (not self.amount_min or amount > self.amount_min)
            and (not self.amount_max or amount <= self.amount_max)
        )
