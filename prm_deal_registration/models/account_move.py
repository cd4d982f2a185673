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

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A credit note belongs to the same deal as the invoice; a mere copy of one does not."""
        defaults = default_values_list or [{} for _move in self]
        # sudo: the accountant needs no rights on deals to correct an invoice.
        for move, values in zip(self.sudo(), defaults, strict=True):
            values.setdefault("registration_id", move.registration_id.id)
            values.setdefault("prm_partner_id", move.prm_partner_id.id)
        return super()._reverse_moves(defaults, cancel=cancel)
