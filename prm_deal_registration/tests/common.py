"""Partners with deals, for the tests of this add-on and of those that build on it."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.prm_partner.tests.common import PartnerCase
from odoo.tests import freeze_time


class DealCase(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, cls.gold, user=cls.manager)
        cls.rival_membership = cls._enroll(cls.rival, cls.silver, user=cls.other_manager)
        cls.sales_user = cls._new_portal_user(cls.contact, "sales")
        cls.rival_user = cls._new_portal_user(cls.rival_contact, "admin")
        cls.country = cls.env.ref("base.de")
        cls.hardware, cls.software = cls.env["product.category"].create(
            [{"name": "Test Hardware"}, {"name": "Test Software"}]
        )
        cls.reason = cls.env.ref("prm_deal_registration.prm_deal_reason_duplicate")
        cls.deals = cls.env["prm.deal.registration"]

    @classmethod
    def _values(cls, **values):
        """Values of a deal as a partner types them; ``name`` makes a customer of its own."""
        name = values.pop("name", "globex")
        return {
            "customer_name": f"{name.capitalize()} GmbH",
            "customer_website": f"https://www.{name}.com",
            "customer_email": f"jo@{name}.com",
            "customer_country_id": cls.country.id,
            "amount": 12000.0,
            "date_close": fields.Date.to_string(fields.Date.today() + timedelta(days=60)),
            **values,
        }

    @classmethod
    def _register(cls, user=None, **values):
        """Register a deal as a portal user, and return it with the rights of the test."""
        user = user or cls.sales_user
        result = cls.deals.with_user(user).prm_register(cls._values(**values))
        return cls.deals.browse(result["id"])

    @classmethod
    def _draft(cls, partner=None, **values):
        return cls.deals.create(
            {"partner_id": (partner or cls.partner).id, **cls._values(**values)}
        )

    @classmethod
    def without_commits(cls):
        """A context in which jobs do all in the transaction of the test."""
        return patch.object(
            type(cls.env["ir.cron"]), "_commit_progress", lambda _self, *_a, **_k: 60.0
        )

    def _run_expiry(self, day=None):
        """The nightly job, as the scheduler runs it; on a day if the clock is not frozen yet."""
        if day:
            with freeze_time(day):
                return self._run_expiry()
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("prm_deal_registration.ir_cron_expire").method_direct_trigger()
        return self.env.invalidate_all()

    @classmethod
    def _order(cls, deal, price=100.0):
        """A quotation for the opportunity of a deal."""
        customer = cls.env["res.partner"].create({"name": deal.customer_name})
        product = cls.env["product.product"].create(
            {"name": "Service", "type": "service", "invoice_policy": "order", "list_price": price}
        )
        return cls.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "opportunity_id": deal.lead_id.id,
                "order_line": [fields.Command.create({"product_id": product.id})],
            }
        )
