from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError
from odoo.tools import SQL

from ..hooks import pre_init_hook, uninstall_hook
from .common import DealCase


class TestHooks(DealCase):
    def test_installation_says_what_the_database_lacks(self):
        execute = type(self.env.cr).execute

        def refuse(cursor, query, *args, **kwargs):
            if "btree_gist" in str(query):
                raise psycopg2.errors.InsufficientPrivilege("permission denied")
            return execute(cursor, query, *args, **kwargs)

        pre_init_hook(self.env)
        with (
            patch.object(type(self.env.cr), "execute", refuse),
            self.assertRaises(UserError) as caught,
        ):
            pre_init_hook(self.env)
        for text in ("btree_gist", "CREATE EXTENSION", "permission denied"):
            self.assertIn(text, str(caught.exception))

    def test_uninstall_releases_everything(self):
        deal = self._register(amount=200000)
        deal.with_user(self.manager).action_reject(self.reason.id, False)
        won = self._register(name="won")
        order = self._order(won)
        order.action_confirm()
        order._create_invoices()
        lead = won.lead_id
        self.env["prm.tier.requirement"].create(
            {
                "grade_id": self.platinum.id,
                "metric_id": self.env.ref("prm_deal_registration.prm_metric_deals_won").id,
                "threshold": 2,
            }
        )
        self.env.flush_all()
        uninstall_hook(self.env)
        self.assertFalse(self.platinum.requirement_ids)
        self.env.cr.execute("SELECT to_regtype('prm_path_range')")
        self.assertFalse(self.env.cr.fetchone()[0])
        # Nothing of the deals holds anything back, whatever Odoo removes first.
        for table, ids in (
            ("prm_deal_reason", self.reason.ids),
            ("prm_deal_registration", won.ids),
            ("crm_lead", lead.ids),
        ):
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE id IN %s", SQL.identifier(table), tuple(ids))
            )
            self.assertEqual(self.env.cr.rowcount, 1)
        self.env.invalidate_all()
        self.assertTrue(order.exists())
