"""What the benchmark of the conflict check runs inside Odoo."""

import statistics
import time
from unittest.mock import patch

from odoo.addons.prm_partner.tools import account_keys

RUNS = 60
BATCH = 80
HITS = 60
HIT_DOMAIN = "bench-hits.com"
CROWD_NAME = "Bench Crowd"


def run(env):
    """Time one check, its parts, a batch and a customer that very many leads are about.

    :return: dict of milliseconds, ratios, numbers of queries and leads
    """
    env = env(context={**env.context, "tracking_disable": True})
    env.cr.execute("SELECT count(*) FROM crm_lead")
    [[count]] = env.cr.fetchall()
    deals = _make_deals(env)
    env.flush_all()
    for function in (_candidates, _by_hand, _check):
        function(env, deals[0])  # what is loaded at the first use
    candidates, by_hand, check = (
        _median(env, deals, function) for function in (_candidates, _by_hand, _check)
    )
    create = _median(env, list(range(RUNS)), _create_lead)
    queries, batch = _batch(env)
    found, crowded = _hits(env)
    env.cr.rollback()
    return {
        "leads": count,
        "candidates": candidates,
        "by_hand": by_hand,
        "candidates_ratio": round(candidates / by_hand, 2),
        "check": check,
        "create_lead": create,
        "check_ratio": round(check / create, 2),
        "batch_queries": queries,
        "batch": batch,
        "hits_found": found,
        "crowded": crowded,
    }


def _make_deals(env):
    """Registrations of customers that leads are about: spelt otherwise, as partners do."""
    env.cr.execute(
        "SELECT partner_name, key_mail_domain, phone FROM crm_lead WHERE name LIKE 'BENCH/%%'"
        " AND substr(name, 7)::int %% 977 = 5 ORDER BY id LIMIT %s",
        [RUNS],
    )
    customers = env.cr.fetchall()
    membership = env["prm.membership"].search([("state", "=", "active")], limit=1)
    return env["prm.deal.registration"].create(
        [
            {
                "partner_id": membership.partner_id.id,
                "membership_id": membership.id,
                "company_id": membership.company_id.id,
                "customer_name": f"{name.title()} GmbH & Co. KG",
                "customer_email": f"buyer@{domain or 'gmail.com'}",
                "customer_phone": phone,
                "customer_country_id": env.ref("base.de").id,
            }
            for name, domain, phone in customers
        ]
    )


def _median(env, items, function):
    seconds = []
    for item in items:
        env.invalidate_all()
        if hasattr(item, "_fields"):
            item._get_account()  # the record is open anyway
        start = time.perf_counter()
        function(env, item)
        seconds.append(time.perf_counter() - start)
    return round(1000 * statistics.median(seconds), 3)


def _candidates(env, deal):
    return env["prm.conflict.search"]._fetch_candidates(deal)


def _by_hand(env, deal):
    """The same look-ups without anything else: no state, no scope, no details."""
    keys = deal._get_account_keys()
    columns = {
        "key_vat": {keys["vat"]},
        "key_registry": {keys["registry"]},
        "key_domain": account_keys.domains(keys),
        "key_mail_domain": account_keys.domains(keys),
        "key_email": {keys["email"]},
        "key_phone": {keys["phone"]},
        "key_name": {keys["name"]},
        "key_name_block": {keys["name_block"]},
        "key_address": {keys["address"]},
    }
    tables = ("crm_lead", "prm_deal_registration", "res_partner", "prm_account_reservation")
    branches, params = [], []
    for table in tables:
        for column, values in columns.items():
            for value in values - {None}:
                branches.append(f"SELECT '{table}', id FROM {table} WHERE {column} = %s")
                params.append(value)
    env.cr.execute(" UNION ".join(branches), params)
    return env.cr.fetchall()


def _check(env, deal):
    env["prm.deal.conflict"]._detect(deal)
    env.flush_all()


def _create_lead(env, number):
    """As stock Odoo does it: without our keys."""
    leads = env["crm.lead"]

    def no_keys(records):
        for name in account_keys.AccountKeys.__annotations__:
            records[f"key_{name}"] = False

    with patch.object(type(leads), "_compute_account_keys", no_keys):
        leads.with_context(tracking_disable=False).create(
            {
                "name": f"New {number}",
                "type": "opportunity",
                "partner_name": f"Stock {number}",
                "email_from": f"jo@stock{number}.com",
                "phone": f"+49 30 90182{number:03}",
            }
        )
        env.flush_all()


def _batch(env):
    leads = env["crm.lead"].search([("name", "like", "BENCH/")], limit=BATCH)
    env.flush_all()
    env.invalidate_all()
    before, start = env.cr.sql_log_count, time.perf_counter()
    env["prm.conflict.search"]._find(leads)
    return env.cr.sql_log_count - before, round(1000 * (time.perf_counter() - start), 3)


def _hits(env):
    """A customer with more leads than Odoo's own check shows: none may be missing."""
    leads = env["crm.lead"].create(
        [
            {"name": f"Hit {n}", "type": "opportunity", "email_from": f"a{n}@{HIT_DOMAIN}"}
            for n in range(HITS)
        ]
    )
    deal = _make_deals(env)[:1]
    deal.write({"customer_name": CROWD_NAME, "customer_email": f"buyer@{HIT_DOMAIN}"})
    env.flush_all()
    start = time.perf_counter()
    conflicts = env["prm.deal.conflict"]._detect(deal)
    env.flush_all()
    seconds = time.perf_counter() - start
    found = conflicts.other_lead_id & leads
    return len(found) / HITS, round(1000 * seconds, 3)
