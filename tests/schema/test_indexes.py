"""Every foreign key and every one2many inverse of ours has an index that starts with it.

Without one, each deletion of a referenced record and each opening of a one2many reads the whole
table: harmless in a test, a matter of seconds in a database that is some years old.
"""

from odoo.tests import TransactionCase, tagged

# columns that are the first of a usable index: a partial one counts if it only leaves out NULL,
# as searches for a record never look for NULL
INDEXED = """
    SELECT t.relname, a.attname
      FROM pg_index i
      JOIN pg_class t ON t.oid = i.indrelid
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
      JOIN pg_class x ON x.oid = i.indexrelid
      JOIN pg_am am ON am.oid = x.relam
     WHERE i.indisvalid
       AND t.relnamespace = current_schema::regnamespace
       AND am.amname = 'btree'
       AND (i.indpred IS NULL
            OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname))
"""
FOREIGN_KEYS = """
    SELECT t.relname, a.attname
      FROM pg_constraint c
      JOIN pg_class t ON t.oid = c.conrelid
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f'
       AND t.relnamespace = current_schema::regnamespace
"""
# Odoo adds these two to every table and never searches by them
AUTHORSHIP = {"create_uid", "write_uid"}


@tagged("post_install", "-at_install")
class TestIndexes(TransactionCase):
    def _rows(self, query: str) -> set[tuple[str, str]]:
        self.env.cr.execute(query)
        return set(self.env.cr.fetchall())

    def _is_ours(self, modules) -> bool:
        return any(name.startswith("prm_") for name in (modules or "").split(", "))

    def _our_fields(self):
        """Fields that a ``prm_`` module defines, on its own model or on one of Odoo's."""
        fields = self.env["ir.model.fields"].search([("model_id.transient", "=", False)])
        return fields.filtered(lambda field: self._is_ours(field.modules))

    def _our_tables(self) -> set[str]:
        """Tables of models that a ``prm_`` module was the first to define, relations included."""
        tables = {
            self.env[name]._table
            for name, model in self.env.registry.items()
            if (model._original_module or "").startswith("prm_") and not model._transient
        }
        relations = self._our_fields().filtered(lambda f: f.ttype == "many2many" and f.store)
        return tables | set(relations.mapped("relation_table"))

    def _our_columns(self) -> set[tuple[str, str]]:
        """(table, column) of the many2one fields and of the inverses of one2many fields."""
        columns = set()
        for field in self._our_fields():
            model = self.env.registry[field.model]
            if field.ttype == "many2one" and field.store and not model._abstract and model._auto:
                columns.add((model._table, field.name))
            if field.ttype == "one2many" and field.relation_field:
                target = self.env[field.relation]
                inverse = target._fields[field.relation_field]
                # a reference of the kind (model, id) has an index that starts with the model
                if target._auto and inverse.store and inverse.type == "many2one":
                    columns.add((target._table, field.relation_field))
        return columns

    def _missing(self) -> set[tuple[str, str]]:
        """Columns of ours without an index."""
        tables = self._our_tables()
        keys = {row for row in self._rows(FOREIGN_KEYS) if row[0] in tables}
        wanted = {row for row in keys | self._our_columns() if row[1] not in AUTHORSHIP}
        transient = {model._table for model in self.env.registry.values() if model._transient}
        missing = wanted - self._rows(INDEXED)
        return {row for row in missing if row[0] not in transient}

    def test_every_reference_has_an_index(self):
        missing = sorted(f"{table}.{column}" for table, column in self._missing())
        self.assertFalse(missing, "give these fields index=True (or 'btree_not_null')")

    def test_the_check_looks_at_our_tables(self):
        """The check must not be green because it looks at nothing."""
        tables = self._our_tables()
        for name in ("prm_program", "prm_membership", "prm_deal_registration"):
            self.assertIn(name, tables)
        self.assertIn(("prm_membership", "program_id"), self._our_columns())
        self.assertIn(("crm_lead", "registration_id"), self._our_columns())

    def test_a_missing_index_is_found(self):
        """Without its index, a column of ours is reported, and it alone."""
        before = self._missing()
        self._drop_indexes("prm_membership", "program_id")
        self.assertEqual(self._missing() - before, {("prm_membership", "program_id")})

    def test_an_index_on_a_later_column_does_not_count(self):
        """An index of two columns serves the first of them only."""
        before = self._missing()
        self._drop_indexes("prm_membership", "program_id")
        self.env.cr.execute("CREATE INDEX ON prm_membership (id, program_id)")
        self.assertEqual(self._missing() - before, {("prm_membership", "program_id")})
        self.env.cr.execute("CREATE INDEX ON prm_membership (program_id, id)")
        self.assertEqual(self._missing(), before)

    def test_a_foreign_key_that_no_field_knows_is_found(self):
        """Tables of many2many fields, and what an upgrade has left, count as well."""
        before = self._missing()
        self.env.cr.execute(
            "ALTER TABLE prm_membership ADD COLUMN relic_id integer REFERENCES res_partner"
        )
        self.assertEqual(self._missing() - before, {("prm_membership", "relic_id")})

    def _drop_indexes(self, table: str, column: str) -> None:
        self.env.cr.execute(
            """SELECT x.relname
                 FROM pg_index i
                 JOIN pg_class t ON t.oid = i.indrelid
                 JOIN pg_class x ON x.oid = i.indexrelid
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
                WHERE t.relname = %s AND a.attname = %s""",
            (table, column),
        )
        for (name,) in self.env.cr.fetchall():
            self.env.cr.execute(f'DROP INDEX "{name}"')
