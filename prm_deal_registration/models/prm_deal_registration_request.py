from odoo import fields, models
from odoo.addons.prm_partner.tools import working_time
from odoo.exceptions import UserError

REQUEST_ACTIVITY = "prm_deal_registration.mail_activity_type_request"


class PrmDealRegistration(models.Model):
    """Requests about approved deals: who answers them, and when they come to nothing."""

    _inherit = "prm.deal.registration"

    request_ids = fields.One2many("prm.deal.request", "registration_id", string="Requests")

    def _close_claim(self):
        self._get_open_requests()._answer("cancelled", False)
        return super()._close_claim()

    def _get_open_requests(self, kind=None):
        domain = [("registration_id", "in", self.ids), ("state", "=", "open")]
        if kind:
            domain.append(("kind", "=", kind))
        return self.env["prm.deal.request"].search(domain)

    def _schedule_request(self, request):
        """Ask the partner's manager to answer within the days that a decision may take."""
        due = working_time.deadline(
            self.company_id.resource_calendar_id,
            fields.Datetime.now(),
            self.policy_id.decision_days,
        )
        responsible = self._get_responsible()
        if responsible:
            self.activity_schedule(
                REQUEST_ACTIVITY,
                date_deadline=due.date(),
                user_id=responsible.id,
                summary=request.display_name,
                note=request.reason,
            )

    def _get_responsible(self):
        """Who looks after an approved deal."""
        reviewer = self.approver_id
        return reviewer if reviewer.active else self._get_default_approver()

    def _close_request_activities(self):
        waiting = self._get_open_requests().registration_id
        (self - waiting).activity_feedback([REQUEST_ACTIVITY])

    def _check_reason(self, reason):
        """A text that has to be given.

        :return: the text without blanks around it
        :raise UserError: there is none, or it is too long
        """
        text = reason.strip() if isinstance(reason, str) else ""
        if not text:
            raise UserError(self.env._("Say why."))
        error = self._check_portal_length("description", text)
        if error:
            raise UserError(error)
        return text.replace("\x00", "")
