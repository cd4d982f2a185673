from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _authenticate(cls, endpoint):
        """A request that is repeated because it came second waits first, and reads then."""
        request.env["prm.account.lock"]._take_turn()
        return super()._authenticate(endpoint)
