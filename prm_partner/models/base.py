import psycopg2

from odoo import api, models


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _sql_error_to_message_generic(self, exc):
        # Since PostgreSQL 18, ON DELETE RESTRICT has a code of its own, which Odoo does not know.
        if isinstance(exc, psycopg2.errors.RestrictViolation):
            return self.env._(
                "Something else (%(model)s) still needs the record that you are trying to delete."
                " Archive the record instead, or delete first what needs it.",
                model=self.env["ir.model"]._get(self._name).name or self._description,
            )
        return super()._sql_error_to_message_generic(exc)
