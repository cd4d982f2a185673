from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.prm_partner.tools import account_keys
from odoo.addons.prm_partner.tools.account_keys import Account
from odoo.addons.prm_partner.tools.company_names import block_keys
from odoo.tools import SQL


# A claim in these states stands in the way of another one; a returned one keeps its place.
RIVAL_STATES = ("submitted", "in_review", "returned", "approved", "appealed", "won")
# Columns that are compared, by the kind of key: both kinds of domain are compared with each other.
KEY_COLUMNS = (
    ("vat", "key_vat"),
    ("registry", "key_registry"),
    ("domain", "key_domain"),
    ("domain", "key_mail_domain"),
    ("email", "key_email"),
    ("phone", "key_phone"),
    ("name", "key_name"),
    ("name_block", "key_name_block"),
    ("address", "key_address"),
)
# Keys that only suggest a match. Where more records than this have the same one it suggests
# nothing, and looking at all of them would make the time grow with the age of the database.
VAGUE_KEYS = ("name_block", "address")
VAGUE_LIMIT = 200
# A domain or phone that matches so many companies of different names is a hoster's or agency's.
CROWD = 5

_SOURCES = {
    "registration": ("prm_deal_registration", "prm.deal.registration"),
    "opportunity": ("crm_lead", "crm.lead"),
    "customer": ("res_partner", "res.partner"),
    "reservation": ("prm_account_reservation", "prm.account.reservation"),
}
_KEYS = tuple(account_keys.AccountKeys.__annotations__)


class Candidate(NamedTuple):
    """A record that may be about the same company as one of ours."""

    own_id: int
    source: str
    other_id: int
    account: Account


