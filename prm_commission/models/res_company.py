from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    prm_commission_journal_id = fields.Many2one(
        "account.journal",
        string="Commission Journal",
        index="btree_not_null",
        domain="[('type', '=', 'purchase'), ('company_id', '=', id)]",
        check_company=True,
    )
    prm_commission_product_id = fields.Many2one(
        "product.product",
        string="Commission Product",
        index="btree_not_null",
        domain=[("purchase_ok", "=", True)],
    )

    def _get_prm_commission_product(self):
        """The product on the bills for commission, with its account and taxes."""
        default = self.env.ref("prm_commission.product_commission", raise_if_not_found=False)
        return self.prm_commission_product_id or default or self.env["product.product"]
