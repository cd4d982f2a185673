from odoo import fields, models


class PrmTierBenefit(models.Model):
    _inherit = "prm.tier.benefit"

    kind = fields.Selection(
        selection_add=[("deal_pricelist", "Price list for registered deals")],
        ondelete={"deal_pricelist": "cascade"},
    )

    _deal_pricelist_check = models.Constraint(
        "CHECK(kind != 'deal_pricelist' OR pricelist_id IS NOT NULL)",
        "Choose the price list that the tier gives for registered deals.",
    )

    def _get_value(self):
        return self.pricelist_id if self.kind == "deal_pricelist" else super()._get_value()
