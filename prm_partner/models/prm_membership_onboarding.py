from odoo import api, fields, models

from ..tools.groups import STAFF
from .prm_membership import ACTIVE_STATES


class PrmMembership(models.Model):
    """From the approval to the first business."""

    _inherit = "prm.membership"

    application_ids = fields.One2many("prm.application", "membership_id", groups=STAFF)
    due_diligence_check_ids = fields.One2many(
        "prm.due.diligence.check", "membership_id", string="Due Diligence", groups=STAFF
    )
    onboarding_plan_id = fields.Many2one(
        "prm.onboarding.plan",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        groups=STAFF,
    )
    onboarding_task_ids = fields.One2many("prm.onboarding.task", "membership_id", groups=STAFF)
    onboarding_task_count = fields.Integer(
        compute="_compute_onboarding", store=True, groups=STAFF
    )
    onboarding_progress = fields.Integer(
        string="Onboarding",
        compute="_compute_onboarding",
        store=True,
        aggregator="avg",
        help="Percent of the onboarding tasks that are done; skipped ones do not count.",
        groups=STAFF,
    )
    onboarding_clock_ids = fields.One2many(
        "prm.onboarding.clock", "membership_id", string="Milestones", groups=STAFF
    )

    @api.depends("onboarding_task_ids.state")
    def _compute_onboarding(self):
        # One query for all of them.
        groups = self.env["prm.onboarding.task"]._read_group(
            [("membership_id", "in", self.ids)], ["membership_id", "state"], ["__count"]
        )
        counts = {(membership.id, state): count for membership, state, count in groups}
        for membership in self:
            done, todo = (counts.get((membership.id, state), 0) for state in ("done", "open"))
            skipped = counts.get((membership.id, "skipped"), 0)
            membership.onboarding_task_count = done + todo + skipped
            membership.onboarding_progress = 100 * done // (done + todo) if done + todo else 0

    def write(self, vals):
        res = super().write(vals)
        if "user_id" in vals:
            # sudo: the tasks go with the partner, also those that another manager had.
            tasks = self.sudo().onboarding_task_ids.filtered(
                lambda task: task.state == "open" and task.responsible == "partner_manager"
            )
            tasks.user_id = vals["user_id"]
        return res

    def action_start_onboarding(self):
        """Applicant → onboarding, with the tasks of the plan that fits."""
        res = super().action_start_onboarding()
        self._mark_milestone("approved")
        for membership in self:
            membership._start_plan()
        return res

    def action_activate(self):
        """Applicant or onboarding → active, if no gate is open."""
        res = super().action_activate()
        self._mark_milestone("approved")
        return res

    def action_end(self, reason=False):
        """End the membership; what was still to do for it is not to be done any more."""
        res = super().action_end(reason)
        self._cancel_onboarding()
        return res

    def action_view_onboarding(self):
        """Open the onboarding tasks of this membership."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_partner.prm_onboarding_task_action"
        )
        return {
            **action,
            "domain": [("membership_id", "=", self.id)],
            "context": {"default_membership_id": self.id},
        }

    def _block_reasons(self, action):
        reasons = super()._block_reasons(action)
        if action != "activation" or self.state in ACTIVE_STATES:
            return reasons
        return reasons + self._get_gate_reasons(self._get_open_gates())

    def _get_gate_reasons(self, gates):
        if not gates:
            return []
        names = ", ".join(gates.mapped("name"))
        return [self.env._("These onboarding tasks must be done before: %s.", names)]

    def _get_open_gates(self):
        # sudo: a gate holds whoever looks, e.g. a partner that has finished its last task.
        return self.sudo().onboarding_task_ids.filtered(
            lambda task: task.is_gate and task.state == "open"
        )

    @api.model
    def _enroll(self, vals):
        """Make a membership, to be followed by ``_begin``.

        The company's rule may give it to another partner manager than the user, who has no access
        to it then.

        :return: ``prm.membership``, with sudo
        """
        self.check_access("create")
        self.env["res.partner"].browse(vals["partner_id"]).check_access("read")
        self.env["prm.program"].browse(vals["program_id"]).check_access("read")
        self._check_enrolled_tier(vals)
        return self.sudo().create(vals)  # sudo: rights on model, partner and program were checked

    def _begin(self):
        """The one way in: start onboarding and agreements, then the business if nothing blocks."""
        self.ensure_one()
        self.action_start_onboarding()
        self._activate_if_ready()

    def _preview_begin(self):
        """What ``_begin`` would do with this new record, as sentences for staff."""
        plan = self.env["prm.onboarding.plan"]._match(self)
        reasons = self._get_start_reasons(plan)
        steps = []
        if plan:
            steps.append(
                self.env._(
                    "The onboarding plan “%(plan)s” starts. Steps: %(count)s.",
                    plan=plan.name,
                    count=len(plan.line_ids),
                )
            )
        if not reasons and plan and not plan.is_auto_activated:
            reasons.append(self.env._("Somebody of us activates it."))
        if reasons:
            waits = self.env._("The membership is not active yet.")
            return [*steps, " ".join([waits, *reasons])]
        return [*steps, self.env._("The membership is active at once.")]

    def _get_start_reasons(self, plan):
        """Why this new record could not be active at once: its plan has made no tasks yet."""
        gates = plan.line_ids.filtered("is_gate")
        return self._block_reasons("activation") + self._get_gate_reasons(gates)

    def _start_plan(self, plan=None, start=None):
        """Make the tasks of the plan that fits; those that are there already stay.

        :param plan: ``prm.onboarding.plan``, by default the most specific one
        :param date start: first day, by default today
        """
        self.ensure_one()
        # sudo: the plan is the program's, and its tasks may be for other people.
        membership = self.sudo()
        plan = plan or membership.env["prm.onboarding.plan"]._match(membership)
        if not plan:
            return
        membership.onboarding_plan_id = plan
        start = start or fields.Date.context_today(self)
        lines = plan.line_ids - membership.onboarding_task_ids.line_id
        tasks = membership.env["prm.onboarding.task"].create(
            [line._prepare_task_vals(membership, start) for line in lines]
        )
        for line, task in zip(lines, tasks, strict=True):
            line.copy_translations(task)  # each side reads it in its own language
        membership._chain_tasks()
        tasks._finish_reached()

    def _chain_tasks(self):
        """Let tasks wait for each other as the steps of the plan do."""
        by_line = {task.line_id: task for task in self.onboarding_task_ids if task.line_id}
        for line, task in by_line.items():
            if line.after_line_id in by_line:
                task.after_task_id = by_line[line.after_line_id]

    def _cancel_onboarding(self):
        """Skip what is still open."""
        # sudo: the right to end the membership was checked.
        open_tasks = self.sudo().onboarding_task_ids.filtered(lambda task: task.state == "open")
        open_tasks._finish("skipped", self.env.user)

    def _activate_after_gates(self):
        """Activate those with gates, if the last one is done."""
        self.filtered(
            lambda membership: any(task.is_gate for task in membership.onboarding_task_ids)
        )._activate_if_ready()

    def _activate_if_ready(self):
        """Activate those that nothing keeps from it any more, unless their plan leaves it to us."""
        for membership in self.filtered(lambda record: record.state == "onboarding"):
            plan = membership.sudo().onboarding_plan_id  # sudo: the plan is the program's
            by_hand = plan and not plan.is_auto_activated
            if not by_hand and not membership._block_reasons("activation"):
                membership.action_activate()

    def _mark_milestone(self, code, date=None):
        """Write down that these members have reached something for the first time.

        The first date stays. Onboarding tasks that wait for it are done with it.

        :param str code: one of ``prm_onboarding_clock.CODES``
        :param date: the day, by default today
        """
        day = date or fields.Date.context_today(self)
        # sudo: the fact is noted by the system, whoever has caused it.
        reached = self.env["prm.onboarding.clock"].sudo()._record(self.sudo(), code, day)
        reached.onboarding_task_ids.filtered(
            lambda task: task.state == "open" and task.auto_done == code
        )._finish("done", self.env.user, day)

    def _mail_overdue(self, tasks):
        """Remind the partner's administrators of their overdue tasks, in one mail."""
        self.ensure_one()
        template = self.env.ref("prm_partner.mail_template_onboarding_overdue", False)
        contacts = self._get_partner_admins()
        if template and contacts:
            template.with_context(prm_overdue_tasks=tasks).send_mail(
                self.id,
                email_layout_xmlid="prm_partner.mail_layout",
                email_values={"recipient_ids": [fields.Command.set(contacts.ids)]},
            )

    def _get_partner_admins(self):
        """Who at the partner is written to: its portal administrators, or the company."""
        group = self.env.ref("prm_partner.group_partner_admin")
        users = self.env["res.users"].search(
            [
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("all_group_ids", "in", group.ids),
            ]
        )
        return (users.partner_id or self.partner_id).filtered("email")
