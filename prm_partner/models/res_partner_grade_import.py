from odoo import api, models
from odoo.fields import Domain

from ..tools.tier_names import SEPARATOR


class ResPartnerGrade(models.Model):
    _inherit = "res.partner.grade"

    @api.model
    def _search_display_name(self, operator, value):
        """A tier is also found by its name with the program, “Resellers: Gold”."""
        domain = super()._search_display_name(operator, value)
        names = [value] if isinstance(value, str) else list(value or [])
        pairs = [
            name.split(SEPARATOR, 1)
            for name in names
            if isinstance(name, str) and SEPARATOR in name
        ]
        if operator in Domain.NEGATIVE_OPERATORS or not pairs:
            return domain
        exact = "=" if operator in ("=", "in") else operator
        return Domain(domain) | Domain.OR(
            Domain([("program_id.name", exact, program), ("name", exact, tier)])
            for program, tier in pairs
        )
