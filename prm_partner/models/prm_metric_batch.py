import logging
from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_amount, formatLang

_logger = logging.getLogger(__name__)


class Question(NamedTuple):
    """What is to be measured, for as many partners as ask it: arguments of ``_measure``."""

    code: str
    date_from: object
    date_to: object
    company: object
    currency: object
    scope: str


class PrmMetric(models.Model):
    """Many metrics at once, and their values as people read them."""

    _inherit = "prm.metric"

    @api.model
    def _measure_each(self, asked):
        """Answer many questions with one measurement for each different one.

        A metric that no installed add-on computes is left out and logged: nobody is there to read
        an error of a nightly job, and one metric must not stop the others.

        :param asked: pairs (``Question``, ``res.partner``)
        :return: ``{Question: {partner_id: float}}``
        """
        partner_ids = defaultdict(set)
        for question, partner in asked:
            partner_ids[question].add(partner.id)
        answers = {}
        for question, ids in partner_ids.items():
            try:
                answers[question] = self._measure(
                    question.code,
                    self.env["res.partner"].browse(ids),
                    question.date_from,
                    question.date_to,
                    question.company,
                    currency=question.currency,
                    scope=question.scope,
                )
            except UserError as error:
                _logger.warning("Metric %s was left out: %s", question.code, error)
        return answers

    @api.model
    def _format_value(self, value, unit, currency):
        """A value with its unit: “12,400.00 €”, “45 %” or “3”, in the user's language."""
        if unit == "money":
            return format_amount(self.env, value, currency)
        number = formatLang(self.env, value, digits=0 if value == int(value) else 1)
        return f"{number} %" if unit == "percent" else number
