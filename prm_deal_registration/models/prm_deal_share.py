from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PrmDealShare(models.Model):
    """What a further partner gets of a deal. The rest is the registered partner's."""

    _name = "prm.deal.share"
    _description = "Deal Share"
    _order = "registration_id, id"

    registration_id = fields.Many2one(
        "prm.deal.registration", string="Deal", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="registration_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_prm_partner", "=", True)],
    )
    percent = fields.Float(string="Share (%)", required=True, digits=(5, 2), aggregator=None)

    _partner_uniq = models.UniqueIndex(
        "(registration_id, partner_id)",
        "This partner has a share of the deal already. Change that one.",
    )
    _percent_check = models.Constraint(
        "CHECK(percent > 0 AND percent <= 100)", "A share is more than 0 and up to 100 %."
    )

    @api.depends("partner_id.name", "percent")
    def _compute_display_name(self):
        for share in self:
            share.display_name = f"{share.partner_id.name or ''}: {share.percent:g} %"

    @api.constrains("registration_id", "partner_id", "percent")
    def _check_shares(self):
        # Two people at once would each see a sum without the other's share.
        names = sorted(f"deal_share:{deal.id}" for deal in self.registration_id)
        self.env["prm.account.lock"]._acquire(names)
        for deal in self.registration_id:
            deal._check_shares()

    @api.constrains("partner_id", "registration_id")
    def _check_partner(self):
        for share in self:
            partner = share.partner_id
            if partner != partner.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact. The share is the company's: %(company)s.",
                        contact=partner.name,
                        company=partner.commercial_partner_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        shares = super().create(vals_list)
        shares.registration_id._log_shares()
        return shares

    def write(self, vals):
        deals = self.registration_id
        res = super().write(vals)
        (deals | self.registration_id)._log_shares()
        return res

    def unlink(self):
        deals = self.registration_id
        res = super().unlink()
        deals._log_shares()
        return res
