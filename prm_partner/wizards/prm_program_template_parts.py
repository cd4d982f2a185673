from markupsafe import Markup

from odoo import models
from odoo.fields import Command

# What each tier gives, the lowest first: (kind of benefit, number or code of the text).
BENEFITS = {
    "reseller": [
        [
            ("protection_days", 60),
            ("extensions", 1),
            ("open_registrations", 10),
            ("lead_weight", 1),
            ("support_sla", "next_day"),
        ],
        [
            ("protection_days", 90),
            ("extensions", 1),
            ("open_registrations", 25),
            ("lead_weight", 2),
            ("support_sla", "same_day"),
            ("content", "campaigns"),
        ],
        [
            ("protection_days", 120),
            ("extensions", 2),
            ("open_registrations", 50),
            ("lead_weight", 3),
            ("support_sla", "four_hours"),
            ("content", "roadmap"),
        ],
    ],
    "referral": [
        [("protection_days", 60), ("open_registrations", 10), ("support_sla", "by_mail")],
        [
            ("protection_days", 90),
            ("extensions", 1),
            ("open_registrations", 20),
            ("support_sla", "next_day"),
        ],
        [
            ("protection_days", 120),
            ("extensions", 1),
            ("open_registrations", 40),
            ("support_sla", "same_day"),
            ("content", "campaigns"),
        ],
    ],
    "distributor": [
        [
            ("protection_days", 60),
            ("extensions", 1),
            ("open_registrations", 50),
            ("support_sla", "same_day"),
            ("content", "price_files"),
        ],
        [
            ("protection_days", 90),
            ("extensions", 2),
            ("open_registrations", 150),
            ("support_sla", "four_hours"),
            ("content", "campaigns"),
        ],
        [
            ("protection_days", 120),
            ("extensions", 3),
            ("open_registrations", 400),
            ("support_sla", "four_hours"),
            ("content", "roadmap"),
        ],
    ],
}
# What a benefit costs us for each partner and year, by the code of its text or by its kind. What
# is not here costs nothing that could be measured.
COSTS = {
    "by_mail": 150,
    "next_day": 300,
    "same_day": 800,
    "four_hours": 2400,
    "price_files": 600,
    "campaigns": 800,
    "roadmap": 1500,
}
# The same for each additional unit of a number
COSTS_EACH = {"lead_weight": 200}
# (code of the metric, period, weight, no points at, full points at)
SCORECARD = {
    "reseller": [
        ("revenue", "rolling_12", 4, 0, 100000),
        ("pipeline", "rolling_12", 2, 0, 50000),
        ("deals_registered", "rolling_6", 2, 0, 6),
        ("certified_people", "rolling_12", 2, 0, 3),
        ("portal_activity", "rolling_3", 1, 0, 20),
        ("days_since_contact", "lifetime", 1, 90, 30),
    ],
    "referral": [
        ("deals_won", "rolling_12", 4, 0, 10),
        ("deals_registered", "rolling_6", 3, 0, 6),
        ("portal_activity", "rolling_3", 1, 0, 10),
        ("days_since_contact", "lifetime", 1, 180, 60),
    ],
    "distributor": [
        ("revenue", "rolling_12", 5, 0, 500000),
        ("pipeline", "rolling_12", 2, 0, 200000),
        ("certified_people", "rolling_12", 2, 0, 5),
        ("portal_activity", "rolling_3", 1, 0, 40),
        ("days_since_contact", "lifetime", 2, 60, 14),
    ],
}
CONTACT_DAYS = {"reseller": 30, "referral": 90, "distributor": 14}
# Steps of the onboarding: code of the texts → values. "after" is the code of another step,
# "metric" that of a metric without whose add-on the step makes no sense.
LOGIN = {"side": "partner", "offset_days": 3, "auto_done": "first_login"}
PROFILE = {"side": "partner", "offset_days": 7, "is_gate": True}
PEOPLE = {"side": "partner", "offset_days": 14, "after": "login"}
CERTIFIED = {
    "side": "partner",
    "offset_days": 45,
    "auto_done": "first_certified",
    "metric": "certified_people",
}
FIRST_DEAL = {
    "side": "partner",
    "offset_days": 60,
    "auto_done": "first_registration",
    "metric": "deals_registered",
}
STEPS = {
    "reseller": {
        "login": LOGIN,
        "profile": PROFILE,
        "kick_off": {"side": "us", "offset_days": 10, "is_gate": True, "after": "profile"},
        "people": PEOPLE,
        "conditions": {
            "side": "us",
            "offset_days": 14,
            "is_gate": True,
            "responsible": "program_manager",
        },
        "plan": {"side": "us", "offset_days": 30, "after": "kick_off"},
        "certified": CERTIFIED,
        "first_deal": FIRST_DEAL,
    },
    "referral": {
        "login": LOGIN,
        "bank": {"side": "partner", "offset_days": 7, "is_gate": True},
        "introduction": {"side": "us", "offset_days": 7},
        "first_deal": FIRST_DEAL,
    },
    "distributor": {
        "login": LOGIN,
        "profile": PROFILE,
        "kick_off": {"side": "us", "offset_days": 7, "is_gate": True, "after": "profile"},
        "conditions": {
            "side": "us",
            "offset_days": 14,
            "is_gate": True,
            "responsible": "program_manager",
        },
        "logistics": {"side": "partner", "offset_days": 21, "is_gate": True, "after": "kick_off"},
        "people": PEOPLE,
        "plan": {"side": "us", "offset_days": 30, "after": "kick_off"},
        "certified": CERTIFIED,
    },
}
# Due diligence: code of the texts → values.
REGISTER = {"evidence_required": True, "validity_months": 24}
TAX = {"validity_months": 12}
SANCTIONS = {"validity_months": 12}
CHECKS = {
    "reseller": {
        "register": REGISTER,
        "tax": TAX,
        "sanctions": SANCTIONS,
        "references": {"required": False, "validity_months": 0},
    },
    "referral": {"tax": TAX, "sanctions": SANCTIONS},
    "distributor": {
        "register": REGISTER,
        "tax": TAX,
        "sanctions": SANCTIONS,
        "accounts": {"evidence_required": True, "validity_months": 12},
        "insurance": {"evidence_required": True, "validity_months": 12},
    },
}


