import psycopg2

from odoo import api, models
from odoo.exceptions import UserError

PREFIX = "prm."


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        if self._name.startswith(PREFIX) and not self.env.su:
            for vals in vals_list:
                self._check_computed(vals)
        return super().create(vals_list)

    def write(self, vals):
        if self._name.startswith(PREFIX) and not self.env.su:
            self._check_computed(vals)
        return super().write(vals)

    @api.model
    def _check_computed(self, vals):
        """Refuse values that our records get from others, such as the partner of a membership.

        Record rules rely on them, and read-only fields are read-only in forms only: Odoo lets
        every client write them.
        """
        for name in vals:
            field = self._fields.get(name)
            if field and field.readonly and field.store and (field.compute or field.related):
                raise UserError(
                    self.env._(
                        "“%(field)s” follows from other data, so it is not entered by hand.",
                        field=field.get_description(self.env, ["string"])["string"],
                    )
                )

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
