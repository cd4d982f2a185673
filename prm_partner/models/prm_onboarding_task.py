from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .prm_membership import OPEN_STATES as OPEN_MEMBERSHIP_STATES
from .prm_onboarding_plan_line import AUTO_DONE, RESPONSIBLES, SIDES

STAFF = "base.group_user"
# Set by the steps of the workflow only.
SYSTEM_FIELDS = {"state", "date_done", "done_by_id", "date_reminded"}


class PrmOnboardingTask(models.Model):
    """One step of one member's onboarding. Partners read their own and may finish their part."""

    _name = "prm.onboarding.task"
    _description = "Onboarding Task"
    _inherit = ["prm.state.mixin", "prm.thread", "mail.activity.mixin"]
    _order = "membership_id, sequence, date_due, id"

    membership_id = fields.Many2one(
        "prm.membership", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="membership_id.partner_id", store=True, index=True)
    program_id = fields.Many2one(related="membership_id.program_id", store=True, index=True)
    company_id = fields.Many2one(related="membership_id.company_id", store=True, index=True)
    line_id = fields.Many2one(
        "prm.onboarding.plan.line",
        string="Step of the Plan",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF,
    )
    name = fields.Char(string="Task", required=True, translate=True)
    description = fields.Html(
        translate=True, help="What is to be done; partners read it too."
    )
    sequence = fields.Integer(default=10)
    side = fields.Selection(SIDES, string="Who", required=True, default="us", index=True)
    responsible = fields.Selection(
        RESPONSIBLES,
        string="Role",
        required=True,
        default="partner_manager",
        groups=STAFF,
        help="A task of the partner manager goes with the partner to its next one.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        index=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        groups=STAFF,
        tracking=True,
        help="Who of us does it, or sees to it that the partner does it.",
    )
    date_due = fields.Date(string="Due", required=True, index=True, tracking=True)
    is_gate = fields.Boolean(
        string="Gate", help="The membership cannot become active while this is open."
    )
    after_task_id = fields.Many2one(
        "prm.onboarding.task",
        string="After",
        index="btree_not_null",
        ondelete="set null",
        domain="[('membership_id', '=', membership_id), ('id', '!=', id)]",
        help="It can be done only when this task is done.",
    )
    auto_done = fields.Selection(AUTO_DONE, string="Done By Itself", readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("done", "Done"), ("skipped", "Skipped")],
        required=True,
        default="open",
        index=True,
        tracking=True,
        copy=False,
        group_expand=True,
    )
    date_done = fields.Date(string="Done On", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        copy=False,
        groups=STAFF,
    )
    date_reminded = fields.Date(readonly=True, copy=False, groups=STAFF)
    is_blocked = fields.Boolean(string="Waiting", compute="_compute_is_blocked")
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _line_uniq = models.UniqueIndex(
        "(membership_id, line_id) WHERE line_id IS NOT NULL",
        "This step of the plan is among the tasks of the membership already.",
    )
    # The daily job looks for what is open, due and not reported yet.
    _overdue_idx = models.Index("(date_due) WHERE state = 'open' AND date_reminded IS NULL")

    @api.depends("after_task_id.state", "state")
    def _compute_is_blocked(self):
        for task in self:
            task.is_blocked = task.state == "open" and task.after_task_id.state == "open"

    @api.depends("date_due", "state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for task in self:
            task.is_overdue = task.state == "open" and bool(task.date_due) and task.date_due < today

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = fields.Domain("state", "=", "open")
        domain &= fields.Domain("date_due", "<", fields.Date.context_today(self))
        return domain if True in value else ~domain

    @api.constrains("after_task_id", "membership_id")
    def _check_after_task(self):
        if self._has_cycle("after_task_id"):
            raise ValidationError(
                self.env._("These tasks wait for each other, so none of them could ever be done.")
            )
        for task in self.filtered("after_task_id"):
            if task.after_task_id.membership_id != task.membership_id:
                raise ValidationError(
                    self.env._(
                        "“%(task)s” waits for a task of another membership.", task=task.name
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name not in SYSTEM_FIELDS}
                | {"state": "open"}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            if "state" in vals:
                self._check_state_unchanged(vals["state"])
            vals = {
                name: value
                for name, value in vals.items()
                if name == "state" or name not in SYSTEM_FIELDS
            }
        if "date_due" in vals:
            vals = {**vals, "date_reminded": False}  # a new date is reported anew
        return super().write(vals)

    def _check_state_unchanged(self, state):
        changed = self.filtered(lambda task: task.state != state)
        if changed:
            raise UserError(
                self.env._(
                    "“%(task)s” is finished by the buttons Done and Skip only.",
                    task=changed[0].name,
                )
            )

    def action_done(self):
        """Mark tasks as done: for staff, for who is responsible, or for people of the partner.

        A partner finishes its own part only, and nothing that the system sees by itself.

        :raise AccessError: the task is not the user's to finish
        :raise UserError: not open, or another task comes first
        """
        self._check_finish()
        self._check_state(("open",))
        blocked = self.filtered(lambda task: task.is_blocked and task.after_task_id not in self)
        if blocked:
            raise UserError(
                self.env._(
                    "“%(task)s” can be done after “%(before)s”.",
                    task=blocked[0].name,
                    before=blocked[0].sudo().after_task_id.name,  # sudo: a task of the same member
                )
            )
        self.sudo()._finish("done", self.env.user)  # sudo: the right to finish was checked

    def action_skip(self):
        """Mark tasks as not needed for this partner. For staff.

        :raise UserError: not open
        """
        self.check_access("write")
        self._check_state(("open",))
        self.sudo()._finish("skipped", self.env.user)  # sudo: the right to write was checked

    def action_reopen(self):
        """Take back that tasks were done or skipped. For staff."""
        self.check_access("write")
        self._check_state(("done", "skipped"))
        # sudo: the right to write was checked; the state is no field to edit.
        self.sudo().write({"state": "open", "date_done": False, "done_by_id": False})

    def _check_finish(self):
        self.check_access("read")
        user = self.env.user
        if self.env.su or self.has_access("write"):
            return
        if user._is_internal():
            mine = self.filtered(lambda task: task.user_id == user)
        else:
            company = user.partner_id.commercial_partner_id
            mine = self.filtered(
                lambda task: task.partner_id == company
                and task.side == "partner"
                and not task.auto_done
            )
        if self - mine:
            raise AccessError(
                self.env._("“%(task)s” is not yours to finish.", task=(self - mine)[0].name)
            )

    def _finish(self, state, user, day=None):
        """The one place where tasks are finished.

        :param str state: "done" or "skipped"
        :param user: ``res.users`` who has done it
        :param date day: when it was done, by default today
        """
        self.write(
            {
                "state": state,
                "date_done": day or fields.Date.context_today(self),
                "done_by_id": user.id,
            }
        )
        self.activity_unlink(["prm_partner.mail_activity_type_onboarding"])
        self.membership_id._activate_after_gates()

    @api.model
    def _cron_overdue(self, size=50):
        """Report what is overdue, member by member: ours to who does it, theirs to the partner."""
        domain = self._get_overdue_domain()
        remaining = self.search_count(domain)
        while remaining:
            batch = self.search(domain, limit=size, order="membership_id, id")
            batch = batch.try_lock_for_update()
            if not batch:
                break
            batch._report_overdue()
            remaining = max(remaining - len(batch), 0)
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=remaining):
                break

    @api.model
    def _get_overdue_domain(self):
        return [
            ("state", "=", "open"),
            ("date_due", "<", fields.Date.context_today(self)),
            ("date_reminded", "=", False),
            "|",
            ("after_task_id", "=", False),
            ("after_task_id.state", "!=", "open"),
            ("membership_id.state", "in", OPEN_MEMBERSHIP_STATES),
        ]

    def _report_overdue(self):
        self.date_reminded = fields.Date.context_today(self)
        for task in self:
            task._schedule_overdue()
        for membership, tasks in self.grouped("membership_id").items():
            theirs = tasks.filtered(lambda task: task.side == "partner")
            if theirs:
                membership._mail_overdue(theirs)

    def _schedule_overdue(self):
        membership = self.membership_id
        user = self.user_id or membership.user_id or membership.program_id.user_id
        if self.side == "partner":
            user = membership.user_id or user
        if user:
            self.activity_schedule(
                "prm_partner.mail_activity_type_onboarding",
                date_deadline=self.date_due,
                user_id=user.id,
                note=self.env._("The partner has been reminded by mail.")
                if self.side == "partner"
                else False,
            )

    def _finish_reached(self):
        """Finish new tasks whose milestone was reached before they were made."""
        waiting = self.filtered(lambda task: task.state == "open" and task.auto_done)
        for membership, tasks in waiting.grouped("membership_id").items():
            clock = membership.onboarding_clock_ids
            for task in tasks if clock else ():
                day = clock[f"date_{task.auto_done}"]
                if day:
                    task._finish("done", self.env.user, day)
