import threading

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.prm_account_lock import LOST
from .lock_common import LockCase

NAME = "test:domain:race.com"


@tagged("post_install", "-at_install")
class TestLock(LockCase):
    LOCKS = (f"{NAME}%",)

    def _locks(self, cr):
        return self._env(cr)["prm.account.lock"]

    def test_second_waits_and_starts_again(self):
        errors = []
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")  # the snapshot of the second is from before
            self._locks(first)._acquire([NAME])
            # Made here: while tests run, another thread cannot get at the registry.
            locks = self._locks(second)

            def compete():
                try:
                    locks._acquire([NAME])
                except psycopg2.errors.SerializationFailure as error:
                    errors.append(error)
                second.rollback()

            thread = threading.Thread(target=compete)
            thread.start()
            thread.join(0.3)
            self.assertTrue(thread.is_alive(), "the second must wait for the first")
            first.commit()
            thread.join(10)
        self.assertEqual(len(errors), 1, "the second must not go on with its old snapshot")

    def test_old_snapshot_is_noticed_without_waiting(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")
            self._locks(first)._acquire([NAME])
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                self._locks(second)._acquire([NAME])
            second.rollback()

    def test_the_same_locks_in_another_order(self):
        """Two who want both wait for each other in turn, not for ever."""
        both = [NAME, f"{NAME}.other"]
        with self.registry.cursor() as watch:
            self._locks(watch)._acquire(both)
            watch.commit()
        done = []
        with self.registry.cursor() as first, self.registry.cursor() as second:
            self._locks(first)._acquire(both)
            locks = self._locks(second)

            def compete():
                try:
                    locks._acquire(reversed(both))
                except psycopg2.errors.SerializationFailure:
                    done.append("again")
                second.rollback()

            thread = threading.Thread(target=compete)
            thread.start()
            thread.join(0.2)
            self._locks(first)._acquire(both[1:])
            first.commit()
            thread.join(10)
        self.assertEqual(done, ["again"])

    def test_other_customers_do_not_wait(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            self._locks(first)._acquire([NAME])
            second.execute("SET LOCAL lock_timeout = '1s'")
            self._locks(second)._acquire([f"{NAME}.other"])
            first.rollback()
            second.rollback()

    def test_a_loser_does_not_lose_again(self):
        """Repeated, it waits before it reads, and whoever comes later waits for it."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")
            locks, rivals = self._locks(second), self._locks(first)
            rivals._acquire([NAME])
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                locks._acquire([NAME])
            second.rollback()
            locks._take_turn()
            first.execute("SET LOCAL lock_timeout = '100ms'")
            with self.assertRaises(psycopg2.errors.LockNotAvailable), mute_logger("odoo.sql_db"):
                rivals._acquire([NAME])
            first.rollback()
            locks._acquire([NAME])
            second.commit()
            first.execute("SET LOCAL lock_timeout = '1s'")
            rivals._acquire([NAME])
            first.rollback()

    def test_a_turn_ends_with_the_request(self):
        """Also if it fails, or ends before it needs the lock."""
        with self.registry.cursor() as watch:
            for end in ("commit", "rollback", "close"):
                cr = self.registry.cursor()
                LOST[cr] = {NAME}
                self._locks(cr)._take_turn()
                self.assertTrue(self._count_locks(watch), end)
                getattr(cr, end)()
                self.assertFalse(self._count_locks(watch), end)
                cr.close()

    def _count_locks(self, cr):
        cr.execute(
            "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objid ="
            " (hashtextextended(%s, 0) & 4294967295)::oid",
            [NAME],
        )
        return cr.fetchone()[0]
