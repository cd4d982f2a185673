from odoo import api, fields, models
from odoo.fields import Command

from ..tools.thresholds import round_threshold

# The templates' thresholds are in this currency, and become those of the company's.
BASE_CURRENCY = "EUR"
TEMPLATES = [
    ("reseller", "Resellers"),
    ("referral", "Referral Partners"),
    ("distributor", "Distributors"),
]
# What each tier asks for, the lowest first: (code of the metric, threshold, window).
REQUIREMENTS = {
    "reseller": [
        [],
        [("revenue", 25000, "rolling_12"), ("certified_people", 1, "rolling_12")],
        [("revenue", 100000, "rolling_12"), ("certified_people", 3, "rolling_12")],
    ],
    "referral": [
        [],
        [("deals_won", 3, "rolling_12")],
        [("deals_won", 10, "rolling_12")],
    ],
    "distributor": [
        [],
        [("revenue", 150000, "calendar_year")],
        [("revenue", 500000, "calendar_year"), ("certified_people", 5, "rolling_12")],
    ],
}


class PrmProgramTemplate(models.TransientModel):
    """Create a program from a template; here its tiers and their requirements.

    Each part of the program has a method ``_prepare_<part>`` that an add-on extends with what it
    knows of a template.
    """

    _name = "prm.program.template"
    _description = "Program from Template"

    template = fields.Selection(TEMPLATES, required=True, default="reseller")
    name = fields.Char(
        compute="_compute_name", store=True, precompute=True, readonly=False, required=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Program Manager",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    summary = fields.Html(compute="_compute_summary", sanitize=False)

    @api.depends("template")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.template and wizard._prepare_texts()["name"]

    @api.depends("company_id")
    def _compute_currency_id(self):
        for wizard in self:
            wizard.currency_id = wizard.company_id.currency_id

    @api.depends("template", "currency_id", "company_id")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = wizard.template and self.env["ir.qweb"]._render(
                "prm_partner.program_template_summary",
                {
                    "description": wizard._prepare_texts()["description"],
                    "tiers": wizard._prepare_tiers(),
                    "currency": wizard.currency_id,
                    "extras": wizard._get_extras(),
                },
            )

    def action_create_program(self):
        """Create the program and open it.

        :return: action that opens the ``prm.program``
        """
        self.ensure_one()
        program = self._create_program()
        self._translate(program)
        return {
            "type": "ir.actions.act_window",
            "res_model": "prm.program",
            "res_id": program.id,
            "view_mode": "form",
        }

    def _create_program(self):
        """Create the program with all its parts.

        :return: the ``prm.program``
        """
        return self.env["prm.program"].create(self._prepare_program())

    def _prepare_program(self):
        """Values of the program with all its parts."""
        return {
            "name": self.name,
            "kind": self.template,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "user_id": self.user_id.id,
            "date_start": fields.Date.context_today(self),
            "description": self._prepare_texts()["description"],
            "grade_ids": [
                Command.create(self._prepare_tier(tier, number))
                for number, tier in enumerate(self._prepare_tiers(), start=1)
            ],
        }

    def _prepare_tier(self, tier, number):
        """Values of one tier, the first being the lowest."""
        return {
            "name": tier["name"],
            "sequence": number * 10,
            "company_id": self.company_id.id,
            "requirement_ids": self._prepare_requirements(tier),
        }

    def _prepare_requirements(self, tier):
        """Commands for the requirements of one tier."""
        return [
            Command.create(
                {
                    "metric_id": metric.id,
                    "threshold": threshold,
                    "window": window,
                    "sequence": number * 10,
                }
            )
            for number, (metric, threshold, window) in enumerate(tier["requirements"], start=1)
        ]

    def _get_metrics(self):
        """The metrics in use by code: which ones there are depends on the installed add-ons."""
        return {metric.code: metric for metric in self.env["prm.metric"].search([])}

    def _get_threshold(self, metric, amount):
        """A template's threshold; money becomes a round number of the program's currency."""
        return self._round_money(amount) if metric.unit == "money" else amount

    def _round_money(self, amount):
        """An amount of a template as a round number of the program's currency."""
        base = self.env["res.currency"].with_context(active_test=False).search(
            [("name", "=", BASE_CURRENCY)], limit=1
        )
        today = fields.Date.context_today(self)
        if not base or not self.currency_id:
            return amount
        converted = base._convert(amount, self.currency_id, self.company_id, today, round=False)
        return round_threshold(converted)

    def _prepare_texts(self):
        """Name and description of the program in the language of the user."""
        texts = {
            "reseller": (
                self.env._("Reseller Program"),
                self.env._(
                    "Buys from us and sells our products and services to its own customers."
                ),
            ),
            "referral": (
                self.env._("Referral Program"),
                self.env._("Brings us customers and is paid a commission; we sell and deliver."),
            ),
            "distributor": (
                self.env._("Distribution Program"),
                self.env._(
                    "Serves the resellers of a country with stock, training and first support."
                ),
            ),
        }
        name, description = texts[self.template]
        return {"name": name, "description": description}

    def _prepare_tiers(self):
        """The tiers from the lowest to the highest.

        :return: list of dicts with ``name`` and ``requirements``, a list of
            (``prm.metric``, threshold, window); metrics that nobody computes are left out
        """
        metrics = self._get_metrics()
        names = self._get_tier_names()[self.template]
        return [
            {
                "name": name,
                "requirements": [
                    (metrics[code], self._get_threshold(metrics[code], threshold), window)
                    for code, threshold, window in requirements
                    if code in metrics
                ],
            }
            for name, requirements in zip(names, REQUIREMENTS[self.template], strict=True)
        ]

    def _get_extras(self):
        """What the program has beside its tiers, as short sentences."""
        return []

    def _get_tier_names(self):
        """The names of the tiers by template, the lowest first, in the language of the user."""
        return {
            "reseller": [self.env._("Silver"), self.env._("Gold"), self.env._("Platinum")],
            "referral": [self.env._("Bronze"), self.env._("Silver"), self.env._("Gold")],
            "distributor": [
                self.env._("Associate"),
                self.env._("Premier"),
                self.env._("Elite"),
            ],
        }

    def _translate(self, program):
        """Give the program and its parts their texts in the other installed languages."""
        renamed = self.name != self._prepare_texts()["name"]
        for lang, _name in self.env["res.lang"].get_installed():
            if lang != self.env.lang:
                wizard = self.with_context(lang=lang)
                wizard._translate_parts(program.with_context(lang=lang), renamed)

    def _translate_parts(self, program, renamed):
        """Write the texts in the language of the wizard.

        :param program: ``prm.program`` in that language
        :param bool renamed: the program has a name of its own, which stays
        """
        texts = self._prepare_texts()
        if renamed:
            texts.pop("name")
        program.write(texts)
        names = self._get_tier_names()[self.template]
        for grade, name in zip(program._prm_tiers(), names, strict=True):
            grade.name = name
