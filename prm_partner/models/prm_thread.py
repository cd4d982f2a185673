from odoo import models


class PrmThread(models.AbstractModel):
    """A thread that is protected from the start."""

    _name = "prm.thread"
    _description = "Record with Protected Messages"
    _inherit = ["prm.thread.guard", "mail.thread"]
