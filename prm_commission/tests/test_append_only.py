from psycopg2.errors import IntegrityConstraintViolation, UniqueViolation

from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger

from .common import CommissionCase


class TestAppendOnly(CommissionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._new_invoice()
        cls._pay(cls.invoice)
        cls.entry = cls._get_entries(cls.invoice)

    def _assert_refused(self, query, error=IntegrityConstraintViolation):
        with self.assertRaises(error), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.cr.execute(query)

    def test_database_refuses_every_fact(self):
        mutable = {"id", "settlement_id", "state", "create_uid", "write_uid", "write_date"}
        columns = [
            name
            for name, field in self.entry._fields.items()
            if field.store and field.column_type and name not in mutable
        ]
        self.assertGreater(len(columns), 15)
        for column in columns:
            with self.subTest(column=column):
                self._assert_refused(
                    SQL(
                        "UPDATE prm_commission_entry SET %(c)s = NULL WHERE id = %(id)s"
                        " AND %(c)s IS NOT NULL"
                        if self.entry[column]
                        else "UPDATE prm_commission_entry SET amount = 1 WHERE id = %(id)s",
                        c=SQL.identifier(column),
                        id=self.entry.id,
                    )
                )

    def test_database_refuses_delete(self):
        self._assert_refused(SQL("DELETE FROM prm_commission_entry WHERE id = %s", self.entry.id))

    def test_key_is_unique(self):
        copied = [
            name
            for name, field in self.entry._fields.items()
            if field.store and field.column_type and name != "id"
        ]
        columns = SQL(", ").join(map(SQL.identifier, copied))
        self._assert_refused(
            SQL(
                "INSERT INTO prm_commission_entry (%s) SELECT %s FROM prm_commission_entry"
                " WHERE id = %s",
                columns,
                columns,
                self.entry.id,
            ),
            UniqueViolation,
        )

    def test_orm_refuses_with_a_message(self):
        with self.assertRefused(UserError, "never changed"):
            self.entry.write({"amount": 1})
        with self.assertRefused(UserError, "never changed"):
            self.entry.sudo(False).write({"settlement_id": False})
        with self.assertRefused(UserError, "never deleted"):
            self.entry.unlink()
