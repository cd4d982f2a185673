from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class ProductCategory(models.Model):
    _inherit = "product.category"

    @api.constrains("parent_id")
    def _check_prm_protections(self):
        """Moving a category moves what is protected: two partners must not meet by it.

        The database refuses that too; here the user learns which deals are in the way.
        """
        pairs = self._fetch_prm_clashes()
        if pairs:
            # sudo: whoever keeps the categories is told the numbers of the deals, no more.
            deals = self.env["prm.deal.registration"].sudo().browse(pairs[0])
            raise ValidationError(
                self.env._(
                    "The category cannot be moved there: the deals %(first)s and %(second)s"
                    " protect the same customer for two partners, and their product categories"
                    " would overlap. Wait until one of the protections has ended.",
                    first=deals[0].name,
                    second=deals[1].name,
                )
            )

    def _fetch_prm_clashes(self):
        """The first two registrations whose protections overlap by the place of a category."""
        self.env["prm.deal.protection"].flush_model(["active", "date_start", "date_end"])
        return self.env.execute_query(
            SQL(
                """
                SELECT one.registration_id, other.registration_id
                  FROM product_category moved
                  JOIN product_category below ON starts_with(below.parent_path, moved.parent_path)
                  JOIN prm_deal_protection one ON one.category_id = below.id AND one.active
                  JOIN prm_deal_protection other
                    ON other.account_key = one.account_key AND other.active
                   AND other.company_id = one.company_id AND other.partner_id != one.partner_id
                   AND other.date_start <= one.date_end AND other.date_end >= one.date_start
                  JOIN product_category theirs ON theirs.id = other.category_id
                 WHERE moved.id IN %s
                   AND (starts_with(theirs.parent_path, below.parent_path)
                        OR starts_with(below.parent_path, theirs.parent_path))
                 LIMIT 1
                """,
                self._ids or (0,),
            )
        )
