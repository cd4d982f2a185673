from odoo import api, fields, models
from odoo.exceptions import UserError


class PrmBusinessPlanReview(models.Model):
    """A date at which both sides look at a plan."""

    _name = "prm.business.plan.review"
    _description = "Plan Review"
    _order = "date, id"

    plan_id = fields.Many2one(
        "prm.business.plan", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(
        string="Topic", required=True, default=lambda self: self.env._("Plan review")
    )
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    user_id = fields.Many2one(related="plan_id.user_id", store=True, index=True)
    partner_id = fields.Many2one(related="plan_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    note = fields.Html(string="Common Notes", help="The partner reads them in the portal.")
    internal_note = fields.Html(
        string="Our Notes",
        groups="base.group_user",
        help="For staff only; the partner never sees them.",
    )
    date_done = fields.Date(string="Held On", readonly=True, copy=False)
    date_reminded = fields.Date(readonly=True, copy=False, groups="base.group_user")
    activity_id = fields.Many2one(
        "mail.activity",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    state = fields.Selection(
        [("planned", "Planned"), ("overdue", "Overdue"), ("done", "Held")],
        compute="_compute_state",
        search="_search_state",
    )

    @api.depends("date", "date_done")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for review in self:
            overdue = review.date and review.date < today
            review.state = "done" if review.date_done else "overdue" if overdue else "planned"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domains = {
            "done": fields.Domain("date_done", "!=", False),
            "overdue": fields.Domain("date_done", "=", False) & fields.Domain("date", "<", today),
            "planned": fields.Domain("date_done", "=", False) & fields.Domain("date", ">=", today),
        }
        return fields.Domain.OR(domains[state] for state in value if state in domains)

    @api.depends("plan_id.name", "name", "date")
    def _compute_display_name(self):
        for review in self:
            review.display_name = f"{review.plan_id.name or ''} · {review.name or ''}"

    def write(self, vals):
        moved = self.filtered("date_reminded") if "date" in vals else self.browse()
        res = super().write(vals)
        moved._forget_reminder()
        return res

    def action_done(self):
        """The review took place; its reminder is done as well."""
        self.check_access("write")
        held = self.filtered("date_done")
        if held:
            raise UserError(
                self.env._("“%(review)s” was held already.", review=held[0].display_name)
            )
        self.date_done = fields.Date.context_today(self)
        # sudo: the reminder belongs to the owner of the plan, whoever held the review.
        self.sudo().activity_id.filtered("active").action_done()

    def action_undo(self):
        """Held by mistake: the review is to come again."""
        self.check_access("write")
        self.date_done = False

    def _forget_reminder(self):
        """Another date deserves another reminder."""
        self.sudo().activity_id.filtered("active").unlink()  # sudo: see action_done
        self.date_reminded = False

    def _remind(self):
        """An activity for the owner of the plan of each of these overdue reviews, once."""
        self.date_reminded = fields.Date.context_today(self)
        for review in self:
            review.activity_id = review.plan_id._remind(
                self.env._("Overdue review: %(review)s", review=review.name)
            )
