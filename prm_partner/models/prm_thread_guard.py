from odoo import api, models
from odoo.fields import Domain

# Names of what the chatter and the activities add to a record.
STAFF_ONLY = (
    "message_",
    "website_message_",
    "has_message",
    "activity_",
    "my_activity_",
    "rating_",
)


class PrmThreadGuard(models.AbstractModel):
    """A record with messages whose partners reach the messages by their own access rights only.

    Odoo searches ``message_ids`` without the rules of the messages: whoever may read a record could
    find out, letter by letter, what internal notes on it say. Portal pages ask for the messages
    themselves, so partners need none of these fields.
    """

    _name = "prm.thread.guard"
    _description = "Protection of Messages"

    def _has_field_access(self, field, operation):
        if field.name.startswith(STAFF_ONLY) and not self.env.su and self.env.user.share:
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        # Odoo does not ask for the access to a field that has a search method of its own.
        if self.env.user.share and not self.env.su and not bypass_access:
            for condition in Domain(domain).iter_conditions():
                name = condition.field_expr.partition(".")[0]
                if name.startswith(STAFF_ONLY) and name in self._fields:
                    self._check_field_access(self._fields[name], "read")
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
