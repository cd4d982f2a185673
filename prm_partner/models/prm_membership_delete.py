from odoo import api, models
from odoo.exceptions import UserError

from ..tools import usage


class PrmMembership(models.Model):
    """What was entered by mistake is deleted; what has a history is ended."""

    _inherit = "prm.membership"

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        for membership, users in usage.find_users(self).items():
            raise UserError(
                self.env._(
                    "%(membership)s cannot be deleted, because it has records of these kinds:"
                    " %(kinds)s. End it instead.",
                    membership=membership.display_name,
                    kinds=", ".join(users),
                )
            )
