from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    # Customers read their invoices in the portal, but not which partner is paid for them.
    registration_id = fields.Many2one(
        "prm.deal.registration",
        string="Deal Registration",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
    )
    prm_partner_id = fields.Many2one(
        "res.partner",
        string="Deal Partner",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="The partner that this sale is credited to.",
    )
    prm_end_customer_id = fields.Many2one(
        "res.partner",
        string="End Customer",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="Who uses what is sold, also if a partner buys and resells it.",
    )

    def _post(self, soft=True):
        """An invoice wins its deal, also without an order."""
        posted = super()._post(soft=soft)
        # sudo: a deal is won by the invoice, whoever posts it.
        for move in posted.sudo().filtered(lambda move: move.move_type == "out_invoice"):
            move.registration_id._win(move)
        return posted

    def button_draft(self):
        res = super().button_draft()
        # sudo: the deal follows its invoices, whoever takes them back.
        self.sudo().registration_id._reopen_unsold()
        return res

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A credit note belongs to the same deal as the invoice; a mere copy of one does not."""
        defaults = default_values_list or [{} for _move in self]
        # sudo: the accountant needs no rights on deals to correct an invoice.
        for move, values in zip(self.sudo(), defaults, strict=True):
            values.setdefault("registration_id", move.registration_id.id)
            values.setdefault("prm_partner_id", move.prm_partner_id.id)
            values.setdefault("prm_end_customer_id", move.prm_end_customer_id.id)
        return super()._reverse_moves(defaults, cancel=cancel)
