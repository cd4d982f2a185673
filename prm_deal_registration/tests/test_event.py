import doctest

import psycopg2

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from ..tools import event_hash
from .common import DealCase


class TestEvent(DealCase):
    def test_doctests(self):
        result = doctest.testmod(event_hash)
        self.assertGreater(result.attempted, 2)
        self.assertEqual(result.failed, 0)

    def test_log_of_a_deal(self):
        deal = self._register(amount=200000)
        deal.with_user(self.manager).action_reject(self.reason.id, "Sorry")
        events = deal.event_ids
        self.assertEqual(events.mapped("type"), ["submitted", "checked", "routed", "rejected"])
        self.assertEqual(events[0].user_id, self.sales_user)
        self.assertEqual(events[1].user_id, self.env.ref("base.user_root"))
        self.assertEqual(events[3].user_id, self.manager)
        self.assertEqual(events[3].data["reason"], "duplicate")

    def test_chain(self):
        events = self._register().event_ids | self._register(name="initech").event_ids
        self.env.invalidate_all()
        self.assertFalse(events._verify())
        self.assertFalse(events[0].prev_hash)
        self.assertEqual(events[1].prev_hash, events[0].hash)

    def test_empty_data(self):
        deal = self._register()
        self.env["prm.deal.event"]._log(deal, "reopened")
        self.env["prm.deal.event"]._log(deal, "expired", {"text": "ü", "number": 1.5})
        self.env.invalidate_all()
        self.assertFalse(deal.event_ids._verify())

    def test_change_is_found(self):
        events = self._register().event_ids
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE prm_deal_event DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE prm_deal_event SET type = 'rejected' WHERE id = %s", [events[1].id]
        )
        self.env.cr.execute("ALTER TABLE prm_deal_event ENABLE TRIGGER USER")
        self.env.invalidate_all()
        self.assertEqual(events._verify(), events[1])

    def test_removal_is_found(self):
        events = self._register().event_ids
        self.assertEqual((events - events[1])._verify(), events[2])

    def test_database_refuses_change(self):
        event = self._register().event_ids[0]
        self.env.flush_all()
        for query in (
            "UPDATE prm_deal_event SET type = 'won' WHERE id = %s",
            "UPDATE prm_deal_event SET hash = 'x' WHERE id = %s",
            "DELETE FROM prm_deal_event WHERE id = %s",
        ):
            with (
                self.assertRaises(psycopg2.IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query, [event.id])

    def test_orm_refuses_change(self):
        event = self._register().event_ids[0]
        with self.assertRaises(UserError):
            event.type = "won"
        with self.assertRaises(UserError):
            event.unlink()
