from odoo import models
from odoo.exceptions import UserError


class PrmStateMixin(models.AbstractModel):
    """For records whose ``state`` is changed by steps that are possible in some states only."""

    _name = "prm.state.mixin"
    _description = "Record with Steps"

    def _check_state(self, allowed):
        """Refuse a step that one of these records is not ready for.

        :param allowed: the states in which the step is possible
        :raise UserError: names the first record in another state, and that state
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        for record in self:
            if record.state not in allowed:
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s”, so this step is not possible now.",
                        record=record.display_name,
                        state=labels[record.state],
                    )
                )
