from odoo import api, fields, models
from odoo.addons.prm_partner.tools import working_time

from .prm_deal_registration import STAFF
from .prm_deal_registration_sale import NO_ORDER_ACTIVITY

DECISION_ACTIVITY = "prm_deal_registration.mail_activity_type_decision"


class PrmDealRegistration(models.Model):
    """What happens around and after the decision: clock, mails, end of the deal."""

    _inherit = "prm.deal.registration"

    mail_lang = fields.Char(compute="_compute_mail_lang", compute_sudo=True, groups=STAFF)

    @api.depends("contact_id.lang", "partner_id.lang")
    def _compute_mail_lang(self):
        """Language of the mails; one that is not installed any more must not stop a decision."""
        installed = dict(self.env["res.lang"].get_installed())
        for deal in self:
            langs = (deal.contact_id.lang, deal.partner_id.lang, deal.company_id.partner_id.lang)
            deal.mail_lang = next((lang for lang in langs if lang in installed), False)

    def _get_decision_deadline(self, start=None):
        """End of the last working day that the policy allows for the decision.

        :param datetime start: moment of submission, by default now
        """
        self.ensure_one()
        return working_time.deadline(
            self.company_id.resource_calendar_id,
            start or fields.Datetime.now(),
            self.policy_id.decision_days,
        )

    def _schedule_decision(self, approver):
        if approver:
            self.activity_schedule(
                DECISION_ACTIVITY,
                date_deadline=self.date_deadline.date(),
                user_id=approver.id,
            )

    def _close_activities(self):
        self.activity_feedback([DECISION_ACTIVITY, NO_ORDER_ACTIVITY])

    def _subscribe_contact(self):
        """The partner's person follows the messages meant for partners, never internal notes."""
        comment = self.env.ref("mail.mt_comment")
        for deal in self.filtered("contact_id"):
            deal.message_subscribe(deal.contact_id.ids, subtype_ids=comment.ids)

    def _send_mail(self, template_xmlid):
        """Queue a mail to the partner, in the partner's language."""
        template = self.env.ref(template_xmlid, raise_if_not_found=False)
        deals = self.filtered(lambda deal: (deal.contact_id or deal.partner_id).email)
        if template and deals:
            template.send_mail_batch(deals.ids, email_layout_xmlid="prm_partner.mail_layout")

    def _win(self, sale):
        """An order or invoice of the deal is confirmed. The protection stays until its date."""
        deals = self.filtered(lambda deal: deal.state == "approved")
        deals._transition(
            "won", "won", {"order": sale.name}, date_won=fields.Date.context_today(self)
        )
        deals.membership_id._mark_milestone("first_won")
        deals._close_activities()

    def _lose(self):
        """The opportunity is lost: the customer is free for others."""
        deals = self.filtered(lambda deal: deal.state == "approved")
        deals.protection_ids.active = False
        deals._transition("lost", "lost")
        deals._close_activities()

    def _reopen(self):
        """The order was cancelled, or the lost opportunity is taken up again."""
        deals = self.filtered(lambda deal: deal.state in ("won", "lost"))
        deals._lock_accounts()
        for deal in deals:
            if not deal._may_reopen():
                deal._transition("expired", "expired")
                continue
            deal.lead_id.partner_assigned_id = deal.lead_id.partner_assigned_id or deal.partner_id
            deal._transition("approved", "reopened", date_won=False, date_order_asked=False)
            deal.with_context(active_test=False).protection_ids.active = True

    def _may_reopen(self):
        """Whether the protection still runs, and nobody else got customer or opportunity."""
        self.ensure_one()
        lead = self.lead_id
        assigned = lead.partner_assigned_id.commercial_partner_id
        return (
            self.date_protected_until >= fields.Date.context_today(self)
            and not self._get_rival_protections()
            and not lead.registration_id - self
            and assigned in (assigned.browse(), self.partner_id)
        )
