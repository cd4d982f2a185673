from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._prm_get_sources()._prm_accrue()
        return partials

    def unlink(self):
        sources = self._prm_get_sources()
        res = super().unlink()
        sources._prm_accrue()
        return res

    def _prm_get_sources(self):
        """The customer invoices of partner sales that these payments concern."""
        moves = self.debit_move_id.move_id | self.credit_move_id.move_id
        return moves._prm_get_sources()
