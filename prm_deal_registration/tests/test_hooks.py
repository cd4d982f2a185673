from odoo.tools import SQL

from ..hooks import uninstall_hook
from .common import DealCase


class TestHooks(DealCase):
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
        self._detach_add_ons_above()
        uninstall_hook(self.env)
        self.assertFalse(self.deals.search_count([]))
        self.assertFalse(self.platinum.requirement_ids)
        self.assertTrue((order | lead.order_ids).exists())
        self.reason.unlink()
        lead.order_ids.opportunity_id = False
        lead.unlink()

    def _detach_add_ons_above(self):
        """Odoo uninstalls the add-ons that build on this one first, and their tables with them."""
        self.env.cr.execute(
            """
            SELECT conrelid::regclass::text, conname FROM pg_constraint
             WHERE contype = 'f' AND confdeltype = 'r'
               AND confrelid IN ('prm_deal_registration'::regclass, 'prm_deal_reason'::regclass)
               AND conrelid::regclass::text ~ '^prm_(?!deal_)'
            """
        )
        for table, name in self.env.cr.fetchall():
            self.env.cr.execute(
                SQL(
                    "ALTER TABLE %s DROP CONSTRAINT %s",
                    SQL.identifier(table),
                    SQL.identifier(name),
                )
            )
