from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.prm_partner.tools import account_keys
from odoo.addons.prm_partner.tools.account_keys import Account
from odoo.addons.prm_partner.tools.company_names import block_keys
from odoo.tools import SQL


# A claim in these states stands in the way of another one; a returned one keeps its place.
RIVAL_STATES = ("submitted", "in_review", "returned", "approved", "appealed", "won")
# Keys that are compared, by their kind: both kinds of domain are compared with each other.
KEY_COLUMNS = (
    ("vat", "vat"),
    ("registry", "registry"),
    ("domain", "domain"),
    ("domain", "mail_domain"),
    ("email", "email"),
    ("phone", "phone"),
    ("name", "name"),
    ("name_block", "name_block"),
    ("address", "address"),
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
        query = SQL(" UNION ALL ").join(
            self._get_branch(source, wanted, records) for source in sources
        )
        candidates = []
        for row in self.env.execute_query(query):
            candidates += self._make_candidates(row, wanted, records)
        return sorted(candidates, key=lambda found: (found.own_id, found.source, found.other_id))

    @api.model
    def _flush(self, sources):
        for source in sources:
            self.env[_SOURCES[source][1]].flush_model()
        if "customer" in sources:
            self.env["account.move"].flush_model()
            self.env["res.company"].flush_model(["prm_conflict_customer_months"])

    @api.model
    def _make_candidates(self, row, wanted, records):
        """One candidate for each of ours that has a key of this row and is of its company."""
        source, other_id, company_id, name, postcode, street, *values = row
        keys = dict(zip(_KEYS, values, strict=True))
        account = Account({"name": name, "zip": postcode, "street": street}, keys)
        same_model = records._name == _SOURCES[source][1]
        own_ids = {
            own_id
            for kind, column in KEY_COLUMNS
            for own_id, own_company_id in wanted.get((kind, keys[column]), ())
            if company_id in (None, own_company_id) and not (same_model and own_id == other_id)
        }
        return [Candidate(own_id, source, other_id, account) for own_id in own_ids]

    @api.model
    def _get_wanted_keys(self, records):
        """Values to look for.

        :return: ``{(kind, value): [(own id, company id)]}``; a new record has the id 0
        """
        wanted = {}
        for record in records:
            data, keys = record._get_account()
            owner = (record._origin.id or 0, (record.company_id or self.env.company).id)
            values = {kind: {keys[kind]} - {None} for kind, _column in KEY_COLUMNS}
            values["domain"] = account_keys.domains(keys)
            values["name_block"] = block_keys(data.get("name"))
            for kind, found in values.items():
                for value in found:
                    wanted.setdefault((kind, value), []).append(owner)
        return wanted

    @api.model
    def _get_branch(self, source, wanted, records):
        """Look all values up in one table: one scan of the indexes of all columns together."""
        table = SQL.identifier(_SOURCES[source][0])
        values = {}
        for kind, value in sorted(wanted):
            values.setdefault(kind, []).append(value)
        conditions = [
            SQL(
                "%s = ANY(%s)",
                SQL.identifier("other", f"key_{column}"),
                self._get_values(table, column, values[kind]),
            )
            for kind, column in KEY_COLUMNS
            if kind in values
        ]
        companies = sorted({company_id for owners in wanted.values() for _own, company_id in owners})
        columns, joins = self._get_details(source)
        return SQL(
            "SELECT %s, other.id, other.company_id, %s, %s FROM %s AS other%s WHERE (%s)"
            " AND (other.company_id IS NULL OR other.company_id = ANY(%s)) AND %s",
            source,
            columns,
            SQL(", ").join(SQL.identifier("other", f"key_{name}") for name in _KEYS),
            table,
            joins,
            SQL(" OR ").join(conditions),
            companies,
            getattr(self, f"_get_{source}_condition")(companies),
        )

    @api.model
    def _get_values(self, table, column, values):
        """Values to look for in a column; of a vague key only those that few records have."""
        if column not in VAGUE_KEYS:
            return SQL("%s::varchar[]", values)
        return SQL(
            "ARRAY(SELECT value FROM unnest(%s::varchar[]) AS value WHERE (SELECT count(*) FROM"
            " (SELECT 1 FROM %s AS crowd WHERE crowd.%s = value LIMIT %s) AS crowd) <= %s)",
            values,
            table,
            SQL.identifier(f"key_{column}"),
            VAGUE_LIMIT + 1,
            VAGUE_LIMIT,
        )

    @api.model
    def _get_registration_condition(self, companies):
        return SQL("other.state IN %s", RIVAL_STATES)

    @api.model
    def _get_opportunity_condition(self, companies):
        return SQL("other.active AND other.type = 'opportunity' AND other.won_status = 'pending'")

    @api.model
    def _get_customer_condition(self, companies):
        """Companies that we have invoiced in the last months; the company says how many."""
        return SQL(
            "other.active AND other.is_company AND other.customer_rank > 0 AND EXISTS ("
            "SELECT 1 FROM res_partner AS person"
            " JOIN account_move AS move ON move.partner_id = person.id"
            " JOIN res_company AS vendor ON vendor.id = move.company_id"
            " WHERE person.commercial_partner_id = other.id AND move.move_type = 'out_invoice'"
            " AND move.state = 'posted' AND move.company_id = ANY(%s)"
            " AND move.invoice_date"
            " > %s - make_interval(months => vendor.prm_conflict_customer_months))",
            companies,
            fields.Date.context_today(self),
        )

    @api.model
    def _get_reservation_condition(self, companies):
        return SQL(
            "other.active AND (other.date_start IS NULL OR other.date_start <= %(today)s)"
            " AND (other.date_end IS NULL OR other.date_end >= %(today)s)",
            today=fields.Date.context_today(self),
        )

    @api.model
    def _get_details(self, source):
        """Name, postcode and street to compare, and the tables that they come from.

        :return: pair of SQL
        """
        if source == "registration":
            return SQL("other.customer_name, NULL, NULL"), SQL("")
        if source != "opportunity":
            return SQL("other.name, other.zip, other.street"), SQL("")
        return (
            SQL("COALESCE(NULLIF(other.partner_name, ''), company.name), other.zip, other.street"),
            SQL(
                " LEFT JOIN res_partner AS person ON person.id = other.partner_id"
                " LEFT JOIN res_partner AS company"
                " ON company.id = person.commercial_partner_id AND company.is_company"
            ),
        )
