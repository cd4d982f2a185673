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
# nothing, and comparing all of them would make the time grow with the age of the database.
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
# Name, postcode and street to compare, where they are not simply called so.
_DETAILS = {
    "registration": SQL("other.customer_name, NULL, NULL"),
    # Without a name of its own the lead has that of its customer, of which the key is known here.
    "opportunity": SQL(
        "COALESCE(NULLIF(other.partner_name, ''), other.key_name), other.zip, other.street"
    ),
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
        limit = VAGUE_LIMIT * len(wanted)
        rows = self._fetch_rows(wanted, sources, limit)
        if len(rows) >= limit:
            # Vague keys have brought very many: now only those that few records have.
            rows = self._fetch_rows(wanted, sources)
        candidates = self._make_candidates(rows, wanted, records)
        return self._drop_others_customers(candidates, wanted)

    @api.model
    def _fetch_rows(self, wanted, sources, limit=None):
        """
        :param limit: how many rows are taken; without, vague keys are counted first, which is
            slower
        """
        query = SQL(" UNION ALL ").join(
            self._get_branch(source, wanted, limit is None) for source in sources
        )
        return self.env.execute_query(SQL("%s LIMIT %s", query, limit) if limit else query)

    @api.model
    def _flush(self, sources):
        for source in sources:
            self.env[_SOURCES[source][1]].flush_model()

    @api.model
    def _make_candidates(self, rows, wanted, records):
        """One candidate for each of ours that has a key of a row and is of its company."""
        found = {}
        for source, other_id, company_id, name, postcode, street, *values in rows:
            keys = dict(zip(_KEYS, values, strict=True))
            account = Account({"name": name, "zip": postcode, "street": street}, keys)
            same_model = records._name == _SOURCES[source][1]
            for kind, column in KEY_COLUMNS:
                for own_id, own_company_id in wanted.get((kind, keys[column]), ()):
                    itself = same_model and own_id == other_id
                    if company_id in (None, own_company_id) and not itself:
                        group = found.setdefault((own_id, source, column, keys[column]), {})
                        group[other_id] = Candidate(own_id, source, other_id, account)
        distinct = {
            candidate[:3]: candidate
            for (_own_id, _source, column, _value), group in found.items()
            if column not in VAGUE_KEYS or len(group) <= VAGUE_LIMIT
            for candidate in group.values()
        }
        return [distinct[key] for key in sorted(distinct)]

    @api.model
    def _drop_others_customers(self, candidates, wanted):
        """Of companies, keep those that we have invoiced in the last months."""
        partner_ids = {found.other_id for found in candidates if found.source == "customer"}
        if not partner_ids:
            return candidates
        owners = {owner for found in wanted.values() for owner in found}
        companies = sorted({company_id for _own_id, company_id in owners})
        company_of = dict(owners)
        customers = self._fetch_customers(sorted(partner_ids), companies)
        return [
            found
            for found in candidates
            if found.source != "customer"
            or (found.other_id, company_of[found.own_id]) in customers
        ]

    @api.model
    def _fetch_customers(self, partner_ids, companies):
        """Pairs of a customer and our company that has invoiced it; the company says how lately."""
        self.env["account.move"].flush_model()
        self.env["res.company"].flush_model(["prm_conflict_customer_months"])
        query = SQL(
            "SELECT DISTINCT person.commercial_partner_id, move.company_id"
            " FROM res_partner AS person"
            " JOIN account_move AS move ON move.partner_id = person.id"
            " JOIN res_company AS vendor ON vendor.id = move.company_id"
            " WHERE person.commercial_partner_id = ANY(%s) AND move.move_type = 'out_invoice'"
            " AND move.state = 'posted' AND move.company_id = ANY(%s) AND move.invoice_date"
            " > %s - make_interval(months => vendor.prm_conflict_customer_months)",
            partner_ids,
            companies,
            fields.Date.context_today(self),
        )
        return set(self.env.execute_query(query))

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
    def _get_branch(self, source, wanted, careful=False):
        """Look all values up in one table: one scan of the indexes of all columns together."""
        table = SQL.identifier(_SOURCES[source][0])
        values = {}
        for kind, value in sorted(wanted):
            values.setdefault(kind, []).append(value)
        conditions = [
            SQL(
                "%s = ANY(%s)",
                SQL.identifier("other", f"key_{column}"),
                self._get_values(table, column, values[kind], careful),
            )
            for kind, column in KEY_COLUMNS
            if kind in values
        ]
        companies = sorted({company for owners in wanted.values() for _own, company in owners})
        return SQL(
            "SELECT %s AS source, other.id, other.company_id, %s, %s FROM %s AS other WHERE (%s)"
            " AND (other.company_id IS NULL OR other.company_id = ANY(%s)) AND %s",
            source,
            _DETAILS.get(source, SQL("other.name, other.zip, other.street")),
            SQL(", ").join(SQL.identifier("other", f"key_{name}") for name in _KEYS),
            table,
            SQL(" OR ").join(conditions),
            companies,
            self._get_condition(source),
        )

    @api.model
    def _get_values(self, table, column, values, careful):
        """Values to look for; if careful, of a vague key only those that few records have."""
        if column not in VAGUE_KEYS or not careful:
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
    def _get_condition(self, source):
        """Which records of a source stand in the way of a claim."""
        if source == "registration":
            return SQL("other.state IN %s", RIVAL_STATES)
        if source == "opportunity":
            return SQL(
                "other.active AND other.type = 'opportunity' AND other.won_status = 'pending'"
            )
        if source == "customer":
            return SQL("other.active AND other.is_company AND other.customer_rank > 0")
        return SQL(
            "other.active AND (other.date_start IS NULL OR other.date_start <= %(today)s)"
            " AND (other.date_end IS NULL OR other.date_end >= %(today)s)",
            today=fields.Date.context_today(self),
        )
