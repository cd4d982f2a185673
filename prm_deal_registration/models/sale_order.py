from odoo import api, fields, models
from odoo.tools import sql


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # Customers read their orders in the portal, but not which partner is paid for them.
    registration_id = fields.Many2one(
        "prm.deal.registration",
        string="Deal Registration",
        compute="_compute_registration_id",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
    )
    prm_partner_id = fields.Many2one(
        "res.partner",
        string="Deal Partner",
        compute="_compute_prm_partner_id",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="The partner that this sale is credited to.",
    )
    prm_end_customer_id = fields.Many2one(
        "res.partner",
        string="End Customer",
        compute="_compute_prm_end_customer_id",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="Who uses what is sold: the customer of this order, or whom the partner resells to.",
    )
    prm_is_resale = fields.Boolean(
        string="Resold by the Partner",
        compute="_compute_prm_is_resale",
        groups="base.group_user",
    )

    def _auto_init(self):
        # No order can have a registration yet: don't compute empty values at installation.
        for column in ("registration_id", "prm_partner_id", "prm_end_customer_id"):
            if not sql.column_exists(self.env.cr, self._table, column):
                sql.create_column(self.env.cr, self._table, column, "int4")
        return super()._auto_init()

    @api.depends("opportunity_id.registration_id")
    def _compute_registration_id(self):
        for order in self:
            deal = order.opportunity_id.registration_id
            # What was sold stays credited, whatever happens to the opportunity later.
            open_quotation = order.state in ("draft", "sent")
            order.registration_id = deal if open_quotation else order.registration_id

    @api.depends("registration_id.partner_id")
    def _compute_prm_partner_id(self):
        for order in self:
            open_quotation = order.state in ("draft", "sent")
            partner = order.registration_id.partner_id
            order.prm_partner_id = partner if open_quotation else order.prm_partner_id or partner

    @api.depends("partner_id", "prm_partner_id")
    def _compute_prm_is_resale(self):
        for order in self:
            buyer = order.partner_id.commercial_partner_id
            order.prm_is_resale = bool(buyer) and buyer == order.prm_partner_id

    @api.depends("partner_id", "registration_id.lead_id.partner_id", "prm_partner_id")
    def _compute_prm_end_customer_id(self):
        for order in self:
            deal = order.registration_id
            customer = order.prm_end_customer_id
            if order.state in ("draft", "sent"):
                if not deal:
                    customer = False
                elif not order.prm_is_resale:
                    customer = order.partner_id.commercial_partner_id
                else:
                    customer = deal._get_end_customer() or customer
            order.prm_end_customer_id = customer

    @api.depends("registration_id", "prm_is_resale")
    def _compute_pricelist_id(self):
        """A partner that buys for a registered deal gets the prices that its tier has for that."""
        res = super()._compute_pricelist_id()
        # sudo: the salesperson needs no right on deals to sell at their prices.
        for order in self.sudo().filtered(lambda order: order.state == "draft"):
            if order.registration_id and order.prm_is_resale:
                pricelist = order.registration_id.membership_id._prm_benefit("deal_pricelist")
                order.pricelist_id = pricelist or order.pricelist_id
        return res

    def action_confirm(self):
        # Settle what is credited while the order is a quotation: later it does not change any more.
        orders = self.sudo()  # sudo: the salesperson needs no right on deals
        orders.mapped("prm_partner_id")
        for order in orders:
            if order.prm_is_resale and not order.prm_end_customer_id:
                order.prm_end_customer_id = order.registration_id._get_end_customer(create=True)
        return super().action_confirm()

    def _action_confirm(self):
        res = super()._action_confirm()
        for order in self.sudo():  # sudo: a deal is won by the order, whoever confirms that
            order.registration_id._win(order)
        return res

    def _action_cancel(self):
        res = super()._action_cancel()
        # sudo: the deal follows its orders, whoever cancels them.
        self.sudo().registration_id._reopen_unsold()
        return res

    def _prepare_invoice(self):
        # sudo: whoever makes the invoice, also a customer who pays online, hands the deal on.
        order = self.sudo()
        return {
            **super()._prepare_invoice(),
            "registration_id": order.registration_id.id,
            "prm_partner_id": order.prm_partner_id.id,
            "prm_end_customer_id": order.prm_end_customer_id.id,
        }

    def _get_invoice_grouping_keys(self):
        return [
            *super()._get_invoice_grouping_keys(),
            "registration_id",
            "prm_partner_id",
            "prm_end_customer_id",
        ]
