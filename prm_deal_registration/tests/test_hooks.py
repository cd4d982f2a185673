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
        uninstall_hook(self.env)
        self.assertFalse(self.platinum.requirement_ids)
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
