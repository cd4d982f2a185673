from odoo import api, fields, models, tools
from odoo.addons.prm_partner.tools.account_keys import Account

from ..tools.account_match import match

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
            ("registry", "Registration Number"),
            ("email", "E-mail Address"),
            ("domain", "Website or E-mail Domain"),
            ("name", "Company Name"),
            ("phone", "Phone Number"),
            ("address", "Address"),
        ],
        required=True,
    )
    score = fields.Integer(
        required=True,
        help="How sure it is that two companies with this in common are the same customer, if"
        " nothing else is known. Several keys together make it surer; contradictions, such as two"
        " VAT numbers, make it less sure.",
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

        :param dict first: ``name, vat, website, email, phone, country, zip, street``, all optional;
            the country by its ISO code
        :param dict second: the other company, likewise
        :return: ``{"score": 0..100, "severity": "block" | "review" | "info" | False,
            "reasons": [keys, strongest first], "contributions": {key: points}}``
        """
        return self._compare_accounts(Account.of(first), Account.of(second))

    @api.model
    def _compare_accounts(self, first, second, crowded=frozenset()):
        """Like ``_compare``, for companies whose keys are known already.

        :param Account first: one company
        :param Account second: the other
        :param crowded: values of domains and phones that many companies have, and which therefore
            count less
        """
        found = match(first, second, self._get_scores(), crowded)
        return {
            "score": found.score,
            "severity": self.env["prm.conflict.threshold"]._get_severity(found.score),
            "reasons": list(found.contributions),
            "contributions": found.contributions,
        }

    @api.model
    @tools.ormcache()
    def _get_scores(self):
        # sudo: the rules are the same for everybody, whoever registers.
        return {rule.key: rule.score for rule in self.sudo().search([])}
