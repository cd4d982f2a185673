from odoo import api, fields, models, tools
from odoo.addons.prm_partner.tools import account_keys

# The lowest score of each severity, the gravest first.
SEVERITY_SCORES = (("block", 90), ("review", 60), ("info", 40))
SEVERITIES = [("info", "Information"), ("review", "Review"), ("block", "Block")]
SEVERITY_RANK = {False: 0, "info": 1, "review": 2, "block": 3}


class PrmConflictRule(models.Model):
    _name = "prm.conflict.rule"
    _description = "Conflict Rule"
    _order = "score desc, id"
    _rec_name = "key"

    key = fields.Selection(
        [
            ("vat", "VAT Number"),
            ("email", "E-mail Address"),
            ("domain", "Website or E-mail Domain"),
            ("name", "Company Name and Country"),
            ("phone", "Phone Number"),
        ],
        required=True,
    )
    score = fields.Integer(
        required=True,
        help="How sure it is that two records with this key mean the same customer. From 90 the"
        " registration is blocked, from 60 it needs a review, from 40 the match is only shown.",
    )
    active = fields.Boolean(default=True)

    _key_uniq = models.Constraint("UNIQUE(key)", "There is already a rule for this key.")
    _score_check = models.Constraint(
        "CHECK(score BETWEEN 0 AND 100)", "A score lies between 0 and 100."
    )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    def _compare(self, first, second):
        """Compare two descriptions of a company.

        :param dict first: ``name, vat, website, email, phone, country, zip, street``, all optional
        :param dict second: the other company, likewise
        :return: ``{"score": 0..100, "severity": "block" | "review" | "info" | False,
            "reasons": [keys]}``
        """
        return self._compare_keys(
            account_keys.account_keys(first), account_keys.account_keys(second)
        )

    @api.model
    def _compare_keys(self, first, second):
        """Like ``_compare``, for keys that are known already. The strongest match decides."""
        scores = self._get_scores()
        reasons = [key for key in account_keys.matching_keys(first, second) if key in scores]
        reasons.sort(key=lambda key: -scores[key])
        score = max((scores[key] for key in reasons), default=0)
        return {"score": score, "severity": self._get_severity(score), "reasons": reasons}

    @api.model
    def _get_severity(self, score):
        return next((name for name, lowest in SEVERITY_SCORES if score >= lowest), False)

    @api.model
    @tools.ormcache()
    def _get_scores(self):
        # sudo: the rules are the same for everybody, whoever registers.
        return {rule.key: rule.score for rule in self.sudo().search([])}
