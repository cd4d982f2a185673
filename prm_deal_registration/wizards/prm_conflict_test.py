from odoo import api, fields, models

from ..models.prm_conflict_rule import SEVERITIES

# Fields of one side, and what ``_compare`` calls them.
SIDE = ("name", "vat", "website", "email", "phone", "zip", "street")


class PrmConflictTest(models.TransientModel):
    """Two companies side by side, and what the rules make of them."""

    _name = "prm.conflict.test"
    _description = "Try Conflict Rules"

    name_a = fields.Char(string="Company", default=lambda self: self.env._("Müller GmbH & Co. KG"))
    name_b = fields.Char(string="Other Company", default=lambda self: self.env._("Mueller GmbH"))
    vat_a = fields.Char(string="VAT Number")
    vat_b = fields.Char(string="Other VAT Number")
    website_a = fields.Char(string="Website")
    website_b = fields.Char(string="Other Website")
    email_a = fields.Char(string="E-mail")
    email_b = fields.Char(string="Other E-mail")
    phone_a = fields.Char(string="Phone")
    phone_b = fields.Char(string="Other Phone")
    street_a = fields.Char(string="Street")
    street_b = fields.Char(string="Other Street")
    zip_a = fields.Char(string="Postcode")
    zip_b = fields.Char(string="Other Postcode")
    country_a_id = fields.Many2one(
        "res.country", string="Country", default=lambda self: self.env.company.country_id
    )
    country_b_id = fields.Many2one(
        "res.country", string="Other Country", default=lambda self: self.env.company.country_id
    )
    score = fields.Integer(compute="_compute_result")
    severity = fields.Selection(SEVERITIES, compute="_compute_result")
    line_ids = fields.One2many("prm.conflict.test.line", "test_id", compute="_compute_result")

    @api.depends(
        *(f"{name}_{side}" for name in SIDE for side in "ab"), "country_a_id", "country_b_id"
    )
    def _compute_result(self):
        rules = self.env["prm.conflict.rule"]
        for test in self:
            result = rules._compare(test._get_side("a"), test._get_side("b"))
            test.score = result["score"]
            test.severity = result["severity"]
            test.line_ids = test.line_ids._new_lines(result["contributions"])

    def _get_side(self, side):
        values = {name: self[f"{name}_{side}"] or None for name in SIDE}
        return {**values, "country": self[f"country_{side}_id"].code}

    def action_swap(self):
        """Exchange the two companies: the score must stay the same."""
        self.ensure_one()
        values = {f"default_{name}_a": self[f"{name}_b"] for name in SIDE}
        values |= {f"default_{name}_b": self[f"{name}_a"] for name in SIDE}
        values["default_country_a_id"] = self.country_b_id.id
        values["default_country_b_id"] = self.country_a_id.id
        # A new form: its lines are shown while they are not stored.
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try Conflict Rules"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": values,
        }


class PrmConflictTestLine(models.TransientModel):
    """What one key contributes."""

    _name = "prm.conflict.test.line"
    _description = "Contribution of a Key"

    test_id = fields.Many2one("prm.conflict.test", required=True, index=True, ondelete="cascade")
    key = fields.Char(readonly=True)
    points = fields.Integer(readonly=True)
    weight = fields.Integer(string="Of", readonly=True, help="What the rule says at most.")

    @api.model
    def _new_lines(self, contributions):
        """Lines for the points of each key, not stored.

        :param dict contributions: ``{key: points}``, the strongest first
        """
        labels = self.env["prm.deal.conflict"]._get_key_labels()
        weights = self.env["prm.conflict.rule"]._get_scores()
        lines = self.browse()
        for key, points in contributions.items():
            lines |= self.new({"key": labels[key], "points": points, "weight": weights[key]})
        return lines
