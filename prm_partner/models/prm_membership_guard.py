from odoo import api, models
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS


class PrmMembership(models.Model):
    """What steps and reviews note is not typed in: forms are not the only way to write.

    Loaded after the other sides of a membership, so that it sees what a client sends, and not
    what they add to it.
    """

    _inherit = "prm.membership"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_system_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        # What a refusal says must not tell who is a member to people who may not even ask.
        self.check_access("write")
        self._check_system_fields(vals)
        return super().write(vals)

    @api.model
    def _check_system_fields(self, vals):
        if self.env.su:
            return
        for name in vals.keys() - set(MAGIC_COLUMNS):
            field = self._fields.get(name)
            if field and field.readonly and field.store and not field.related:
                raise UserError(
                    self.env._(
                        "“%(field)s” is set by the steps and the reviews of a membership, not by"
                        " hand.",
                        field=field.get_description(self.env, ["string"])["string"],
                    )
                )
