from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from ..tools.groups import STAFF
from .prm_business_plan import AGREED_STATES

PARTNER_ADMIN = "prm_partner.group_partner_admin"
PLAN_ACTIVITY = "prm_partner.mail_activity_type_plan"
MAX_COMMENT = 5_000
SLICE = 200
NO_AGREEMENT = {
    "vendor_agreed_by_id": False,
    "vendor_agreed_on": False,
    "partner_agreed_by_id": False,
    "partner_agreed_on": False,
}


class PrmBusinessPlan(models.Model):
    """The way of a plan: draft → proposed → agreed by both → running → closed."""

    _inherit = "prm.business.plan"

    def action_propose(self):
        """Draft → proposed: the partner sees the plan and is asked by mail to agree.

        :raise UserError: a plan has no objective, or is no draft
        """
        empty = self.filtered(lambda plan: not plan.objective_ids)
        if empty:
            raise UserError(
                self.env._(
                    "“%(plan)s” has no objective yet. Add at least one, for example a revenue"
                    " for the year, so that both sides know what they agree to.",
                    plan=empty[0].name,
                )
            )
        self._move_to("proposed", ("draft",), date_proposed=fields.Datetime.now())
        self._subscribe_contact()
        self._send_mail("prm_partner.mail_template_plan_proposed")

    def action_withdraw(self):
        """Proposed → draft: the partner does not see it any more; its content can be changed."""
        self.check_access("write")
        self._check_state(("proposed",))
        self._reopen()

    def action_agree(self, version=None, comment=None):
        """Agree to a proposed plan, for the vendor or for the partner, whoever calls.

        The plan is agreed when both sides did, and runs as soon as its period has begun.

        :param version: the version that was read; a plan changed meanwhile is not agreed to
        :param str comment: posted for the other side to read
        :raise AccessError: neither the partner's administrator nor staff in charge of the partner
        :raise UserError: not proposed, changed meanwhile, or agreed to by this side already
        """
        self.ensure_one()
        side, person = self._get_side()
        self._check_state(("proposed",))
        self._check_version(version)
        text = self._check_comment(comment)
        # sudo: who may agree was checked, and only the fields of this side are written.
        plan = self.sudo()
        if plan[f"{side}_agreed_on"]:
            raise UserError(self.env._("Your side has agreed to this plan already."))
        plan.write({f"{side}_agreed_by_id": person.id, f"{side}_agreed_on": fields.Datetime.now()})
        plan._post(
            self.env._("Agreed to version %(version)s.", version=plan.version), text, self.env.user
        )
        if plan.vendor_agreed_on and plan.partner_agreed_on:
            plan._take_effect()

    def action_return(self, comment, version=None):
        """Proposed → draft: the partner asks for changes, and the owner is told which.

        :param str comment: what should change
        :param version: see ``action_agree``
        :raise AccessError: not the partner's administrator
        :raise UserError: not proposed, changed meanwhile, or no comment
        """
        self.ensure_one()
        if self._get_side()[0] != "partner":
            raise AccessError(self.env._("Only the partner asks for changes of a proposed plan."))
        self._check_state(("proposed",))
        self._check_version(version)
        text = self._check_comment(comment)
        if not text:
            raise UserError(self.env._("Write what should change in the plan."))
        plan = self.sudo()  # sudo: who may ask was checked; partners have no right to write
        plan._post(
            self.env._("Asked for changes of version %(version)s.", version=plan.version),
            text,
            self.env.user,
        )
        plan._reopen()
        plan._remind(self.env._("The partner asks for changes of the plan"))

    def action_close(self):
        """Agreed or running → closed."""
        self._move_to("closed", AGREED_STATES)
        self.activity_feedback([PLAN_ACTIVITY])

    def action_cancel(self):
        """Give the plan up, whatever was agreed."""
        self._move_to("cancelled", ("draft", "proposed", *AGREED_STATES))
        self.activity_unlink([PLAN_ACTIVITY])

    def action_reset(self):
        """Cancelled → draft; both sides have to agree again."""
        self.check_access("write")
        self._check_state(("cancelled",))
        self._reopen()

    def _reopen(self):
        """Make these plans drafts again, as a new version if the partner has seen this one."""
        for plan in self.sudo():  # sudo: the callers have checked who asks for it
            version = plan.version + 1 if plan.date_proposed else plan.version
            plan.write(
                {"state": "draft", "date_proposed": False, "version": version, **NO_AGREEMENT}
            )

    def _get_side(self):
        """For whom the user acts: ("vendor", ``res.users``) or ("partner", ``res.partner``)."""
        self.check_access("read")
        user = self.env.user
        if user.has_group(STAFF):
            self.check_access("write")
            return "vendor", user
        own = user.partner_id.commercial_partner_id == self.partner_id
        if own and user.has_group(PARTNER_ADMIN):
            return "partner", user.partner_id
        raise AccessError(
            self.env._("Only an administrator of the partner can answer a proposed plan.")
        )

    def _check_version(self, version):
        if version is not None and version != self.version:
            raise UserError(
                self.env._("The plan was changed meanwhile. Read its new version, then answer.")
            )

    def _check_comment(self, comment):
        """The comment without blanks around it.

        :raise UserError: no text, or too long
        """
        if comment is not None and not isinstance(comment, str):
            raise UserError(self.env._("The comment must be a text."))
        text = (comment or "").replace("\x00", "").strip()
        if len(text) > MAX_COMMENT:
            raise UserError(
                self.env._(
                    "The comment is too long: at most %(number)s characters.", number=MAX_COMMENT
                )
            )
        return text

    def _post(self, sentence, comment, user):
        """Tell both sides, as a message that the portal shows."""
        self.message_post(
            body=plaintext2html(f"{sentence}\n{comment}" if comment else sentence),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=user.partner_id.id,
        )

    def _take_effect(self):
        """Both sides agree: run if it is time, and end the plan that this one amends."""
        today = fields.Date.context_today(self)
        self.state = "running" if self.date_start <= today else "agreed"
        amended = self.amends_id.filtered(lambda plan: plan.state in AGREED_STATES)
        amended.review_ids.filtered(lambda review: not review.date_done).plan_id = self
        amended.activity_unlink([PLAN_ACTIVITY])
        amended.state = "closed"

    def _subscribe_contact(self):
        """The partner's person follows the messages meant for partners, never internal notes."""
        comment = self.env.ref("mail.mt_comment")
        for plan in self.filtered("contact_id"):
            plan.message_subscribe(plan.contact_id.ids, subtype_ids=comment.ids)

    def _send_mail(self, template_xmlid):
        template = self.env.ref(template_xmlid, raise_if_not_found=False)
        plans = self.filtered(lambda plan: (plan.contact_id or plan.partner_id).email)
        if template and plans:
            template.send_mail_batch(plans.ids, email_layout_xmlid="prm_partner.mail_layout")

    def _remind(self, summary):
        """An activity of today for the owner of each plan.

        :return: ``mail.activity``, for the plans that have an owner
        """
        activities = self.env["mail.activity"]
        for user, plans in self.filtered("user_id").grouped("user_id").items():
            activities |= plans.activity_schedule(PLAN_ACTIVITY, summary=summary, user_id=user.id)
        return activities

    @api.model
    def _cron_follow_up(self):
        """Start plans whose period begins, measure objectives, remind of reviews and of the end.

        Each step finds what is left to do by itself, so that it can be stopped at any moment.
        """
        today = fields.Date.context_today(self)
        steps = (
            (self, [("state", "=", "agreed"), ("date_start", "<=", today)], "_start"),
            (self.env["prm.objective"], self._get_stale_domain(today), "_refresh"),
            (self.env["prm.business.plan.review"], self._get_overdue_domain(today), "_remind"),
            (
                self,
                [
                    ("state", "=", "running"),
                    ("date_end", "<", today),
                    ("end_reminded", "=", False),
                ],
                "_remind_end",
            ),
        )
        for model, domain, method in steps:
            if not self._run_slices(model, domain, method):
                break

    @api.model
    def _run_slices(self, model, domain, method):
        """Call ``method`` on the records of ``domain``, which it takes out of it, slice by slice.

        :return: False when the time of the job is over
        """
        remaining = model.search_count(domain)
        while remaining > 0:
            records = model.search(domain, limit=SLICE, order="id")
            if not records:
                break
            getattr(records, method)()
            remaining = max(remaining - len(records), 0)
            if not self.env["ir.cron"]._commit_progress(len(records), remaining=remaining):
                return False
        return True

    @api.model
    def _get_stale_domain(self, today):
        return [
            ("plan_id.state", "in", ("proposed", *AGREED_STATES)),
            "|",
            ("measured_on", "=", False),
            ("measured_on", "<", today),
        ]

    @api.model
    def _get_overdue_domain(self, today):
        return [
            ("plan_id.state", "in", AGREED_STATES),
            ("date", "<", today),
            ("date_done", "=", False),
            ("date_reminded", "=", False),
        ]

    def _start(self):
        self.state = "running"

    def _remind_end(self):
        self.end_reminded = True
        self._remind(self.env._("The plan is over: look at the result and close it"))
