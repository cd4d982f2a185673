from odoo import models

# Names of what the chatter and the activities add to a record.
STAFF_ONLY = ("message_", "website_message_", "activity_", "my_activity_")


class PrmThread(models.AbstractModel):
    """A record with messages whose partners reach the messages by their own access rights only.

    Odoo searches ``message_ids`` without the rules of the messages: whoever may read a record could
    find out, letter by letter, what internal notes on it say. Portal pages ask for the messages
    themselves, so partners need none of these fields.
    """

    _name = "prm.thread"
    _description = "Record with Protected Messages"
    _inherit = ["mail.thread"]

    def _has_field_access(self, field, operation):
        if field.name.startswith(STAFF_ONLY) and not self.env.su and self.env.user.share:
            return False
        return super()._has_field_access(field, operation)
