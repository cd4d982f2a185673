from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from odoo import fields

from .common import DealCase
from .state_machine import DealMachine

BOUNDED = settings(
    max_examples=10,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class TestStateMachine(DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        third, contact = cls._new_partner("Third Partners", "third-partners.example")
        cls._enroll(third, cls.gold, user=cls.manager)
        cls.users = cls.sales_user | cls.rival_user | cls._new_portal_user(contact, "sales")
        child = cls.env["product.category"].create({"name": "Sub", "parent_id": cls.hardware.id})
        cls.categories = [cls.hardware.browse(), cls.hardware, child, cls.software]

    @classmethod
    def _values(cls, **values):
        """Registered at the time of the machine, not of the test."""
        close = fields.Date.today() + timedelta(days=60)
        return {**super()._values(**values), "date_close": fields.Date.to_string(close)}

    def test_whatever_happens(self):
        """Any sequence of steps keeps what must hold; hypothesis shows the shortest that does not.
        """
        machine = type("Machine", (DealMachine,), {"case": self})
        run_state_machine_as_test(machine, settings=BOUNDED)
