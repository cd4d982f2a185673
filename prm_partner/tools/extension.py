"""Extensions of PostgreSQL that an add-on cannot do without."""

import psycopg2

from odoo.exceptions import UserError


def require_btree_gist(env):
    """Have the extension that compares scalars in an exclusion constraint.

    Safe to call again: a model calls it from ``_auto_init``, so that an upgrade has it as well.

    :raise UserError: the extension is not there and this database user may not create it
    """
    try:
        with env.cr.savepoint():
            env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist", log_exceptions=False)
    except psycopg2.Error as error:
        raise UserError(
            env._(
                "Partner programs need the PostgreSQL extension “btree_gist”, which keeps"
                " periods from overlapping. Install the PostgreSQL contrib package"
                " on the database server, let a database administrator run CREATE EXTENSION"
                " btree_gist in this database, then install or upgrade the app again.\n\n%s",
                error,
            )
        ) from error
