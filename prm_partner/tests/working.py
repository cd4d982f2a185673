"""Metrics with values that a test sets, and a partner with people in every role."""

from contextlib import contextmanager
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import PartnerCase


class WorkingCase(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.measured = {}  # {code: {partner_id: value}}
        cls.asked = []  # (code, date_from, date_to, number of partners) of each measurement
        cls.money = cls._new_metric("t_money", "money")
        cls.count = cls._new_metric("t_count", "count")
        cls.rate = cls._new_metric("t_rate", "percent")
        cls.silence = cls._new_metric("t_silence", "count", direction="down")
        cls.membership = cls._enroll(cls.partner, cls.gold)
        cls.rival_membership = cls._enroll(cls.rival, user=cls.other_manager)
        cls.admin_user = cls._new_portal_user(cls.contact, "admin")
        cls.rival_user = cls._new_portal_user(cls.rival_contact, "admin")

    @classmethod
    def _new_metric(cls, code, unit, direction="up"):
        def measure(self, partners, date_from, date_to, company):
            cls.asked.append((code, date_from, date_to, len(partners)))
            values = cls.measured.get(code, {})
            return {partner.id: values[partner.id] for partner in partners if partner.id in values}

        patcher = patch.object(
            cls.registry["prm.metric"], f"_measure_{code}", measure, create=True
        )
        patcher.start()
        cls.addClassCleanup(patcher.stop)
        known = cls.env["prm.metric"].search([("code", "=", code)])
        return known or cls.env["prm.metric"].create(
            {"code": code, "name": code.title(), "unit": unit, "direction": direction}
        )

    def setUp(self):
        super().setUp()
        self.measured.clear()
        self.asked.clear()

    @classmethod
    def _set(cls, metric, value, partner=None):
        cls.measured.setdefault(metric.code, {})[(partner or cls.partner).id] = value

    @classmethod
    def _new_colleague(cls, role):
        contact = cls.env["res.partner"].create(
            {
                "name": f"The {role} person",
                "parent_id": cls.partner.id,
                "email": f"{role}@acme-partners.example",
            }
        )
        return cls._new_portal_user(contact, role)

    @classmethod
    def _new_plan(cls, membership=None, objectives=None, **vals):
        """A draft for 2026.

        :param objectives: dicts; by default one of 100 in money
        """
        membership = membership or cls.membership
        if objectives is None:
            objectives = [{"metric_id": cls.money.id, "target": 100.0}]
        plan = cls.env["prm.business.plan"].create(
            {
                "name": "Growth 2026",
                "membership_id": membership.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                "objective_ids": [Command.create(objective) for objective in objectives],
                **vals,
            }
        )
        cls.env.flush_all()  # measured on the day of the test
        return plan

    @classmethod
    def _agree(cls, plan):
        """Propose the plan and let both sides agree."""
        plan.with_user(cls.manager).action_propose()
        plan.with_user(cls.manager).action_agree()
        plan.with_user(cls.admin_user).action_agree()
        return plan

    @classmethod
    def _weigh(cls, *lines):
        """Scorecard of the program, from (metric, floor, target, weight)."""
        return cls.env["prm.scorecard.weight"].create(
            [
                {
                    "program_id": cls.program.id,
                    "metric_id": metric.id,
                    "floor": floor,
                    "target": target,
                    "weight": weight,
                }
                for metric, floor, target, weight in lines
            ]
        )

    @contextmanager
    def _assert_refused(self, message):
        """What the database refuses; the test goes on afterwards."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex((IntegrityError, UserError), message),
            self.cr.savepoint(),
        ):
            yield
            self.env.flush_all()

    def _run_cron(self, xmlid):
        with self.enter_registry_test_mode():
            self.env.ref(f"prm_partner.{xmlid}").method_direct_trigger()

    def _count_queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before
