from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .prm_membership import ACTIVE_STATES, OPEN_STATES, STATES


class PrmMembership(models.Model):
    """The steps of a membership's life, and how suspending and ending are undone."""

    _inherit = "prm.membership"

    # Partners are told by the portal's pages; a distributor who may read the rest is not.
    state_reason = fields.Char(
        string="Reason",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Why the membership is suspended or ended; the partner's portal shows it.",
    )
    suspension_reason = fields.Char(readonly=True, copy=False, groups="base.group_user")
    suspended_from = fields.Selection(
        STATES, string="Status Before Suspension", readonly=True, copy=False,
        groups="base.group_user",
    )
    ended_from = fields.Selection(
        STATES, string="Status Before the End", readonly=True, copy=False,
        groups="base.group_user",
    )
    planned_end = fields.Date(
        string="Last Day Before It Was Ended", readonly=True, copy=False, groups="base.group_user"
    )
    was_primary = fields.Boolean(
        string="Was Primary Before the End", readonly=True, copy=False, groups="base.group_user"
    )

    def action_start_onboarding(self):
        """Applicant → onboarding."""
        self._move_to("onboarding", ("applicant",))

    def action_activate(self):
        """Applicant or onboarding → active. A tier at risk is safe again by the review only.

        The membership starts today unless it has a date, and lasts as long as its program says.

        :raise UserError: the reasons why the membership cannot be activated
        """
        self.check_access("write")
        self._check_state(("applicant", "onboarding"))
        self._check_not_blocked("activation")
        today = fields.Date.context_today(self)
        for membership in self:
            start = membership.date_start or today
            membership._write_step(
                {
                    "date_start": start,
                    "date_end": membership.date_end or membership._get_term_end(start, today),
                    "date_activated": membership.date_activated or today,
                }
            )
        self._move_to("active", ("applicant", "onboarding"))

    def action_ask_suspend(self):
        """Ask for the reason, then suspend."""
        return self._get_stop_action("suspend", ACTIVE_STATES)

    def action_ask_end(self):
        """Ask for the reason, then end."""
        return self._get_stop_action("end", OPEN_STATES)

    def action_suspend(self, reason=False):
        """Active or at risk → suspended: the partner keeps its records but registers nothing new.

        :param str reason: why, shown to the partner
        """
        self._stop("suspended", ACTIVE_STATES, "suspended_from", reason)

    def action_end(self, reason=False):
        """End the membership today; the partner's next membership becomes the primary one.

        :param str reason: why, shown to the partner
        """
        today = fields.Date.context_today(self)
        self.check_access("write")
        self._check_state(OPEN_STATES)
        for membership in self:
            last_day = min(today, membership.date_end or today)
            # sudo: the right to write was checked above; by itself nobody writes these.
            membership.sudo().write(
                {
                    "planned_end": membership.date_end,
                    "was_primary": membership.is_primary,
                    "date_end": max(last_day, membership.date_start or last_day),
                }
            )
        self._stop("ended", OPEN_STATES, "ended_from", reason)
        self._pass_on_primary()

    def action_resume(self):
        """Undo suspending or ending: back to the status, dates and primary flag of before.

        :raise UserError: a membership cannot be active again, with the reasons
        """
        self.check_access("write")
        self._check_state(("suspended", "ended"))
        ended = self.filtered(lambda membership: membership.state == "ended")
        (self - ended)._check_not_blocked("activation")
        ended._reopen()
        for membership in self - ended:
            membership._move_to(membership.suspended_from or "active", ("suspended",))
            membership._write_step({"suspended_from": False, "state_reason": False})

    def action_make_primary(self):
        """Make this the partner's primary membership in place of the present one."""
        self.ensure_one()
        self.check_access("write")
        self._check_state(OPEN_STATES)
        # sudo: the flag is taken from the partner's membership of another manager or company too.
        others = self.sudo().search(
            [("partner_id", "=", self.partner_id.id), ("id", "!=", self.id)]
        )
        others.was_primary = False  # the choice of today holds, also when an end is undone
        self._take_primary()

    def _get_stop_action(self, step, allowed):
        self.check_access("write")
        self._check_state(allowed)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_partner.prm_membership_stop_action"
        )
        titles = {
            "suspend": self.env._("Suspend Membership"),
            "end": self.env._("End Membership"),
        }
        return {
            **action,
            "name": titles[step],
            "context": {"default_step": step, "default_membership_ids": self.ids},
        }

    def _stop(self, state, allowed, before, reason):
        for old_state, memberships in self.grouped("state").items():
            memberships._move_to(state, allowed)
            memberships._write_step({before: old_state, "state_reason": reason})
            if state == "suspended":  # it is told again when an end that comes later is undone
                memberships._write_step({"suspension_reason": reason})
        if reason:
            for membership in self:
                membership._message_log(body=reason)

    def _reopen(self):
        """Ended → the status before; a last day that is over gives way to a new term."""
        self._check_partner_there()
        self.filtered(
            lambda membership: membership.ended_from not in ("applicant", "onboarding")
        )._check_not_blocked("activation")
        today = fields.Date.context_today(self)
        for membership in self:
            last_day = membership.planned_end
            if last_day and last_day < today:
                last_day = membership._get_term_end(today, today)
            membership._move_to(membership.ended_from or "active", ("ended",))
            reason = membership.suspension_reason if membership.state == "suspended" else False
            membership.date_end = last_day
            if membership.was_primary or not membership._get_primaries():
                membership._take_primary()
            membership._write_step(
                {
                    "ended_from": False,
                    "planned_end": False,
                    "was_primary": False,
                    "state_reason": reason,
                }
            )

    def _check_partner_there(self):
        """The contact may have changed since the end."""
        self._check_commercial_partner()
        for partner in self.partner_id.filtered(lambda partner: not partner.active):
            raise UserError(
                self.env._(
                    "%(partner)s is archived. Restore the contact before you undo the end of its"
                    " membership.",
                    partner=partner.name,
                )
            )

    def _move_to(self, state, allowed):
        self.check_access("write")
        self._check_state(allowed)
        self._write_step({"state": state})

    def _write_step(self, vals):
        # sudo: the right to write was checked by the step; by itself nobody writes these fields.
        self.sudo().write(vals)

    def _get_primaries(self):
        """The primary memberships of these partners."""
        # sudo: a primary membership in a company that the user does not see counts as well.
        return self.sudo().search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("is_primary", "=", True),
                ("state", "!=", "ended"),
            ]
        )

    def _take_primary(self):
        """Move the partner's primary flag here."""
        self.ensure_one()
        primaries = self._get_primaries() - self
        primaries.is_primary = False
        primaries.flush_recordset(["is_primary"])  # first: the database allows one at any time
        self.is_primary = True

    def _pass_on_primary(self):
        primaries = self.filtered("is_primary")
        primaries.is_primary = False
        primaries.flush_recordset(["is_primary"])
        # sudo: the heir may be the membership of another manager.
        heirs = self.sudo().search(
            [("partner_id", "in", primaries.partner_id.ids), ("state", "in", ACTIVE_STATES)]
        )
        for memberships in heirs.grouped("partner_id").values():
            memberships[0].is_primary = True

    def _check_not_blocked(self, action):
        reasons = [reason for membership in self for reason in membership._block_reasons(action)]
        if reasons:
            raise UserError("\n".join(reasons))

    def _block_reasons(self, action):
        """Why this membership may not do something now. The one hook that other add-ons extend.

        The sentences are for staff and for the partner.

        :param str action: "activation", "registration" (of a deal), "renewal" or "payout"
        :return: list of translated sentences, empty if it may
        """
        self.ensure_one()
        # sudo: why a membership is stopped is meant for the partner, who reads few of the fields.
        membership = self.sudo()
        if action == "activation":
            reasons = [membership._get_program_reason(), *membership._get_prerequisite_reasons()]
        elif action == "registration":
            reasons = [membership._get_state_reason() or membership._get_program_reason()]
        elif action == "renewal":
            reasons = [membership._get_program_reason()]
        else:
            suspended = membership.state == "suspended"
            reasons = [membership._get_state_reason() if suspended else None]
        return [reason for reason in reasons if reason]

    def _get_program_reason(self):
        return self.program_id._get_validity_reason()

    def _get_prerequisite_reasons(self):
        held = self.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("program_id", "in", self.program_id.prerequisite_ids.ids),
                ("state", "in", ACTIVE_STATES),
            ]
        ).program_id
        return [
            self.env._(
                "“%(program)s” asks for an active membership in “%(prerequisite)s”, which"
                " %(partner)s does not have.",
                program=self.program_id.name,
                prerequisite=prerequisite.name,
                partner=self.partner_id.name,
            )
            for prerequisite in self.program_id.prerequisite_ids - held
        ]

    def _get_state_reason(self):
        """Why the status does not allow to do business; None if it does."""
        if self.state in ACTIVE_STATES:
            return None
        names = {"program": self.program_id.name, "reason": self.state_reason or ""}
        if self.state == "suspended":
            if self.state_reason:
                return self.env._(
                    "The membership in “%(program)s” is suspended: %(reason)s", **names
                )
            return self.env._("The membership in “%(program)s” is suspended.", **names)
        if self.state == "ended":
            names["date"] = format_date(self.env, self.date_end)
            if self.state_reason:
                return self.env._(
                    "The membership in “%(program)s” ended on %(date)s: %(reason)s", **names
                )
            return self.env._("The membership in “%(program)s” ended on %(date)s.", **names)
        return self.env._("The membership in “%(program)s” is not active yet.", **names)
