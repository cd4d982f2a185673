from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .prm_deal_registration import STAFF

NO_ORDER_ACTIVITY = "prm_deal_registration.mail_activity_type_no_order"


class PrmDealRegistration(models.Model):
    """What is sold of a deal: orders and invoices win it, a stage of the pipeline does not.

    The customer buys from us, or the partner buys and resells; the order knows both companies.
    """

    _inherit = "prm.deal.registration"

    order_ids = fields.One2many("sale.order", "registration_id", string="Orders", groups=STAFF)
    invoice_ids = fields.One2many(
        "account.move", "registration_id", string="Invoices", groups=STAFF
    )
    date_order_asked = fields.Date(
        string="Asked for the Order",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="When somebody was asked for the order of an opportunity that is won without one.",
    )

    def _is_sold(self):
        """Whether an order is confirmed, or an invoice that is not an order's is posted."""
        self.ensure_one()
        return any(order.state == "sale" for order in self.order_ids) or any(
            move.state == "posted" and move.move_type == "out_invoice" for move in self.invoice_ids
        )

    def _reopen_unsold(self):
        """Orders or invoices of these deals were cancelled: were they the last ones?"""
        self.filtered(lambda deal: deal.state == "won" and not deal._is_sold())._reopen()

    def action_new_resale_quotation(self):
        """Open a new quotation for the partner, who resells to the customer of the deal.

        :raise UserError: the deal is not approved
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state(("approved", "won"))
        if not self.lead_id:
            raise UserError(self.env._("The deal has no opportunity yet."))
        action = self.lead_id.action_new_quotation()
        action["context"] = {
            **action["context"],
            "default_partner_id": self.partner_id.id,
            "default_registration_id": self.id,
        }
        return action

    def _get_end_customer(self, create=False):
        """The customer of the deal as a contact of ours.

        :param bool create: make one from the opportunity if there is none
        :return: ``res.partner``, the company, or none
        """
        self.ensure_one()
        lead = self.lead_id
        if create and lead and not lead.partner_id:
            lead._handle_partner_assignment(create_missing=True)
        customer = lead.partner_id.commercial_partner_id
        return customer if customer != self.partner_id else customer.browse()

    @api.model
    def _cron_ask_for_orders(self):
        """Ask the managers of deals whose opportunity was won a while ago without an order."""
        now = fields.Datetime.now()
        for program in self.env["prm.program"].search([("won_order_days", ">", 0)]):
            deals = self.search(
                [
                    ("program_id", "=", program.id),
                    ("state", "=", "approved"),
                    ("date_order_asked", "=", False),
                    ("lead_id.won_status", "=", "won"),
                    ("lead_id.date_closed", "<=", now - timedelta(days=program.won_order_days)),
                ]
            )
            deals._ask_for_order()

    def _ask_for_order(self):
        self.date_order_asked = fields.Date.context_today(self)
        for deal in self:
            manager = deal._get_default_approver()
            if manager:
                deal.activity_schedule(NO_ORDER_ACTIVITY, user_id=manager.id)
