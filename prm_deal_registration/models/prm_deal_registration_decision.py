from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from .prm_deal_registration import EDITABLE_STATES, PENDING_STATES

ACTIVE_MEMBERSHIP_STATES = ("active", "at_risk")


class PrmDealRegistration(models.Model):
    """The decision on a claim, by staff or by rule, and what it brings about."""

    _inherit = "prm.deal.registration"

    def action_start_review(self):
        """Submitted → in review, by the user who presses the button."""
        self._check_decision(("submitted",))
        # sudo: the right to decide was checked; the state is no field to edit.
        self.sudo()._transition("in_review", "routed", approver_id=self.env.uid)

    def action_approve(self):
        """Approve the claim: opportunity, protection and mail to the partner.

        Conflicts are checked again first. If a grave one has come up since the reviewer looked,
        nothing is approved, and the reviewer is shown the new state.

        :return: True, or an action that reports new conflicts
        :raise UserError: not to be decided, or the customer is protected for another partner
        """
        self._check_decision(PENDING_STATES)
        deals = self.sudo()  # sudo: the right to decide was checked; the rest is done by the system
        deals._lock_accounts()
        if deals._find_new_conflicts():
            return self._get_new_conflict_action()
        for deal in deals:
            deal._approve()
        return True

    def action_reject(self, reason_id, note):
        """Refuse the claim.

        :param int reason_id: id of a ``prm.deal.reason``, which the partner is told
        :param str note: text for the partner
        :raise UserError: not to be decided, or the reason is missing
        """
        self._check_decision(PENDING_STATES)
        reason = self.env["prm.deal.reason"].browse(reason_id).exists()
        if not reason:
            raise UserError(self.env._("Choose a reason, which the partner is told."))
        self.sudo()._reject(reason, note)  # sudo: the right to decide was checked

    def action_return(self, reason):
        """Send the claim back to the partner, who completes it and keeps its place in the queue.

        :param str reason: what is missing
        """
        self._check_decision(PENDING_STATES)
        if not (reason or "").strip():
            raise UserError(self.env._("Say what the partner shall add or correct."))
        deals = self.sudo()  # sudo: the right to decide was checked
        deals._transition("returned", "returned", {"note": reason}, decision_note=reason)
        deals._close_activities()
        deals._send_mail("prm_deal_registration.mail_template_returned")

    def action_withdraw(self):
        """Give the claim up; a protection ends. For staff, or for the partner.

        :raise UserError: the deal is closed already
        """
        self._check_partner_action()
        self._check_state((*EDITABLE_STATES, "approved"))
        deals = self.sudo()  # sudo: the right was checked; partners have no write access
        leads = deals._get_leads_of_partner()
        deals.protection_ids.active = False
        deals._transition("withdrawn", "withdrawn")
        leads._leave_partner()
        deals._close_activities()

    def _get_leads_of_partner(self):
        """The opportunities that approval assigned to the partner, and that it still has."""
        return self.filtered(
            lambda deal: deal.state == "approved"
            and deal.lead_id.partner_assigned_id.commercial_partner_id == deal.partner_id
        ).lead_id

    def _check_decision(self, allowed):
        """The user is staff with write access, and the registrations wait for a decision."""
        self.check_access("write")
        self._check_state(allowed)

    def _decide(self):
        """Let the first approval rule that holds decide; without one the claim waits."""
        self.ensure_one()
        rule = self.env["prm.approval.rule"]._match(self)
        if rule.outcome == "approve" and not self._get_rival_protections():
            self._approve(rule)
        elif rule.outcome == "reject":
            self._reject(rule.reason_id, False)
        else:
            self._route(rule)

    def _route(self, rule):
        approver = rule.approver_id or self._get_default_approver()
        values = {"approver_id": approver.id}
        if rule:
            self._transition("in_review", "routed", {"rule": rule.name}, **values)
        else:
            self.write(values)
        self._schedule_decision(approver)
        self._send_mail("prm_deal_registration.mail_template_received")

    def _get_default_approver(self):
        candidates = self.membership_id.user_id | self.program_id.user_id
        return candidates.filtered(
            lambda user: user.active and user.has_group("prm_partner.group_partner_manager")
        )[:1]

    def _approve(self, rule=None):
        self.ensure_one()
        self._check_membership_active()
        self._check_lead_free()
        self._check_lead_open()
        start = fields.Date.context_today(self)
        end = start + timedelta(days=self._get_protection_days())
        rivals = self._get_rival_protections(start, end)
        if rivals:
            raise UserError(rivals._get_message())
        self.lead_id = self._tie_opportunity()
        self._transition(
            "approved",
            "approved",
            {"rule": rule.name} if rule else {},
            date_protected_from=start,
            date_protected_until=end,
            **self._prepare_decision_vals(),
        )
        self.env["prm.deal.protection"]._protect(self)
        self.membership_id._mark_milestone("first_registration")
        self._close_activities()
        self._send_mail("prm_deal_registration.mail_template_approved")

    def _check_membership_active(self):
        if self.membership_id.state not in ACTIVE_MEMBERSHIP_STATES:
            raise UserError(
                self.env._(
                    "The membership of %(partner)s is not active. Resume it or reject the deal.",
                    partner=self.partner_id.name,
                )
            )

    def _get_rival_protections(self, start=None, end=None):
        start = start or fields.Date.context_today(self)
        end = end or start + timedelta(days=self._get_protection_days())
        return self.env["prm.deal.protection"]._get_rivals(self, start, end)

    def _reject(self, reason, note):
        self._transition(
            "rejected",
            "rejected",
            {"reason": reason.code, "note": note or ""},
            reason_id=reason.id,
            decision_note=note,
            **self._prepare_decision_vals(),
        )
        self._close_activities()
        self._send_mail("prm_deal_registration.mail_template_rejected")

    def _prepare_decision_vals(self):
        return {"date_decided": fields.Datetime.now(), "decided_by_id": self.env.uid}
