from psycopg2.errors import RestrictViolation

from odoo.tools import mute_logger

from .tier_common import TierCase


class TestRestrict(TierCase):
    def test_what_is_used_says_so_when_it_is_deleted(self):
        """Also by PostgreSQL 18, whose error Odoo does not know."""
        with (
            self.assertRaises(RestrictViolation) as caught,
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.metric.unlink()
        message = self.env["prm.tier.requirement"]._sql_error_to_message(caught.exception)
        self.assertIn("Tier Requirement", message)
        self.assertIn("Archive the record instead", message)
