from odoo import api, fields, models

from .prm_conflict_rule import SEVERITIES


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
        [
            ("registration", "Registration"),
            ("opportunity", "Own Opportunity"),
            ("customer", "Own Customer"),
            ("reservation", "Reserved Account"),
        ],
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
    other_customer_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="A company that we have invoiced lately.",
    )
    other_reservation_id = fields.Many2one(
        "prm.account.reservation",
        string="Reserved Account",
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
    contributions = fields.Json(readonly=True, help="Points of each key that matches.")
    score = fields.Integer(required=True, readonly=True, aggregator="max")
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    own_values = fields.Char(string="This Deal", compute="_compute_values")
    other_values = fields.Char(string="The Other", compute="_compute_values")
    description = fields.Char(string="Explanation", compute="_compute_description")

    @api.depends(
        "registration_id",
        "other_registration_id",
        "other_lead_id",
        "other_customer_id",
        "other_reservation_id",
        "matched_keys",
    )
    def _compute_values(self):
        for conflict in self:
            # sudo: staff who may read the conflict see why it is one, even in others' records.
            sides = conflict.sudo()
            other = sides._get_other()
            conflict.own_values = sides._format_values(sides.registration_id)
            conflict.other_values = sides._format_values(other)

    @api.depends(
        "source",
        "other_registration_id",
        "other_lead_id",
        "other_customer_id",
        "other_reservation_id",
        "matched_keys",
        "is_own",
    )
    @api.depends_context("lang")
    def _compute_description(self):
        for conflict in self:
            # sudo: as above.
            conflict.description = conflict.sudo()._get_description()

    def _get_other(self):
        """The record that the registration conflicts with."""
        return (
            self.other_registration_id
            or self.other_lead_id
            or self.other_customer_id
            or self.other_reservation_id
        )

    def _format_values(self, record):
        if not record:
            return False
        data, keys = record._get_account()
        values = {
            **keys,
            "domain": keys["domain"] or keys["mail_domain"],
            "name": data.get("name"),
            "address": ", ".join(filter(None, (data.get("street"), data.get("zip")))),
        }
        return ", ".join(filter(None, (values[key] for key in self._get_keys())))

    def _get_description(self):
        labels = self._get_key_labels()
        matched = ", ".join(labels[key] for key in self._get_keys())
        if self.is_own:
            text = self.env._("The same partner has it already: %(other)s. Equal: %(keys)s.")
        elif self.source == "registration":
            text = self.env._("%(partner)s registered it too: %(other)s. Equal: %(keys)s.")
        elif self.source == "opportunity":
            text = self.env._("Our own pipeline has it: %(other)s. Equal: %(keys)s.")
        elif self.source == "customer":
            text = self.env._("It is a customer of ours: %(other)s. Equal: %(keys)s.")
        else:
            text = self.env._("The account is reserved: %(other)s. Equal: %(keys)s.")
        other = self._get_other()
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
            "registry": self.env._("registration number"),
            "domain": self.env._("website or e-mail domain"),
            "email": self.env._("e-mail address"),
            "phone": self.env._("phone number"),
            "name": self.env._("company name"),
            "address": self.env._("address"),
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
                    ", ".join(labels[key] for key in labels if key in found),
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
            other = conflict.other_registration_id.lead_id or conflict._get_other()
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
        vals_list = self._prepare_all_vals(registrations, self._get_matches(registrations))
        registrations.conflict_ids.unlink()
        return self.create(vals_list)

    @api.model
    def _get_matches(self, registrations):
        """Matches of registrations that are conflicts.

        :return: list of ``(registration, source, other record, result of _compare)``
        """
        rows = self.env["prm.conflict.search"]._find(registrations)
        models = {source: self.env[name] for source, name in self._get_source_models().items()}
        others = {
            source: model.browse({row[2] for row in rows if row[1] == source})
            for source, model in models.items()
        }
        records = {(source, other.id): other for source in others for other in others[source]}
        own = {registration.id: registration for registration in registrations}
        found = {(own_id, source, other_id) for own_id, source, other_id, _result in rows}
        return [
            (own[own_id], source, records[source, other_id], result)
            for own_id, source, other_id, result in rows
            if not self._is_known_otherwise(own[own_id], source, records[source, other_id], found)
        ]

    @api.model
    def _get_source_models(self):
        return {
            "registration": "prm.deal.registration",
            "opportunity": "crm.lead",
            "customer": "res.partner",
            "reservation": "prm.account.reservation",
        }

    @api.model
    def _is_known_otherwise(self, registration, source, other, found):
        """A deal's own opportunity is none; a rival's and the rival are one conflict, not two."""
        if source == "opportunity":
            rival = (registration.id, "registration", other.registration_id.id)
            return other == registration.lead_id or rival in found
        return source == "customer" and other == registration.partner_id

    @api.model
    def _prepare_all_vals(self, registrations, matches):
        customers = self.env["res.partner"].union(
            *(other for _own, source, other, _result in matches if source == "customer")
        )
        brought = self._get_brought_customers(customers)
        return [
            self._prepare_conflict_vals(registration, source, other, result, brought)
            for registration, source, other, result in matches
        ]

    @api.model
    def _get_brought_customers(self, customers):
        """Customers that a partner has brought by a deal of its own.

        :return: set of ``(customer id, partner id)``
        """
        if not customers:
            return set()
        deals = self.env["account.move"]._read_group(
            [("commercial_partner_id", "in", customers.ids), ("registration_id", "!=", False)],
            ["commercial_partner_id", "registration_id"],
        )
        return {(customer.id, deal.partner_id.id) for customer, deal in deals}

    @api.model
    def _prepare_conflict_vals(self, registration, source, other, result, brought):
        partner = self._get_rival_partner(source, other)
        is_own = partner == registration.partner_id
        if source == "customer":
            is_own = (other.id, registration.partner_id.id) in brought
        other_scope = source in ("registration", "reservation") and not self._scopes_overlap(
            registration, other
        )
        # A lead that we gave to this partner is no rival, and another product is another deal.
        harmless = other_scope or (is_own and source != "registration")
        return {
            "registration_id": registration.id,
            "source": source,
            self._get_source_field(source): other.id,
            "other_partner_id": partner.id,
            "is_own": is_own,
            "other_scope": other_scope,
            "key": result["reasons"][0],
            "matched_keys": ",".join(result["reasons"]),
            "contributions": result["contributions"],
            "score": result["score"],
            "severity": "info" if harmless else result["severity"],
        }

    @api.model
    def _get_rival_partner(self, source, other):
        """The partner who has the customer, if any."""
        if source == "registration":
            return other.partner_id
        if source == "opportunity":
            return other.partner_assigned_id.commercial_partner_id
        return other.partner_id if source == "reservation" else self.env["res.partner"]

    @api.model
    def _get_source_field(self, source):
        return {
            "registration": "other_registration_id",
            "opportunity": "other_lead_id",
            "customer": "other_customer_id",
            "reservation": "other_reservation_id",
        }[source]

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
        return self._get_other().get_formview_action()
