"""What uninstall hooks need: an add-on goes with its tables, but records go before tables."""

from odoo.tools import SQL


def let_go(env, module):
    """Drop the foreign keys of an add-on's fields, whose columns are about to go anyway.

    A row that nobody has removed yet would hold back the records that it refers to.

    :param str module: name of the add-on
    """
    columns = {
        (model._table, field.name)
        for model in env.values()
        if model._auto and not model._abstract
        for field in model._fields.values()
        if field._module == module and field.store and field.type == "many2one"
    }
    env.cr.execute(
        """
        SELECT class.relname, attribute.attname, con.conname
          FROM pg_constraint AS con
          JOIN pg_class AS class ON class.oid = con.conrelid
          JOIN pg_attribute AS attribute
            ON attribute.attrelid = con.conrelid AND attribute.attnum = con.conkey[1]
         WHERE con.contype = 'f' AND con.confdeltype = 'r'
           AND class.relnamespace = current_schema::regnamespace
        """
    )
    for table, column, name in env.cr.fetchall():
        if (table, column) in columns:
            env.cr.execute(
                SQL(
                    "ALTER TABLE %s DROP CONSTRAINT %s",
                    SQL.identifier(table),
                    SQL.identifier(name),
                )
            )
