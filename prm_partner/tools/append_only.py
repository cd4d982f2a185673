"""Tables that may only grow: history, event logs and ledgers.

The ORM can be bypassed (SQL, imports, a careless add-on), so the promise that a fact is never
changed is kept by a trigger in the database.
"""

from contextlib import contextmanager

from odoo.tools import SQL

# Deleting a user empties these two by the foreign key's ON DELETE SET NULL; they are no facts.
TECHNICAL_COLUMNS = ("create_uid", "write_uid", "write_date")

_FUNCTION = SQL(
    """
    CREATE OR REPLACE FUNCTION prm_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        mutable text[] := TG_ARGV || COALESCE(current_setting('prm.merged_column', TRUE), '');
    BEGIN
        IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - mutable) = (to_jsonb(OLD) - mutable) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'Rows of %% are never changed or deleted.', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """
)


def protect(cr, table, mutable=()):
    """Make ``table`` refuse DELETE, and UPDATE of any column but the ``mutable`` ones.

    Safe to call again: an add-on calls it from ``_auto_init`` of the model.

    :param cr: database cursor
    :param str table: name of the table
    :param mutable: names of columns that may change after the row is written
    """
    arguments = SQL(", ").join(
        SQL("%s", column) for column in (*TECHNICAL_COLUMNS, *mutable)
    )
    trigger, table_name = SQL.identifier(f"{table}_append_only"), SQL.identifier(table)
    cr.execute(_FUNCTION)
    cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", trigger, table_name))
    cr.execute(
        SQL(
            "CREATE TRIGGER %s BEFORE UPDATE OR DELETE ON %s"
            " FOR EACH ROW EXECUTE FUNCTION prm_refuse_change(%s)",
            trigger,
            table_name,
            arguments,
        )
    )


@contextmanager
def merging(cr, column):
    """Let ``column`` of protected rows change within this block: two records become one.

    The facts stay; they are about the record that is left. No table is locked for it, and the
    permission ends with the transaction if the block fails.
    """
    cr.execute(SQL("SELECT set_config('prm.merged_column', %s, TRUE)", column))
    yield
    cr.execute("SELECT set_config('prm.merged_column', '', TRUE)")


def lift(cr, table):
    """Let ``table`` be changed until ``protect``: for a new column that needs values.

    Call it within the transaction that protects the table again; the table may not exist yet.
    """
    cr.execute(
        SQL(
            "DROP TRIGGER IF EXISTS %s ON %s",
            SQL.identifier(f"{table}_append_only"),
            SQL.identifier(table),
        )
    )


def release(cr, table):
    """Empty ``table`` for good and let it go: for the ``uninstall_hook`` of its add-on.

    Without it the rows would keep the records that they refer to from being uninstalled.
    """
    lift(cr, table)
    cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))


def drop_function(cr):
    """Drop the function of the triggers, unless an add-on that goes later still has one."""
    cr.execute(
        SQL(
            """
            SELECT FROM pg_trigger JOIN pg_proc ON pg_proc.oid = pg_trigger.tgfoid
             WHERE pg_proc.proname = 'prm_refuse_change' LIMIT 1
            """
        )
    )
    if not cr.rowcount:
        cr.execute(SQL("DROP FUNCTION IF EXISTS prm_refuse_change()"))
