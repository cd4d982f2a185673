"""Whether two descriptions of a company mean the same one: evidence for it, and against.

Pure functions without database. Each key that is equal, or nearly so, is evidence of some
strength; the rules say what full strength is worth. Independent evidence adds up. What is plainly
different, as two VAT numbers of one country, takes away.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import stdnum
from rigour.text.distance import levenshtein

from odoo.addons.prm_partner.tools import account_keys
from odoo.addons.prm_partner.tools.account_keys import Account
from odoo.addons.prm_partner.tools.company_names import name_similarity, rarity
from odoo.addons.prm_partner.tools.company_words import fold

# Keys that know of each other: of each group only the strongest counts.
GROUPS = (("vat", "registry"), ("email", "domain"), ("phone",), ("name",), ("address",))
# Below this the names have nothing to do with each other, or only common words in common.
ALIKE = 0.6
DIFFERENT = 0.35

_FOREIGN = 0.7  # the same name in another country
_RARE_LETTERS = 14  # unless it has so many letters in words that are in no list
_NAMED_AFTER = 0.85  # the name of one is the domain of the other
_SAME_LINE = 0.8  # two extensions of one telephone system
_NAMESAKE = 0.3
_NEIGHBOUR = 0.5
_CROWDED = 0.5  # a domain or phone that many companies have


class Match(NamedTuple):
    """``score`` from 0 to 100, and the points of each key that speaks for the match."""

    score: int
    contributions: dict[str, int]


def match(first: Account, second: Account, weights: dict[str, int], crowded=frozenset()) -> Match:
    """Compare two companies.

    :param weights: points of each key when it is equal, 0 to 100
    :param crowded: values of domains and phones that many companies have
    """
    strengths = _get_strengths(first, second, crowded)
    doubts = _get_doubts(first, second, strengths)
    points = {
        key: weights[key] * strength * doubts.get(key, 1.0) / 100.0
        for key, strength in strengths.items()
        if weights.get(key)
    }
    against = 1.0
    for group in GROUPS:
        against *= 1.0 - max((points.get(key, 0.0) for key in group), default=0.0)
    score = min(100.0 * (1.0 - against), _get_limit(first, second, points))
    contributions = {key: round(100.0 * value) for key, value in points.items()}
    ordered = sorted(contributions, key=lambda key: (-contributions[key], key))
    return Match(round(score), {key: contributions[key] for key in ordered if contributions[key]})


def _get_strengths(first: Account, second: Account, crowded) -> dict[str, float]:
    """How far each key is the same, above 0 and up to 1; keys that are not are left out."""
    one, other = first.keys, second.keys
    found = {
        "vat": float(_is_same_vat(one["vat"], other["vat"])),
        "registry": _equal(one["registry"], other["registry"]),
        "domain": 1.0 if account_keys.domains(one) & account_keys.domains(other) else 0.0,
        "email": _equal(one["email"], other["email"]),
        "phone": _get_phone_strength(one["phone"], other["phone"]),
        "name": _get_name_strength(first, second),
        "address": _get_address_strength(first, second),
    }
    if found["domain"] and account_keys.domains(one) & account_keys.domains(other) <= crowded:
        found["domain"] *= _CROWDED
    if one["phone"] in crowded:
        found["phone"] *= _CROWDED
    if found["address"] and _NAMESAKE < found["name"] < _NEIGHBOUR:
        # Two names with a telling word in common under one roof.
        found["name"] = _NEIGHBOUR
    elif found["name"] < ALIKE * _FOREIGN:
        found["name"] = 0.0
    return {key: strength for key, strength in found.items() if strength}


def _equal(first, second) -> float:
    return 1.0 if first and first == second else 0.0


def _is_same_vat(first: str | None, second: str | None) -> bool:
    """Equal, or the same but for the country, which one of them does not say."""
    if not first or not second or first == second:
        return bool(first) and first == second
    bare, full = sorted((first, second), key=len)
    return not bare[:2].isalpha() and full[:2].isalpha() and full[2:] == bare


def _get_phone_strength(first: str | None, second: str | None) -> float:
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    # The last digits are the extension, "0" the exchange.
    line = [re.sub(r"0$", "", phone) for phone in sorted((first, second), key=len)]
    longer = len(line[1]) - len(line[0])
    return _SAME_LINE if 0 < longer < 4 and len(line[0]) > 9 and line[1].startswith(line[0]) else 0


def _get_name_strength(first: Account, second: Account) -> float:
    names = (first.data.get("name"), second.data.get("name"))
    if all(names):
        strength = name_similarity(*names)
    else:
        strength = _get_named_after(first, second) if any(names) else 0.0
    countries = {first.keys["country"], second.keys["country"]} - {None}
    if len(countries) > 1 and min(rarity(name) for name in names) < _RARE_LETTERS:
        strength *= _FOREIGN
    return strength


def _get_named_after(first: Account, second: Account) -> float:
    """One has a name only, the other an address on the web: is that named after it?"""
    named, other = (first, second) if first.data.get("name") else (second, first)
    label = max((_get_label(domain) for domain in account_keys.domains(other.keys)), default="")
    name = (named.keys["name"] or "").replace(" ", "")
    telling = rarity(named.data["name"]) > 4
    return _NAMED_AFTER if telling and name == fold(label).replace(" ", "") else 0.0


def _get_label(domain: str) -> str:
    return domain.partition(".")[0]


def _get_address_strength(first: Account, second: Account) -> float:
    if not _equal(first.keys["address"], second.keys["address"]):
        return 0.0
    streets = [_get_street_words(account.data.get("street") or "") for account in (first, second)]
    if not all(streets):
        return 1.0
    close = len({"".join(words) for words in streets}) == 1 or any(
        one == other or (len(one) > 4 and levenshtein(one, other) < 2)
        for one in streets[0]
        for other in streets[1]
    )
    return 1.0 if close else 0.0


@lru_cache(maxsize=5_000)
def _get_street_words(street: str) -> tuple[str, ...]:
    """The telling words of a street: without what kind of street it is."""
    words = re.findall(r"[a-z]+", fold(street))
    return tuple(
        short
        for word in words
        if (short := re.sub(r"(strasse|str|straat|gatan|vagen|gasse|weg|allee|platz)$", "", word))
        and len(short) > 2
        and short not in _STREETS
    )


_STREETS = frozenset(
    {
        "street", "road", "avenue", "ave", "rue", "via", "viale", "piazza", "calle", "carrer",
        "plaza", "plaz", "platz", "ulitsa", "ulica", "prospekt", "prospect", "boulevard",
        "blvd", "allee", "lane", "drive", "suite", "floor", "office", "the", "bul", "cad",
        "caddesi", "sok", "sokak", "mahallesi", "mah", "odos", "leoforos", "rua", "avenida",
        "praca", "all", "namesti", "place", "square", "building", "house",
    }
)  # fmt: skip


def _get_doubts(first: Account, second: Account, strengths) -> dict[str, float]:
    """What other keys say against those that match, as factors."""
    apart = {
        "domain": _are_apart(first, second, account_keys.domains) and "domain" not in strengths,
        "phone": _differs(first, second, "phone") and "phone" not in strengths,
        "address": _are_far(first, second) and "address" not in strengths,
    }
    doubts = {}
    if strengths.get("name", 0.0):
        # A rare name needs no other evidence, a common one does.
        telling = min(rarity(first.data.get("name")), rarity(second.data.get("name")))
        trust = min(telling / _RARE_LETTERS, 1.0)
        share = 0.16 * apart["domain"] + 0.1 * apart["address"] + 0.08 * apart["phone"]
        doubts["name"] = 1.0 - share * (1.5 - trust)
    if _are_different_names(first, second):
        others = sum(apart.values())
        doubts["phone"] = 0.7 if apart["domain"] else 1.0
        doubts["domain"] = 0.6 if others - apart["domain"] > 1 else 1.0
        doubts["address"] = 0.8
    return doubts


def _are_different_names(first: Account, second: Account) -> bool:
    names = (first.data.get("name"), second.data.get("name"))
    return all(names) and name_similarity(*names) < DIFFERENT


def _differs(first: Account, second: Account, key: str) -> bool:
    return bool(first.keys[key] and second.keys[key] and first.keys[key] != second.keys[key])


def _are_apart(first: Account, second: Account, get) -> bool:
    ones, others = get(first.keys), get(second.keys)
    labels = {_get_label(domain) for domain in ones} & {_get_label(domain) for domain in others}
    return bool(ones and others and not labels)


def _are_far(first: Account, second: Account) -> bool:
    """Two postcodes that do not begin alike."""
    places = [
        account_keys.postcode_key(account.data.get("zip"), account.keys["country"])
        for account in (first, second)
    ]
    return all(places) and places[0][:2] != places[1][:2]


def _get_limit(first: Account, second: Account, points) -> float:
    """Two VAT or registration numbers are two companies, whatever else they share.

    A number with a wrong check digit may be a mistake: then the rest may still convince.
    """
    one, other = first.keys["vat"], second.keys["vat"]
    if "vat" in points or "registry" in points or not one or not other:
        return 100.0
    if one[:2].isalpha() != other[:2].isalpha() or _is_mistyped(one, other):
        return 100.0
    if is_valid_vat(one) and is_valid_vat(other):
        return 59.0
    agreeing = sum(1 for group in GROUPS if any(points.get(key, 0.0) > 0.3 for key in group))
    return 75.0 if agreeing > 2 and one[:2] == other[:2] else 59.0


def _is_mistyped(first: str, second: str) -> bool:
    """Numbers that differ by a slip of the finger, which the check digit of one shows."""
    edits = levenshtein(first, second)
    swapped = edits == 2 and sorted(first) == sorted(second)
    slip = edits == 1 or swapped
    return slip and not (is_valid_vat(first) and is_valid_vat(second))


@lru_cache(maxsize=5_000)
def is_valid_vat(key: str) -> bool:
    """Whether the check digits of a VAT key are right, as far as they are known.

    >>> is_valid_vat("DE136695976"), is_valid_vat("DE136695978"), is_valid_vat("XX12345")
    (True, False, False)
    """
    module = stdnum.get_cc_module(key[:2].lower(), "vat")
    return bool(module) and module.is_valid(key[2:])
