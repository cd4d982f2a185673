from odoo import api, models
from odoo.exceptions import UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Refuse to make one account of two that both have statements.

        :raise UserError: names the partners
        """
        partners = src_partners | dst_partner
        # sudo: statements that the user does not see count as well; only names are told.
        groups = self.env["prm.commission.settlement"].sudo()._read_group(
            [("partner_id", "in", partners.ids)], ["partner_id"]
        )
        if len(groups) > 1:
            raise UserError(
                self.env._(
                    "%(partners)s have statements of commissions each, which are never changed."
                    " Archive one of the contacts instead of merging them.",
                    partners=", ".join(partner.name for [partner] in groups),
                )
            )
        return super()._update_foreign_keys(src_partners, dst_partner)
