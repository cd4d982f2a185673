"""What the benchmark of the quality of the conflict check runs inside Odoo."""

import csv
import time
from pathlib import Path

from odoo.addons.prm_partner.tools.account_keys import Account

PAIRS = Path(__file__).parents[2] / "conflict_quality" / "company_pairs.csv"
FIELDS = ("name", "vat", "website", "email", "phone", "country", "zip", "street")
BY_NAME = ("name", "country")
GRAVE = ("review", "block")


def run(env):
    """Compare all pairs of the labelled set.

    :return: dict of shares ``precision`` and ``recall`` with ``all`` data, ``by_name`` alone and
        for each of the ``parts`` of the set; ``block_recall``, the share of equal names that the
        key for look-ups brings together; and times of one company and one comparison
    """
    rows = list(csv.DictReader(PAIRS.open(encoding="utf-8", newline="")))
    telling = [row for row in rows if row["by_name"] == "yes"]
    compare = env["prm.conflict.rule"]._compare
    _measure(rows[:50], FIELDS, compare)  # tables are loaded at the first use
    return {
        "pairs": len(rows),
        "all": _measure(rows, FIELDS, compare),
        "by_name": _measure(telling, BY_NAME, compare),
        "parts": {
            part: _measure([row for row in rows if row["part"] == part], FIELDS, compare)
            | {
                f"by_name_{name}": share
                for name, share in _measure(
                    [row for row in telling if row["part"] == part], BY_NAME, compare
                ).items()
            }
            for part in sorted({row["part"] for row in rows})
        },
        "block_recall": _get_block_recall(telling),
        **_get_times(env, rows),
    }


def _get_side(row, side, fields):
    return {name: row[f"{side}_{name}"] for name in fields}


def _measure(rows, fields, compare):
    hits = wrong = missed = 0
    for row in rows:
        result = compare(_get_side(row, "a", fields), _get_side(row, "b", fields))
        found, same = result["severity"] in GRAVE, row["label"] == "same"
        hits += found and same
        wrong += found and not same
        missed += same and not found
    precision, recall = hits / (hits + wrong), hits / (hits + missed)
    return {"precision": round(precision, 4), "recall": round(recall, 4)}


def _get_block_recall(rows):
    same = [row for row in rows if row["label"] == "same"]
    met = 0
    for row in same:
        keys = [Account.of(_get_side(row, side, BY_NAME)).keys for side in "ab"]
        met += keys[0]["name_block"] == keys[1]["name_block"]
    return round(met / len(same), 4)


def _get_times(env, rows):
    """Milliseconds of the processor for what is in no cache: each company and pair is new."""
    sides = [
        {**_get_side(row, side, FIELDS), "name": f"{row[f'{side}_name']} Q{number}"}
        for number, row in enumerate(rows)
        for side in "ab"
    ]
    start = time.process_time()
    accounts = [Account.of(side) for side in sides]
    made = time.process_time()
    compare = env["prm.conflict.rule"]._compare_accounts
    for first, second in zip(accounts[::2], accounts[1::2], strict=True):
        compare(first, second)
    compared = time.process_time()
    return {
        "keys_ms": round(1000 * (made - start) / len(accounts), 4),
        "compare_ms": round(1000 * (compared - made) / (len(accounts) / 2), 4),
    }
