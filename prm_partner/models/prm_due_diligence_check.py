from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

DECIDED_STATES = ("ok", "failed", "not_applicable")


class PrmDueDiligenceCheck(models.Model):
    """One line of the checklist of an application; it stays with the partner afterwards."""

    _name = "prm.due.diligence.check"
    _description = "Due Diligence Check"
    _inherit = ["prm.thread", "mail.activity.mixin"]
    _order = "application_id, sequence, id"

    application_id = fields.Many2one(
        "prm.application", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="application_id.company_id", store=True, index=True)
    membership_id = fields.Many2one(
        "prm.membership", readonly=True, index="btree_not_null", ondelete="set null"
    )
    partner_id = fields.Many2one(
        "res.partner", related="application_id.partner_id", store=True, index="btree_not_null"
    )
    item_id = fields.Many2one(
        "prm.due.diligence.item", readonly=True, index="btree_not_null", ondelete="set null"
    )
    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    required = fields.Boolean(default=True)
    evidence_required = fields.Boolean()
    validity_months = fields.Integer(default=12)
    user_id = fields.Many2one(
        "res.users",
        string="Reviewer",
        index="btree_not_null",
        domain=[("share", "=", False)],
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("ok", "OK"),
            ("failed", "Failed"),
            ("not_applicable", "Not Applicable"),
        ],
        required=True,
        default="open",
        index=True,
        tracking=True,
    )
    note = fields.Char()
    attachment_ids = fields.Many2many("ir.attachment", string="Evidence")
    checked_by_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null"
    )
    date_checked = fields.Date(string="Checked On", readonly=True)
    date_end = fields.Date(
        string="Valid Until",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        tracking=True,
        help="The day from which it has to be looked at again.",
    )
    date_reminded = fields.Date(readonly=True)

    _application_item_uniq = models.UniqueIndex(
        "(application_id, item_id) WHERE item_id IS NOT NULL",
        "This item is in the checklist already.",
    )
    # Only what was found to be OK runs out, and each of it is reported once.
    _rescreen_idx = models.Index("(date_end) WHERE state = 'ok' AND date_reminded IS NULL")

    @api.depends("date_checked", "state")
    def _compute_date_end(self):
        for check in self:
            if check.state != "ok" or not check.validity_months:
                check.date_end = False
            elif check.date_checked:
                months = relativedelta(months=check.validity_months)
                check.date_end = check.date_checked + months

    @api.constrains("state", "evidence_required", "attachment_ids")
    def _check_evidence(self):
        for check in self:
            # sudo: only whether there is a file is asked
            missing = check.evidence_required and not check.sudo().attachment_ids
            if check.state == "ok" and missing:
                raise ValidationError(
                    self.env._("Attach the evidence for “%s” before you mark it as OK.", check.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        checks = super().create([self._with_decision(vals) for vals in vals_list])
        checks._adopt_attachments()
        return checks

    def write(self, vals):
        res = super().write(self._with_decision(vals))
        if "attachment_ids" in vals:
            self._adopt_attachments()
        if "date_end" in vals or "state" in vals:
            super().write({"date_reminded": False})
        if vals.get("state") in DECIDED_STATES:
            # sudo: what is approved then is checked again, by the program's rule.
            self.application_id.sudo()._try_auto_approve()
        return res

    @api.model
    def _with_decision(self, vals):
        """Who decided, and when, is known by the system and not told by the client."""
        left = {
            name: value
            for name, value in vals.items()
            if self.env.su or name not in ("checked_by_id", "date_checked", "date_reminded")
        }
        if "state" not in vals or "date_checked" in left:
            return left
        decided = vals["state"] in DECIDED_STATES
        return {
            **left,
            "checked_by_id": self.env.uid if decided else False,
            "date_checked": fields.Date.context_today(self) if decided else False,
        }

    def _adopt_attachments(self):
        """Files uploaded in a list belong to nobody yet: who may see the check may see them."""
        for check in self:
            # sudo: only what this user has uploaded just now, and nobody has taken yet.
            free = check.sudo().attachment_ids.filtered(
                lambda file: not file.res_id and file.create_uid == self.env.user
            )
            free.write({"res_model": self._name, "res_id": check.id})

    @api.model
    def _cron_rescreen(self, size=50):
        """Ask for a new look at what was checked too long ago."""
        domain = [
            ("state", "=", "ok"),
            ("date_end", "<=", fields.Date.context_today(self)),
            ("date_reminded", "=", False),
            ("membership_id.state", "not in", (False, "ended")),
        ]
        remaining = self.search_count(domain)
        while remaining:
            batch = self.search(domain, limit=size, order="id").try_lock_for_update()
            if not batch:
                break
            batch._schedule_rescreen()
            remaining = max(remaining - len(batch), 0)
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=remaining):
                break

    def _schedule_rescreen(self):
        for check in self:
            membership = check.membership_id
            user = check.user_id or membership.user_id or membership.program_id.user_id
            check.activity_schedule(
                "prm_partner.mail_activity_type_rescreen",
                date_deadline=check.date_end,
                user_id=(user or self.env.user).id,
                summary=self.env._(
                    "Screen again: %(check)s, %(partner)s",
                    check=check.name,
                    partner=membership.partner_id.name,
                ),
            )
        self.date_reminded = fields.Date.context_today(self)

    def action_ok(self):
        """Mark these checks as OK from today on, also when they were OK before."""
        self.write({"state": "ok"})
        self.activity_feedback(["prm_partner.mail_activity_type_rescreen"])
