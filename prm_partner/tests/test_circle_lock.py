import psycopg2

from odoo import api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

NAMES = ("Circle A", "Circle B")


@tagged("post_install", "-at_install")
class TestCircleLock(BaseCase):
    """Two people at once, each in a transaction of its own, do not close a circle together."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            programs = self._env(cr)["prm.program"].create(
                [{"name": name, "kind": "distributor"} for name in NAMES]
            )
            partners = self._env(cr)["res.partner"].create(
                [{"name": name, "is_company": True} for name in NAMES]
            )
            memberships = self._env(cr)["prm.membership"].create(
                [
                    {"partner_id": partner.id, "program_id": programs[0].id}
                    for partner in partners
                ]
            )
            self.program_ids, self.partner_ids = programs.ids, partners.ids
            self.membership_ids = memberships.ids

    def _env(self, cr):
        return api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})

    def _clean(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            env["prm.membership"].search([("program_id.name", "in", NAMES)]).unlink()
            env["prm.program"].search([("name", "in", NAMES)]).unlink()
            env["res.partner"].search([("name", "in", NAMES)]).unlink()
            cr.execute(
                "DELETE FROM prm_account_lock"
                " WHERE name LIKE 'distributor:%%' OR name LIKE 'prerequisite:%%'"
            )

    def _require(self, cr, program, prerequisite):
        env = self._env(cr)
        env["prm.program"].browse(self.program_ids[program]).prerequisite_ids = [
            Command.set([self.program_ids[prerequisite]])
        ]
        env.flush_all()

    def _supply(self, cr, membership, distributor):
        env = self._env(cr)
        env["prm.membership"].browse(self.membership_ids[membership]).distributor_id = (
            self.partner_ids[distributor]
        )
        env.flush_all()

    def _cross(self, step):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")  # the snapshot of the second is from before
            step(first, 0, 1)
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                step(second, 1, 0)
            second.rollback()
            with self.assertRaisesRegex(Exception, "own prerequisite|supplies itself"):
                step(second, 1, 0)  # Odoo repeats the request, which sees the other one now
            second.rollback()

    def test_prerequisites(self):
        self._cross(self._require)

    def test_distributors(self):
        self._cross(self._supply)

    def test_programs_without_prerequisites_do_not_wait(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            self._require(first, 0, 1)
            second.execute("SET LOCAL lock_timeout = '1s'")
            self._env(second)["prm.program"].browse(self.program_ids[1]).prerequisite_ids = [
                Command.clear()
            ]
            self._env(second).flush_all()
            first.rollback()
            second.rollback()
