from weakref import WeakKeyDictionary

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

# What the request of a cursor has lost. The cursor's own cache does not outlive a rollback.
LOST = WeakKeyDictionary()


class PrmAccountLock(models.Model):
    """One row per account key that was ever decided on, to put decisions in a queue.

    Odoo's transactions read a snapshot (REPEATABLE READ). An advisory lock alone would let the
    second of two claims go on with a snapshot that does not show the first. Changing a row makes
    PostgreSQL report a serialization failure instead, and Odoo repeats the request.

    A request that is repeated could lose again and again, as its snapshot is always older than the
    moment when it gets the lock: Odoo gives up after five times. Therefore it waits for its turn
    before it takes its snapshot (``_take_turn``), and then nobody can be faster.
    """

    _name = "prm.account.lock"
    _description = "Account Lock"
    _log_access = False

    name = fields.Char(required=True)
    version = fields.Integer(required=True, default=1)

    _name_uniq = models.UniqueIndex("(name)", "There is one lock per account key.")

    @api.model
    def _acquire(self, names):
        """Wait until no other transaction decides on these account keys, then keep them to its end.

        Ask for all keys of a transaction at once: who waits for some while it has others could
        meet somebody who does the same the other way round.

        :param names: names of the locks; they are taken in the same order by everybody
        """
        names = sorted(set(names))
        if not names:
            return
        # Waiting here is cheap and in order; the rows below notice a snapshot that is too old.
        self.env.cr.execute(self._on_each(SQL("pg_advisory_xact_lock"), names))
        try:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO prm_account_lock (name, version)"
                    " SELECT name, 1 FROM unnest(%s) AS name ORDER BY name"
                    " ON CONFLICT (name) DO UPDATE SET version = prm_account_lock.version + 1",
                    names,
                ),
                log_exceptions=False,
            )
        except psycopg2.errors.SerializationFailure:
            LOST.setdefault(self.env.cr, set()).update(names)
            raise

    @api.model
    def _take_turn(self):
        """If this request has lost before, wait for what it lost, then take a new snapshot.

        To be called at the start of a transaction, when nothing is read or written yet. The locks
        belong to the connection, so that they survive the change of transactions; they are given
        back at the end of the next one, however that ends.
        """
        cr = self.env.cr
        names = sorted(LOST.get(cr, ()))
        if not names:
            return
        connection = cr.connection
        cr.execute(self._on_each(SQL("pg_advisory_lock"), names))
        cr.rollback()
        unlock = cr.mogrify(self._on_each(SQL("pg_advisory_unlock"), names))

        def give_back():
            # The cursor may be closed by now, and Odoo keeps the connection for others.
            with connection.cursor() as plain:
                plain.execute(unlock)
            connection.rollback()

        cr.postcommit.add(give_back)
        cr.postrollback.add(give_back)

    @api.model
    def _on_each(self, function, names):
        """Query that calls a function on the number of each name, always in the same order."""
        return SQL(
            "SELECT %s(hash) FROM (SELECT DISTINCT hashtextextended(name, 0) AS hash"
            " FROM unnest(%s) AS name ORDER BY hash) AS hashes",
            function,
            names,
        )
