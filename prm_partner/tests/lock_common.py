from odoo import api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name


class LockCase(BaseCase):
    """Two transactions at once, each with a connection of its own; what they leave is removed."""

    # patterns of the names of the account locks that the tests take
    LOCKS = ()

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._clean)

    def _clean(self):
        with self.registry.cursor() as cr:
            for pattern in self.LOCKS:
                cr.execute("DELETE FROM prm_account_lock WHERE name LIKE %s", [pattern])

    def _env(self, cr):
        return api.Environment(cr, api.SUPERUSER_ID, {})
