import json

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, sql

from ..tools import account_keys

BATCH = 2_000
# Tables with more rows than this get their keys by the cron, not during the installation.
LARGE = 20_000
VERSION = "prm_partner.account_keys_version"
PROGRESS = "prm_partner.account_keys_progress"


class PrmAccountKeys(models.AbstractModel):
    """Computing all keys anew: in slices that are committed, after the rules for keys changed."""

    _inherit = "prm.account.keys"

    def _auto_init(self):
        if not self._abstract and self._is_large():
            for name in self._get_key_fields():
                if not sql.column_exists(self.env.cr, self._table, name):
                    sql.create_column(self.env.cr, self._table, name, "varchar")
        return super()._auto_init()

    @api.model
    def _get_key_fields(self):
        return [f"key_{name}" for name in account_keys.AccountKeys.__annotations__]

    @api.model
    def _is_large(self):
        [[rows]] = self.env.execute_query(
            SQL("SELECT COALESCE(max(reltuples), 0) FROM pg_class WHERE relname = %s", self._table)
        )
        return rows > LARGE

    @api.model
    def _get_key_models(self):
        """Names of the models that have keys."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if not model._abstract
            and (field := model._fields.get("key_name_block"))
            and field.store
            and not field.inherited
        )

    @api.model
    def _check_key_version(self):
        """Compute all keys anew if they were made by other rules. Called at each upgrade."""
        if self._get_key_parameter(VERSION) != str(account_keys.KEYS_VERSION):
            self._trigger_recompute()

    @api.model
    def action_recompute_keys(self):
        """Start computing all keys anew, or say how far it is. For administrators.

        :return: action that shows a message
        :raise AccessError: the user is no administrator of partner programs
        """
        if not self.env.user.has_group("prm_partner.group_prm_admin"):
            raise AccessError(self.env._("Only administrators of partner programs may do this."))
        percent = self._get_recompute_progress()
        if percent == 100:
            self._restart_recompute()
            message = self.env._(
                "All account keys are computed anew in the background. Choose this again to see"
                " how far it is."
            )
        else:
            self._trigger_recompute()
            message = self.env._("%s %% of the account keys are computed.", percent)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": message},
        }

    @api.model
    def _restart_recompute(self):
        """Compute all keys anew from the beginning, whatever was done."""
        self._set_key_parameter(VERSION, False)
        self._set_key_parameter(PROGRESS, False)
        self._trigger_recompute()

    @api.model
    def _trigger_recompute(self):
        # sudo: only starts the scheduled action.
        self.env.ref("prm_partner.ir_cron_account_keys").sudo()._trigger()

    @api.model
    def _get_recompute_progress(self):
        """How far the present run is, in percent; 100 when all keys are up to date."""
        if self._get_key_parameter(VERSION) == str(account_keys.KEYS_VERSION):
            return 100
        done = self._get_key_positions()
        total = left = 0
        for name in self._get_key_models():
            [[highest, after]] = self.env.execute_query(
                SQL(
                    "SELECT count(*), count(*) FILTER (WHERE id > %s) FROM %s",
                    done.get(name, 0),
                    SQL.identifier(self.env[name]._table),
                )
            )
            total += highest
            left += after
        return round(100 * (total - left) / total) if total else 100

    @api.model
    def _cron_recompute_keys(self):
        """Go on where the last run ended, until the keys of all models are those of this version.

        Each slice is committed with its position: a run that is killed repeats one slice at most,
        which changes nothing.
        """
        if self._get_key_parameter(VERSION) == str(account_keys.KEYS_VERSION):
            return
        cron = self.env["ir.cron"]
        positions = self._get_key_positions()
        names = self._get_key_models()
        for index, name in enumerate(names):
            # Writing down that all is done is work, too.
            others = len(names) - index
            # sudo: keys of all companies, also of archived records.
            model = self.env[name].sudo().with_context(active_test=False)
            while ids := model._get_next_ids(positions.get(name, 0)):
                model.browse(ids)._rewrite_keys()
                positions[name] = ids[-1]
                self._set_key_parameter(PROGRESS, self._dump_positions(positions))
                remaining = model._count_after(ids[-1]) + others
                if not cron._commit_progress(len(ids), remaining=remaining):
                    return
                self.env.invalidate_all()
        self._set_key_parameter(VERSION, str(account_keys.KEYS_VERSION))
        self._set_key_parameter(PROGRESS, False)
        cron._commit_progress(1, remaining=0)

    @api.model
    def _get_next_ids(self, position):
        query = SQL(
            "SELECT id FROM %s WHERE id > %s ORDER BY id LIMIT %s",
            SQL.identifier(self._table),
            position,
            BATCH,
        )
        return [row_id for [row_id] in self.env.execute_query(query)]

    @api.model
    def _count_after(self, position):
        """How many are left, up to a limit: counting a large table takes longer than a slice."""
        query = SQL(
            "SELECT count(*) FROM (SELECT 1 FROM %s WHERE id > %s LIMIT %s) AS rest",
            SQL.identifier(self._table),
            position,
            10 * BATCH,
        )
        [[count]] = self.env.execute_query(query)
        return count

    def _rewrite_keys(self):
        """Write the keys that differ, by one statement: without log, tracking and write date."""
        names = list(account_keys.AccountKeys.__annotations__)
        rows = [
            (record.id, *account_keys.account_keys(record._get_account_data()).values())
            for record in self
        ]
        columns = [SQL.identifier(f"key_{name}") for name in names]
        fresh = [SQL.identifier("fresh", f"key_{name}") for name in names]
        old = [SQL.identifier("old", f"key_{name}") for name in names]
        query = SQL(
            "UPDATE %(table)s AS old SET %(assignments)s FROM (VALUES %(rows)s) AS fresh"
            " (id, %(columns)s) WHERE fresh.id = old.id"
            " AND (%(old)s) IS DISTINCT FROM (%(fresh)s)",
            table=SQL.identifier(self._table),
            assignments=SQL(", ").join(
                SQL("%s = %s", column, value) for column, value in zip(columns, fresh, strict=True)
            ),
            rows=SQL(", ").join(self._as_row(row) for row in rows),
            columns=SQL(", ").join(columns),
            old=SQL(", ").join(old),
            fresh=SQL(", ").join(fresh),
        )
        self.env.cr.execute(query)
        self.invalidate_recordset([f"key_{name}" for name in names], flush=False)

    @api.model
    def _as_row(self, row):
        # The type is said: a column of nothing but NULL would have none.
        values = [SQL("%s::varchar", value) for value in row[1:]]
        return SQL("(%s, %s)", row[0], SQL(", ").join(values))

    @api.model
    def _get_key_positions(self):
        try:
            stored = json.loads(self._get_key_parameter(PROGRESS) or "{}")
        except ValueError:
            return {}
        # What another version has computed is worth nothing.
        return stored.get("done", {}) if stored.get("version") == account_keys.KEYS_VERSION else {}

    @api.model
    def _dump_positions(self, positions):
        return json.dumps({"version": account_keys.KEYS_VERSION, "done": positions})

    @api.model
    def _get_key_parameter(self, name):
        # sudo: parameters of this model only.
        return self.env["ir.config_parameter"].sudo().get_param(name)

    @api.model
    def _set_key_parameter(self, name, value):
        # sudo: as above.
        self.env["ir.config_parameter"].sudo().set_param(name, value)
