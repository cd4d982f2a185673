from psycopg2.errors import IntegrityConstraintViolation

from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger

from .common import PartnerCase


class TestAppendOnly(PartnerCase):
    def setUp(self):
        super().setUp()
        self.change = self._enroll(self.partner).change_ids

    def _assert_refused(self, query):
        with (
            self.assertRaises(IntegrityConstraintViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.cr.execute(query)

    def test_database_refuses_update_of_a_fact(self):
        self._assert_refused(
            SQL("UPDATE prm_tier_change SET reason_text = 'x' WHERE id = %s", self.change.id)
        )

    def test_database_refuses_delete(self):
        self._assert_refused(SQL("DELETE FROM prm_tier_change WHERE id = %s", self.change.id))

    def test_technical_columns_may_change(self):
        self.cr.execute(
            SQL("UPDATE prm_tier_change SET write_date = now() WHERE id = %s", self.change.id)
        )
        self.assertEqual(self.cr.rowcount, 1)

    def test_orm_refuses_with_a_message(self):
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            self.change.write({"reason": "x"})
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.change.unlink()
