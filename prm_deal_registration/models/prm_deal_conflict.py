from odoo import api, fields, models
from odoo.addons.prm_partner.tools import account_keys
from odoo.tools import SQL

from .prm_conflict_rule import SEVERITIES

# A claim in these states stands in the way of another one; a returned one keeps its place.
RIVAL_STATES = ("submitted", "in_review", "returned", "approved", "appealed", "won")
# Columns that are compared, by the kind of key: both kinds of domain are compared with each other.
KEY_COLUMNS = (
    ("vat", "key_vat"),
    ("domain", "key_domain"),
    ("domain", "key_mail_domain"),
    ("email", "key_email"),
    ("phone", "key_phone"),
    ("name", "key_name"),
)


class PrmDealConflict(models.Model):
    _name = "prm.deal.conflict"
    _description = "Deal Conflict"
    _order = "score desc, id"

    registration_id = fields.Many2one(
        "prm.deal.registration", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="registration_id.company_id", store=True, index=True, string="Company"
    )
    partner_id = fields.Many2one(
        related="registration_id.partner_id", store=True, index=True, string="Claimed By"
    )
    source = fields.Selection(
        [("registration", "Registration"), ("opportunity", "Own Opportunity")],
        required=True,
        readonly=True,
    )
    other_registration_id = fields.Many2one(
        "prm.deal.registration", index="btree_not_null", ondelete="cascade", readonly=True
    )
    other_lead_id = fields.Many2one(
        "crm.lead",
        string="Other Opportunity",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    other_partner_id = fields.Many2one(
        "res.partner", index="btree_not_null", ondelete="cascade", readonly=True
    )
    is_own = fields.Boolean(string="Same Partner", readonly=True)
    other_scope = fields.Boolean(string="Other Product Category", readonly=True)
    key = fields.Char(required=True, readonly=True, help="The strongest key that is equal.")
    matched_keys = fields.Char(required=True, readonly=True)
    score = fields.Integer(required=True, readonly=True, aggregator="max")
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    own_values = fields.Char(string="This Deal", compute="_compute_values")
    other_values = fields.Char(string="The Other", compute="_compute_values")
    description = fields.Char(string="Explanation", compute="_compute_description")

    @api.depends("registration_id", "other_registration_id", "other_lead_id", "matched_keys")
    def _compute_values(self):
        for conflict in self:
            # sudo: staff who may read the conflict see why it is one, even in others' records.
            sides = conflict.sudo()
            other = sides.other_registration_id or sides.other_lead_id
            conflict.own_values = sides._format_values(sides.registration_id)
            conflict.other_values = sides._format_values(other)

    @api.depends("source", "other_registration_id", "other_lead_id", "matched_keys", "is_own")
    @api.depends_context("lang")
    def _compute_description(self):
        for conflict in self:
            # sudo: as above.
            conflict.description = conflict.sudo()._get_description()

    def _format_values(self, record):
        if not record:
            return False
        keys = record._get_account_keys()
        keys["domain"] = keys["domain"] or keys["mail_domain"]
        return ", ".join(filter(None, (keys[key] for key in self._get_keys())))

    def _get_description(self):
        labels = self._get_key_labels()
        matched = ", ".join(labels[key] for key in self._get_keys())
        if self.is_own:
            text = self.env._("The same partner has it already: %(other)s. Equal: %(keys)s.")
        elif self.source == "registration":
            text = self.env._("%(partner)s registered it too: %(other)s. Equal: %(keys)s.")
        else:
            text = self.env._("Our own pipeline has it: %(other)s. Equal: %(keys)s.")
        other = self.other_registration_id or self.other_lead_id
        values = {
            "partner": self.other_partner_id.name,
            "other": other.display_name,
            "keys": matched,
        }
        if self.other_scope:
            return text % values + " " + self.env._("The product category is another one.")
        return text % values

    def _get_keys(self):
        return (self.matched_keys or "").split(",")

    @api.model
    def _get_key_labels(self):
        """What a partner calls the keys."""
        return {
            "vat": self.env._("VAT number"),
            "domain": self.env._("website or e-mail domain"),
            "email": self.env._("e-mail address"),
            "phone": self.env._("phone number"),
            "name": self.env._("company name"),
        }

    def _get_hint(self):
        """Text for the partner: which of its own data matched, and nothing of the other side."""
        labels = self._get_key_labels()
        serious = self.filtered(lambda conflict: conflict.severity != "info")
        own = serious.filtered("is_own")
        others = serious - own
        lines = []
        if others:
            found = {key for conflict in others for key in conflict._get_keys()}
            lines.append(
                self.env._(
                    "This customer needs a review. It was recognised by: %s.",
                    ", ".join(labels[key] for key in account_keys.KEYS if key in found),
                )
            )
        if own:
            names = own.mapped(lambda conflict: conflict.other_registration_id.name or "")
            lines.append(
                self.env._(
                    "Your company has this customer already: %s.",
                    ", ".join(filter(None, names)) or self.env._("an assigned opportunity"),
                )
            )
        return "\n".join(lines)

    def _get_identities(self):
        """What makes a grave conflict the same one after another check.

        A rival that has withdrawn leaves its opportunity behind: that is nothing new.
        """
        found = set()
        for conflict in self.filtered(lambda conflict: conflict.severity != "info"):
            other = conflict.other_registration_id
            other = other.lead_id or other or conflict.other_lead_id
            found.add((conflict.registration_id, other._name, other.id))
        return found

    @api.model
    def _detect(self, registrations):
        """Find and store what stands in the way of registrations; earlier findings are replaced.

        The number of queries does not depend on the number of registrations, and the time grows
        with the number of matches.

        :param registrations: ``prm.deal.registration`` with the rights of the system
        :return: the new ``prm.deal.conflict`` records
        """
        candidates = self._get_candidates(registrations)
        vals_list = [
            vals
            for registration, other in candidates
            if (vals := self._prepare_conflict_vals(registration, other))
        ]
        registrations.conflict_ids.unlink()
        return self.create(vals_list)

    @api.model
    def _get_candidates(self, registrations):
        """Pairs of a registration and a record with an equal key.

        :return: list of ``(registration, other registration or lead)``
        """
        rows = self._fetch_candidates(registrations)
        deals = registrations.browse({other for _own, source, other in rows if source == "deal"})
        leads = self.env["crm.lead"].browse(
            {other for _own, source, other in rows if source == "lead"}
        )
        others = {("deal", deal.id): deal for deal in deals}
        others |= {("lead", lead.id): lead for lead in leads}
        own = {registration.id: registration for registration in registrations}
        pairs = [(own[own_id], others[source, other]) for own_id, source, other in rows]
        found = set(pairs)
        return [
            (registration, other)
            for registration, other in pairs
            if other._name != "crm.lead"
            # An approved rival and its opportunity are one conflict, not two.
            or (
                (registration, other.registration_id) not in found and other != registration.lead_id
            )
        ]

    @api.model
    def _fetch_candidates(self, registrations):
        wanted = self._get_wanted_keys(registrations)
        if not wanted:
            return []
        registrations.flush_model()
        self.env["crm.lead"].flush_model()
        branches = [
            branch
            for kind, column in KEY_COLUMNS
            for branch in (self._get_deal_branch(kind, column), self._get_lead_branch(kind, column))
        ]
        query = SQL(
            "WITH wanted (id, company_id, kind, value) AS (VALUES %s) %s ORDER BY 1, 2, 3",
            SQL(", ").join(SQL("(%s, %s, %s, %s)", *row) for row in wanted),
            SQL(" UNION ").join(branches),
        )
        return self.env.execute_query(query)

    @api.model
    def _get_wanted_keys(self, registrations):
        rows = []
        for registration in registrations:
            keys = registration._get_account_keys()
            values = {kind: {keys[kind]} - {None} for kind in account_keys.KEYS}
            values["domain"] = account_keys.domains(keys)
            rows += [
                (registration.id, registration.company_id.id, kind, value)
                for kind, found in values.items()
                for value in sorted(found)
            ]
        return rows

    @api.model
    def _get_deal_branch(self, kind, column):
        return SQL(
            "SELECT wanted.id, 'deal', deal.id FROM wanted"
            " JOIN prm_deal_registration deal ON deal.%s = wanted.value"
            " WHERE wanted.kind = %s AND deal.company_id = wanted.company_id"
            " AND deal.id != wanted.id AND deal.state IN %s",
            SQL.identifier(column),
            kind,
            RIVAL_STATES,
        )

    @api.model
    def _get_lead_branch(self, kind, column):
        return SQL(
            "SELECT wanted.id, 'lead', lead.id FROM wanted"
            " JOIN crm_lead lead ON lead.%s = wanted.value"
            " WHERE wanted.kind = %s AND lead.active AND lead.type = 'opportunity'"
            " AND lead.won_status = 'pending'"
            " AND (lead.company_id IS NULL OR lead.company_id = wanted.company_id)",
            SQL.identifier(column),
            kind,
        )

    @api.model
    def _prepare_conflict_vals(self, registration, other):
        result = self.env["prm.conflict.rule"]._compare_keys(
            registration._get_account_keys(), other._get_account_keys()
        )
        if not result["severity"]:
            return None
        is_deal = other._name == "prm.deal.registration"
        partner = other.partner_id if is_deal else other.partner_assigned_id.commercial_partner_id
        is_own = partner == registration.partner_id
        other_scope = is_deal and not self._scopes_overlap(registration, other)
        # A lead that we gave to this partner is no rival, and another product is another deal.
        harmless = other_scope or (is_own and not is_deal)
        return {
            "registration_id": registration.id,
            "source": "registration" if is_deal else "opportunity",
            "other_registration_id": other.id if is_deal else False,
            "other_lead_id": False if is_deal else other.id,
            "other_partner_id": partner.id,
            "is_own": is_own,
            "other_scope": other_scope,
            "key": result["reasons"][0],
            "matched_keys": ",".join(result["reasons"]),
            "score": result["score"],
            "severity": "info" if harmless else result["severity"],
        }

    @api.model
    def _scopes_overlap(self, first, second):
        """A category overlaps itself, the ones above and below it, and an empty one everything."""
        one, two = first.category_id, second.category_id
        if not one or not two:
            return True
        paths = (one.parent_path or "", two.parent_path or "")
        return paths[0].startswith(paths[1]) or paths[1].startswith(paths[0])

    def action_use_lead(self):
        """Tie the registration to the opportunity of this conflict."""
        self.ensure_one()
        self.registration_id.check_access("write")
        self.registration_id.lead_id = self.other_lead_id

    def action_open_other(self):
        """Open the other record."""
        self.ensure_one()
        return (self.other_registration_id or self.other_lead_id).get_formview_action()
