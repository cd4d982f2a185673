from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, mute_logger

from ..models import prm_deal_registration_log as log
from ..tools.event_hash import chained_hash
from .common import DealCase


class TestLog(DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._register()
        cls.deal.with_user(cls.manager).action_withdraw()
        cls.events = cls.env["prm.deal.event"]

    @contextmanager
    def _tampering(self):
        """As somebody does it who owns the database."""
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE prm_deal_event DISABLE TRIGGER USER")
        yield self.env.cr
        self.env.cr.execute("ALTER TABLE prm_deal_event ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def _get_break(self):
        return self.events._find_breaks(self.deal).get(self.deal)

    def test_count_and_end(self):
        self.assertEqual(self.deal.event_count, len(self.deal.event_ids))
        self.assertEqual(self.deal.event_hash, self.deal.event_ids[-1].hash)
        self.assertFalse(self._get_break())

    def test_many_deals_by_one_statement(self):
        deals = self.deal | self._register(name="initech") | self._register(name="umbrella")
        before = {deal: deal.event_count for deal in deals}
        self.env.flush_all()
        deals.mapped("event_hash")
        with self.assertQueryCount(1):
            self.events._log(deals, "reopened", {deals[1].id: {"note": "ü\n'"}})
        for deal in deals:
            self.assertEqual(deal.event_count, before[deal] + 1)
            self.assertEqual(deal.event_ids[-1].type, "reopened")
        self.assertEqual(deals[1].event_ids[-1].data, {"note": "ü\n'"})
        self.assertEqual(deals[0].event_ids[-1].user_id, self.env.user)
        self.assertFalse(self.events._find_breaks(deals))

    def test_each_change_is_found(self):
        second = self.deal.event_ids[1]
        changes = {
            "type": "won",
            "user_id": self.manager.id,
            "date": "2020-01-01 00:00:00",
            "data": '{"conflicts": 0}',
            "registration_id": self._register(name="initech").id,
        }
        for column, value in changes.items():
            with self.subTest(column), self.env.cr.savepoint() as savepoint:
                with self._tampering() as cr:
                    cr.execute(
                        SQL(
                            "UPDATE prm_deal_event SET %s = %s WHERE id = %s",
                            SQL.identifier(column),
                            value,
                            second.id,
                        )
                    )
                self.assertIn("Entry 2 of", self._get_break())
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertFalse(self._get_break())

    def test_deleted_rows_are_found(self):
        count = len(self.deal.event_ids)
        for number, text in ((0, "Entry 1 of"), (1, "Entry 2 of"), (-1, "last 1 entries")):
            with self.subTest(number), self.env.cr.savepoint() as savepoint:
                with self._tampering() as cr:
                    cr.execute(
                        "DELETE FROM prm_deal_event WHERE id = %s",
                        [self.deal.event_ids[number].id],
                    )
                self.assertIn(text, self._get_break())
                savepoint.rollback()
                self.env.invalidate_all()
        with self._tampering() as cr:
            cr.execute("DELETE FROM prm_deal_event WHERE registration_id = %s", [self.deal.id])
        self.assertIn(f"last {count} entries", self._get_break())

    def test_a_replaced_end_is_found(self):
        """A row with a right hash that somebody else made."""
        last = self.deal.event_ids[-1]
        row = {name: last[name] for name in ("date", "prev_hash")}
        row |= {"registration_id": self.deal.id, "user_id": last.user_id.id, "type": "won"}
        hashed = self.events._get_hashed_values({**row, "data": {}})
        row |= {"data": "{}", "hash": chained_hash(last.prev_hash, hashed)}
        with self._tampering() as cr:
            cr.execute("DELETE FROM prm_deal_event WHERE id = %s", [last.id])
            cr.execute(
                SQL(
                    "INSERT INTO prm_deal_event (%s) VALUES %s",
                    SQL(", ").join(map(SQL.identifier, row)),
                    tuple(row.values()),
                )
            )
        self.assertFalse(self.deal.event_ids._verify())
        self.assertIn("not the one that was written", self._get_break())

    def test_verify_button(self):
        action = self.deal.with_user(self.manager).action_verify()
        self.assertEqual(action["params"]["type"], "success")
        with self._tampering() as cr:
            cr.execute(
                "UPDATE prm_deal_event SET type = 'won' WHERE id = %s", [self.deal.event_ids[0].id]
            )
        params = self.deal.with_user(self.manager).action_verify()["params"]
        self.assertEqual(params["type"], "danger")
        self.assertIn(self.deal.name, params["message"])
        for user in (self.sales_user, self.rival_user, self.other_manager):
            with self.assertRaises(AccessError):
                self.deal.with_user(user).action_verify()

    def _run(self, left=60.0):
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda _self, *_a, **_k: left
        ):
            self.deals._cron_verify_logs()

    def _break_log(self, deal):
        with self._tampering() as cr:
            first = deal.event_ids[0].id
            cr.execute("UPDATE prm_deal_event SET type = 'won' WHERE id = %s", [first])

    def test_the_administrator_is_told_once(self):
        self._break_log(self.deal)
        for _run in range(2):
            with mute_logger(log.__name__):
                self._run()
            activity = self.deal.activity_ids
            self.assertEqual(len(activity), 1)
            self.assertTrue(activity.user_id.has_group("prm_partner.group_prm_admin"))
            self.assertIn("Entry 1 of", activity.note)

    def test_a_run_that_is_cut_short_is_gone_on_with(self):
        second = self._register(name="initech")
        for deal in self.deal | second:
            self._break_log(deal)
        self.env["ir.config_parameter"].set_param(log.PROGRESS, self.deal.id - 1)
        with patch.object(log, "SLICE", 1), mute_logger(log.__name__):
            self._run(left=0.0)
            self.assertTrue(self.deal.activity_ids)
            self.assertFalse(second.activity_ids)
            self._run()
        self.assertTrue(second.activity_ids)
        self.assertEqual(self.env["ir.config_parameter"].get_param(log.PROGRESS), "0")

    def test_old_logs_are_taken_as_they_are(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE prm_deal_registration SET event_count = NULL, event_hash = NULL WHERE id = %s",
            [self.deal.id],
        )
        self.env.invalidate_all()
        self.events.init()
        self.assertFalse(self._get_break())
        self.assertEqual(self.deal.event_count, len(self.deal.event_ids))

    def test_what_the_partner_sees(self):
        deal = self._register(name="initech", amount=200000)
        deal.with_user(self.manager).action_reject(self.reason.id, "no")
        events = deal.with_user(self.sales_user)._get_portal_events()
        self.assertEqual(
            [(event["label"], event["by"]) for event in events],
            [
                ("Submitted", self.sales_user.name),
                ("Sent to review", self.company.name),
                ("Rejected", self.company.name),
            ],
        )
        with self.assertRaises(AccessError):
            deal.with_user(self.rival_user)._get_portal_events()

    def test_partners_cannot_read_the_chain(self):
        with self.assertRaises(AccessError):
            self.deal.with_user(self.sales_user).read(["event_hash"])
        with self.assertRaises(UserError):
            self.deal.with_user(self.manager).write({"event_count": 0})
