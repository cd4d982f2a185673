from odoo import fields, models


class PrmTierSimulation(models.Model):
    """What is replayed: measured again, or read from the history where that knows better."""

    _inherit = "prm.tier.simulation"

    def _measure_days(self, partners, days):
        """Values of all that the program's tiers ask for, on some days; lines note the source.

        :return: ``{day: {key: {partner_id: value}}}``; the number of queries does not depend on
            that of the partners
        """
        program = self.program_id
        requirements = program._prm_tiers().requirement_ids
        measured = {
            day: requirements._measure_for_review(partners, program, day) for day in days
        }
        for key, lines in self.line_ids.grouped(lambda line: line.requirement_id._key()).items():
            lines.source = self._recall(key, lines[0].requirement_id, measured)
        return measured

    def _recall(self, key, requirement, measured):
        """Replace values of past days by those of the history, if the metric asks for that.

        Who is missing in the history of a day was no member then, and keeps the measured value.

        :param dict measured: see ``_measure_days``; changed in place
        :return: one of ``SOURCES``
        """
        metric = requirement.metric_id
        if metric.code not in metric._get_present_codes():
            return "facts"
        today = fields.Date.context_today(self)
        past = [day for day in measured if day < today]
        known = self._read_history(requirement, past)
        for day, values in known.items():
            found = measured[day][key]
            found.update((one, value) for one, value in values.items() if one in found)
        if not known:
            return "present"
        return "history" if len(known) == len(past) else "mixed"

    def _read_history(self, requirement, days):
        """Values of the history in the program's currency, where it answers the requirement.

        :return: ``{day: {partner_id: value}}``
        """
        metric, company = requirement.metric_id, self.company_id
        if requirement.scope != "own" or requirement.window != metric.snapshot_window:
            return {}
        known = self.env["prm.metric.value"]._read_days(metric, company, days)
        if metric.unit != "money" or self.currency_id == company.currency_id:
            return known
        rate = self.env["res.currency"]._get_conversion_rate
        factors = {day: rate(company.currency_id, self.currency_id, company, day) for day in known}
        return {
            day: {partner_id: value * factors[day] for partner_id, value in values.items()}
            for day, values in known.items()
        }