class PrmConflictSearch(models.AbstractModel):
    """Finds records about the same company: by equal keys in the database, then by comparing.

    One query looks all keys of all given records up in their indexes, so that the time grows with
    the number of matches and neither with that of records nor with that of leads.
    """

    _name = "prm.conflict.search"
    _description = "Conflict Search"

    @api.model
    def _find(self, records, sources=tuple(_SOURCES)):
        """What records of other kinds, or others of their kind, are about the same companies.

        :param records: of a model with ``prm.account.keys``, with the rights of the system
        :param sources: where to look
        :return: list of ``(own id, source, other id, result of _compare)`` for every match that
            reaches a severity, however many there are
        """
        candidates = self._fetch_candidates(records, sources)
        accounts = {
            record._origin.id or 0: record._get_account() for record in records if candidates
        }
        crowded = self._get_crowded(candidates)
        compare = self.env["prm.conflict.rule"]._compare_accounts
        compared = (
            (found, compare(accounts[found.own_id], found.account, crowded))
            for found in candidates
        )
        return [
            (found.own_id, found.source, found.other_id, result)
            for found, result in compared
            if result["severity"]
        ]

    @api.model
    def _get_crowded(self, candidates):
        """Domains and phones that companies with many different names have in common."""
        names = {}
        for candidate in candidates:
            keys = candidate.account.keys
            for value in (keys["domain"], keys["mail_domain"], keys["phone"]):
                if value and keys["name"]:
                    names.setdefault(value, set()).add(keys["name"].partition(" ")[0])
        return frozenset(value for value, found in names.items() if len(found) > CROWD)

    @api.model
    def _fetch_candidates(self, records, sources=tuple(_SOURCES)):
        """Records with an equal key.

        :return: list of ``Candidate``, the same record once for each of ours
        """
        wanted = self._get_wanted_keys(records)
        if not wanted:
            return []
        self._flush(sources)
        rows = self.env.execute_query(self._get_query(records, wanted, sources))
        return [self._make_candidate(row) for row in rows]

    @api.model
    def _flush(self, sources):
        for source in sources:
            self.env[_SOURCES[source][1]].flush_model()
        if "customer" in sources:
            self.env["account.move"].flush_model()
            self.env["res.company"].flush_model(["prm_conflict_customer_months"])

    @api.model
    def _make_candidate(self, row):
        own_id, source, other_id, name, postcode, street, *values = row
        data = {"name": name, "zip": postcode, "street": street}
        return Candidate(
            own_id, source, other_id, Account(data, dict(zip(_KEYS, values, strict=True)))
        )

    @api.model
    def _get_wanted_keys(self, records):
        rows = []
        for record in records:
            data, keys = record._get_account()
            company = record.company_id or self.env.company
            values = {kind: {keys[kind]} - {None} for kind, _column in KEY_COLUMNS}
            values["domain"] = account_keys.domains(keys)
            values["name_block"] = block_keys(data.get("name"))
            rows += [
                (record._origin.id or 0, company.id, kind, value)
                for kind, found in values.items()
                for value in sorted(found)
            ]
        return rows

    @api.model
    def _get_query(self, records, wanted, sources):
        branches = [
            self._get_branch(source, kind, column, records)
            for source in sources
            for kind, column in KEY_COLUMNS
        ]
        details = [self._get_details(source) for source in sources]
        return SQL(
            "WITH wanted (id, company_id, kind, value) AS (VALUES %s), found AS (%s)"
            " %s ORDER BY 1, 2, 3",
            SQL(", ").join(SQL("(%s, %s, %s, %s)", *row) for row in wanted),
            SQL(" UNION ").join(branches),
            SQL(" UNION ALL ").join(details),
        )

    @api.model
    def _get_branch(self, source, kind, column, records):
        """One look-up: our values of one kind of key in one column of one table."""
        table = SQL.identifier(_SOURCES[source][0])
        condition = getattr(self, f"_get_{source}_condition")()
        if records._name == _SOURCES[source][1]:
            condition = SQL("%s AND other.id != wanted.id", condition)
        if kind in VAGUE_KEYS:
            condition = SQL(
                "%s AND (SELECT count(*) FROM (SELECT 1 FROM %s AS crowd WHERE crowd.%s ="
                " wanted.value LIMIT %s) AS crowd) <= %s",
                condition,
                table,
                SQL.identifier(column),
                VAGUE_LIMIT + 1,
                VAGUE_LIMIT,
            )
        return SQL(
            "SELECT wanted.id AS own_id, %s AS source, other.id FROM wanted JOIN %s AS other"
            " ON other.%s = wanted.value WHERE wanted.kind = %s AND %s",
            source,
            table,
            SQL.identifier(column),
            kind,
            condition,
        )

    @api.model
    def _get_registration_condition(self):
        return SQL("other.company_id = wanted.company_id AND other.state IN %s", RIVAL_STATES)

    @api.model
    def _get_opportunity_condition(self):
        return SQL(
            "other.active AND other.type = 'opportunity' AND other.won_status = 'pending'"
            " AND (other.company_id IS NULL OR other.company_id = wanted.company_id)"
        )

    @api.model
    def _get_customer_condition(self):
        """Companies that we have invoiced in the last months; the company says how many."""
        return SQL(
            "other.active AND other.is_company AND other.customer_rank > 0 AND EXISTS ("
            "SELECT 1 FROM res_partner AS person"
            " JOIN account_move AS move ON move.partner_id = person.id"
            " JOIN res_company AS vendor ON vendor.id = move.company_id"
            " WHERE person.commercial_partner_id = other.id AND move.move_type = 'out_invoice'"
            " AND move.state = 'posted' AND move.company_id = wanted.company_id"
            " AND move.invoice_date"
            " > %s - make_interval(months => vendor.prm_conflict_customer_months))",
            fields.Date.context_today(self),
        )

    @api.model
    def _get_reservation_condition(self):
        today = fields.Date.context_today(self)
        return SQL(
            "other.active AND other.company_id = wanted.company_id"
            " AND (other.date_start IS NULL OR other.date_start <= %(today)s)"
            " AND (other.date_end IS NULL OR other.date_end >= %(today)s)",
            today=today,
        )

    @api.model
    def _get_details(self, source):
        """What is compared of the records that were found."""
        columns = {
            "registration": SQL("other.customer_name, NULL, NULL"),
            "opportunity": SQL(
                "COALESCE(NULLIF(other.partner_name, ''), company.name), other.zip, other.street"
            ),
            "customer": SQL("other.name, other.zip, other.street"),
            "reservation": SQL("other.name, other.zip, other.street"),
        }
        company = SQL(
            " LEFT JOIN res_partner AS person ON person.id = other.partner_id"
            " LEFT JOIN res_partner AS company"
            " ON company.id = person.commercial_partner_id AND company.is_company"
        )
        return SQL(
            "SELECT found.own_id, found.source, other.id, %s, %s FROM found JOIN %s AS other"
            " ON other.id = found.id%s WHERE found.source = %s",
            columns[source],
            SQL(", ").join(SQL.identifier("other", f"key_{name}") for name in _KEYS),
            SQL.identifier(_SOURCES[source][0]),
            company if source == "opportunity" else SQL(""),
            source,
        )
