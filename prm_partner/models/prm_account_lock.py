from odoo import api, fields, models
from odoo.tools import SQL


class PrmAccountLock(models.Model):
    """One row per account key that was ever decided on, to put decisions in a queue.

    Odoo's transactions read a snapshot (REPEATABLE READ). An advisory lock alone would let the
    second of two claims go on with a snapshot that does not show the first. Changing a row makes
    PostgreSQL report a serialization failure instead, and Odoo repeats the request.
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

        :param names: names of the locks; everybody takes them in the same order, against deadlocks
        """
        names = list(names)
        if not names:
            return
        # Waiting here is cheap and in order; the rows below notice a snapshot that is too old.
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock(hash) FROM ("
                " SELECT DISTINCT hashtextextended(name, 0) AS hash FROM unnest(%s) AS name"
                " ORDER BY hash) AS hashes",
                names,
            )
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO prm_account_lock (name, version)"
                " SELECT DISTINCT name, 1 FROM unnest(%s) AS name ORDER BY name"
                " ON CONFLICT (name) DO UPDATE SET version = prm_account_lock.version + 1",
                names,
            ),
            log_exceptions=False,
        )