class PrmProgramTemplate(models.TransientModel):
    """What a template brings beside tiers and requirements. The agreement is the vendor's own."""

    _inherit = "prm.program.template"

    def _prepare_program(self):
        return {
            **super()._prepare_program(),
            "contact_days": CONTACT_DAYS[self.template],
            "scorecard_weight_ids": self._prepare_scorecard(),
            "onboarding_plan_ids": self._prepare_onboarding_plan(),
            "due_diligence_item_ids": self._prepare_due_diligence(),
        }

    def _prepare_tier(self, tier, number):
        return {
            **super()._prepare_tier(tier, number),
            "benefit_ids": self._prepare_benefits(number),
        }

    def _prepare_benefits(self, number):
        """Commands for the benefits of one tier, the first being the lowest."""
        texts = self._get_benefit_texts()
        return [
            Command.create(
                {
                    "kind": kind,
                    **({"text": texts[value]} if value in texts else {"value": value}),
                    "annual_cost": self._get_cost(kind, value),
                }
            )
            for kind, value in BENEFITS[self.template][number - 1]
        ]

    def _get_cost(self, kind, value):
        """What a benefit costs us for each partner and year, for the what-if."""
        return self._round_money(COSTS.get(value) or COSTS_EACH.get(kind, 0) * value)

    def _prepare_scorecard(self):
        """Commands for the weights of the metrics that are in use."""
        metrics = self._get_metrics()
        return [
            Command.create(
                {
                    "metric_id": metrics[code].id,
                    "window": window,
                    "weight": weight,
                    "floor": self._get_threshold(metrics[code], floor),
                    "target": self._get_threshold(metrics[code], target),
                    "sequence": number * 10,
                }
            )
            for number, (code, window, weight, floor, target) in enumerate(
                SCORECARD[self.template], start=1
            )
            if code in metrics
        ]

    def _prepare_onboarding_plan(self):
        """Commands for the onboarding plan with its steps."""
        lines = [
            Command.create({**self._prepare_step(code, step), "sequence": number * 10})
            for number, (code, step) in enumerate(self._get_steps().items(), start=1)
        ]
        name = self._get_step_texts()["name"]
        return [Command.create({"name": name, "line_ids": lines})]

    def _prepare_step(self, code, step):
        """Values of one step; which one it waits for is set once they are all there."""
        values = {name: value for name, value in step.items() if name not in ("after", "metric")}
        return {**values, **self._prepare_step_texts(code)}

    def _prepare_step_texts(self, code):
        name, description = self._get_step_texts()[code]
        return {"name": name, "description": Markup("<p>%s</p>") % description}

    def _prepare_due_diligence(self):
        """Commands for what is checked of everybody who applies."""
        return [
            Command.create(
                {**values, **self._prepare_check_texts(code), "sequence": number * 10}
            )
            for number, (code, values) in enumerate(CHECKS[self.template].items(), start=1)
        ]

    def _prepare_check_texts(self, code):
        name, description = self._get_check_texts()[code]
        return {"name": name, "description": description}

    def _get_steps(self):
        """The steps of the onboarding by code, without those that nobody could finish."""
        metrics = self._get_metrics()
        return {
            code: step
            for code, step in STEPS[self.template].items()
            if "metric" not in step or step["metric"] in metrics
        }

    def _create_program(self):
        program = super()._create_program()
        lines = dict(zip(self._get_steps(), program.onboarding_plan_ids.line_ids, strict=True))
        for code, step in self._get_steps().items():
            if "after" in step:
                lines[code].after_line_id = lines[step["after"]]
        return program

    def _translate_parts(self, program, renamed):
        res = super()._translate_parts(program, renamed)
        plan = program.onboarding_plan_ids
        plan.name = self._get_step_texts()["name"]
        for code, line in zip(self._get_steps(), plan.line_ids, strict=True):
            line.write(self._prepare_step_texts(code))
        items = program.due_diligence_item_ids
        for code, item in zip(CHECKS[self.template], items, strict=True):
            item.write(self._prepare_check_texts(code))
        texts = self._get_benefit_texts()
        for grade, given in zip(program._prm_tiers(), BENEFITS[self.template], strict=True):
            wanted = dict(given)
            for benefit in grade.benefit_ids.filtered("text"):
                benefit.text = texts[wanted[benefit.kind]]
        return res

    def _get_extras(self):
        steps, checks = self._get_steps(), CHECKS[self.template]
        return [
            *super()._get_extras(),
            self.env._("Benefits of each tier, from the protection of deals to support"),
            self.env._("Scorecard, metrics: %s", len(self._prepare_scorecard())),
            self.env._(
                "Onboarding plan, steps: %(steps)s, before the start: %(gates)s",
                steps=len(steps),
                gates=sum(step.get("is_gate", False) for step in steps.values()),
            ),
            self.env._("Due diligence, checks: %s", len(checks)),
            self.env._(
                "A reminder after %s days without contact", CONTACT_DAYS[self.template]
            ),
        ]

    # Texts in the language of the user

    def _get_benefit_texts(self):
        """Texts of benefits by code."""
        return {
            "by_mail": self.env._("Answers by e-mail within two working days"),
            "next_day": self.env._("Answers on the next working day"),
            "same_day": self.env._("Answers within 8 working hours"),
            "four_hours": self.env._("Answers within 4 working hours, by telephone too"),
            "campaigns": self.env._("Ready-made campaigns and sales presentations"),
            "roadmap": self.env._("Campaigns, presentations and a preview of our roadmap"),
            "price_files": self.env._("Price and product files for your own systems"),
        }

    def _get_step_texts(self):
        """Name and description of the steps by code, and the name of the plan."""
        return {
            "name": self.env._("The First 60 Days"),
            "login": (
                self.env._("Log in to the partner portal"),
                self.env._("Use the link in the invitation and choose a password."),
            ),
            "profile": (
                self.env._("Complete the company profile"),
                self.env._("Check address, tax number and bank details of your company."),
            ),
            "bank": (
                self.env._("Send your bank details"),
                self.env._("We need the account and the tax number to pay your commissions."),
            ),
            "people": (
                self.env._("Name your contact persons"),
                self.env._("Tell us who is in charge of sales, technology, marketing and finance."),
            ),
            "kick_off": (
                self.env._("Kick-off meeting"),
                self.env._("Agree on target customers, first goals and who does what."),
            ),
            "introduction": (
                self.env._("Introductory call"),
                self.env._("Explain which customers fit and how a deal is registered."),
            ),
            "conditions": (
                self.env._("Set up price list and credit limit"),
                self.env._("Without them the first order cannot be delivered."),
            ),
            "logistics": (
                self.env._("Clarify stock and delivery"),
                self.env._("Send us delivery addresses, opening hours and the planned stock."),
            ),
            "plan": (
                self.env._("Agree on a business plan"),
                self.env._("Objectives for the first year that both sides measure."),
            ),
            "certified": (
                self.env._("First person certified"),
                self.env._("Pass the exam with at least one person."),
            ),
            "first_deal": (
                self.env._("Register the first deal"),
                self.env._("A registered deal is protected for you as soon as it is approved."),
            ),
        }

    def _get_check_texts(self):
        """Name and description of the due diligence by code."""
        return {
            "register": (
                self.env._("Entry in the commercial register"),
                self.env._("Current extract: name, address and who may sign for the company."),
            ),
            "tax": (
                self.env._("Tax number"),
                self.env._("It is valid and belongs to this company."),
            ),
            "sanctions": (
                self.env._("Sanctions lists"),
                self.env._("Neither the company nor its owners are on a list that binds us."),
            ),
            "references": (
                self.env._("References"),
                self.env._("Two customers or vendors confirm what the applicant says."),
            ),
            "accounts": (
                self.env._("Annual accounts"),
                self.env._("The last two years carry the credit limit that is planned."),
            ),
            "insurance": (
                self.env._("Insurance of the stock"),
                self.env._("The policy covers the goods that are planned to be in stock."),
            ),
        }
