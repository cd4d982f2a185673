"""Tiers that ask for a metric whose values the tests say, day by day."""

from unittest.mock import patch

from odoo import fields
from odoo.fields import Command

from .common import PartnerCase


class TierCase(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.to_date("2026-03-02")
        cls.metric = cls.env["prm.metric"].create(
            {"code": "t_sales", "name": "Sales", "unit": "count"}
        )
        for tier, threshold in ((cls.gold, 100), (cls.platinum, 500)):
            cls._require(tier, threshold)
        cls.sales = {}
        cls.classPatch(
            type(cls.env["prm.metric"]), "_measure_t_sales", cls._measure_sales(cls.sales)
        )

    def setUp(self):
        super().setUp()
        self.sales.clear()

    @classmethod
    def classPatch(cls, obj, key, val):
        patcher = patch.object(obj, key, val, create=True)
        patcher.start()
        cls.addClassCleanup(patcher.stop)

    @staticmethod
    def _measure_sales(sales):
        """``sales``: {partner_id: value, or a function of the last day}."""

        def measure(_metric, partners, _date_from, date_to, _company):
            found = {partner_id: sales.get(partner_id, 0.0) for partner_id in partners.ids}
            return {
                partner_id: value(date_to) if callable(value) else value
                for partner_id, value in found.items()
            }

        return measure

    @classmethod
    def _require(cls, tier, threshold, **values):
        tier.requirement_ids = [
            Command.create({"metric_id": cls.metric.id, "threshold": threshold, **values})
        ]

    @classmethod
    def _join(cls, partner, grade, start="2024-01-10", **values):
        """A membership that has had its tier for long."""
        membership = cls._enroll(partner, grade)
        membership.write(
            {
                "date_start": start,
                "hold_until": "2024-07-10",
                "last_review_date": "2025-06-01",
                **values,
            }
        )
        return membership

    def _review(self, day, kind="daily"):
        """Review the program as of a day, as the scheduled action does it, without commits.

        :return: the ``prm.tier.review``
        """
        run = self.env["prm.tier.review"].create(
            {"program_id": self.program.id, "date": day, "kind": kind}
        )
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda _self, *_a, **_k: 60.0
        ):
            run._go_on()
        return run
