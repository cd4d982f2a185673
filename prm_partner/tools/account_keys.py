"""What identifies a company: keys that are equal when two descriptions mean the same one.

Pure functions without database. Each returns a string that can be compared for equality, or
``None`` when the input says nothing.
"""

import re
import unicodedata
from typing import TypedDict

import tldextract

from odoo.addons.iap.tools.iap_tools import _MAIL_DOMAIN_BLACKLIST
from odoo.addons.phone_validation.tools.phone_validation import phone_format
from odoo.tools import email_normalize

KEYS = ("vat", "domain", "email", "phone", "name")


class AccountData(TypedDict, total=False):
    """Description of a company as people type it."""

    name: str
    vat: str
    registry: str
    website: str
    email: str
    phone: str
    country: str
    zip: str
    street: str


class AccountKeys(TypedDict):
    """Comparable keys of one company.

    ``domain`` comes from the website, ``mail_domain`` from the e-mail address.
    """

    vat: str | None
    registry: str | None
    domain: str | None
    mail_domain: str | None
    email: str | None
    phone: str | None
    name: str | None
    country: str | None


# Pages on these hosts belong to many companies.
SHARED_HOSTS = frozenset(
    {
        "facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com",
        "tiktok.com", "vk.com", "ok.ru", "t.me", "wa.me", "whatsapp.com", "google.com",
        "linktr.ee", "xing.com", "github.com",
    }
)  # fmt: skip

# Written without punctuation, transliterated; only removed at either end of a name.
LEGAL_FORMS = frozenset(
    {
        "gmbh", "mbh", "ag", "kg", "kgaa", "ohg", "ug", "ek", "se", "inc", "incorporated",
        "corp", "corporation", "co", "company", "ltd", "limited", "llc", "llp", "lp", "plc",
        "pty", "sa", "sas", "sasu", "sarl", "eurl", "sci", "sl", "slu", "sau", "srl", "srls",
        "spa", "snc", "bv", "nv", "vof", "ab", "oy", "oyj", "as", "asa", "aps", "spzoo", "sro",
        "doo", "kft", "zrt", "ooo", "oao", "zao", "pao", "ao", "too", "tov", "chp", "ip",
    }
)  # fmt: skip

# Written as several words: joined before the forms are removed.
_SPLIT_FORMS = (("sp z o o", "spzoo"), ("d o o", "doo"), ("s r o", "sro"), ("e k", "ek"))

_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
        "ı": "i",
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
        "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
        "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "",
        "ы": "y", "ь": "",
        "э": "e", "ю": "yu", "я": "ya", "і": "i", "є": "ye", "ґ": "g", "қ": "k", "ғ": "g",
        "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "ә": "a",
    }
)  # fmt: skip

# The list that comes with the library: no key may depend on a download.
_extract_domain = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)


def vat_key(vat: str | None, country: str | None = None) -> str | None:
    """VAT number without separators, with its country prefix.

    >>> vat_key("de 123.456.789")
    'DE123456789'
    >>> vat_key("123456789", "DE")
    'DE123456789'
    >>> vat_key("B-12345678", "ES")
    'ESB12345678'
    >>> vat_key("n/a") is None
    True
    """
    value = re.sub(r"[^0-9A-Z]", "", (vat or "").upper())
    if len(value) < 5 or not any(char.isdigit() for char in value):
        return None
    return value if value[:2].isalpha() else f"{(country or '').upper()}{value}"


def registry_key(number: str | None, country: str | None = None) -> str | None:
    """Number in the register of companies; such numbers are unique within one country only.

    >>> registry_key("HRB 12-345", "de")
    'DE:HRB12345'
    >>> registry_key("none", "DE") is None
    True
    """
    value = re.sub(r"[^0-9A-Z]", "", (number or "").upper())
    if len(value) < 4 or not any(char.isdigit() for char in value):
        return None
    return f"{(country or '').upper()}:{value}"


def domain_key(address: str | None) -> str | None:
    """Registrable domain of a website or an e-mail address that belongs to one company alone.

    >>> domain_key("https://shop.acme.co.uk/cart?x=1")
    'acme.co.uk'
    >>> domain_key("jo@mail.acme.co.uk")
    'acme.co.uk'
    >>> domain_key("MÜNCHEN.de") == domain_key("xn--mnchen-3ya.de")
    True
    >>> domain_key("intranet.globex.example")
    'globex.example'
    >>> [domain_key(text) for text in ("jo@gmail.com", "facebook.com/acme", "127.0.0.1", "acme")]
    [None, None, None, None]
    """
    parts = _extract_domain((address or "").strip().lower())
    if parts.ipv4 or parts.ipv6:
        return None
    domain = parts.top_domain_under_public_suffix or _unlisted_domain(parts)
    domain = _to_ascii(domain)
    return None if domain in _MAIL_DOMAIN_BLACKLIST or domain in SHARED_HOSTS else domain or None


def _unlisted_domain(parts) -> str:
    """Domain under a top level that the public suffix list does not know, like ``.example``."""
    labels = [*filter(None, parts.subdomain.split(".")), parts.domain]
    hostname = re.compile(r"[\w-]+")
    known = not parts.suffix and len(labels) > 1
    return ".".join(labels[-2:]) if known and all(map(hostname.fullmatch, labels[-2:])) else ""


def is_website(host: str) -> bool:
    """Whether a host can be the website of a company, not just a top level or an address.

    >>> [is_website(host) for host in ("www.acme.co.uk", "acme.com", "acme.example")]
    [True, True, True]
    >>> [is_website(host) for host in ("co.uk", "a.b", "127.0.0.1")]
    [False, False, False]
    """
    parts = _extract_domain(host.strip().lower())
    if parts.ipv4 or parts.ipv6:
        return False
    if parts.suffix:
        return bool(parts.domain)
    labels = host.split(":")[0].split(".")
    return len(labels) > 1 and all(len(label) > 1 for label in labels)


def _to_ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def email_key(email: str | None) -> str | None:
    """E-mail address without display name, in lower case.

    >>> email_key('"Jo" <Jo@Acme.example>')
    'jo@acme.example'
    >>> email_key("nobody") is None
    True
    """
    return email_normalize(email or "") or None


def phone_key(phone: str | None, country: str | None = None) -> str | None:
    """Phone number as in E.164.

    >>> phone_key("(030) 901820", "DE")
    '+4930901820'
    >>> phone_key("ext. 12", "DE") is None
    True
    """
    if not phone:
        return None
    number = phone_format(
        phone, (country or "").upper() or None, None, force_format="E164", raise_exception=False
    )
    return number if re.fullmatch(r"\+\d{6,15}", number or "") else None


def fold(text: str | None) -> str:
    """Lower-case ASCII words of ``text``, transliterated.

    >>> fold("Çağlayan & Söhne")
    'caglayan sohne'
    >>> fold("«Ромашка»")
    'romashka'
    """
    lowered = unicodedata.normalize("NFKC", text or "").casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", lowered).translate(_LETTERS)
    ascii_text = "".join(char for char in plain if not unicodedata.combining(char))
    joined = re.sub(r"(?<=\w)['’.](?=\w)|(?<=\b\w)\.(?=\W|$)", "", ascii_text)
    return " ".join(re.findall(r"[a-z0-9]+", joined))


def name_key(name: str | None) -> str | None:
    """Company name without legal form.

    >>> name_key("Müller Söhne GmbH & Co. KG")
    'muller sohne'
    >>> name_key("ТОО «Ромашка Интеграция»")
    'romashka integratsiya'
    >>> name_key("ACME, Inc.") == name_key("Acme S.A.")
    True
    >>> name_key("The Limited Company")
    'the'
    """
    text = f" {fold(name)} "
    for split, joined in _SPLIT_FORMS:
        text = text.replace(f" {split} ", f" {joined} ")
    words = text.split()
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    while len(words) > 1 and words[0] in LEGAL_FORMS:
        words.pop(0)
    return " ".join(words) or None


def account_keys(data: AccountData) -> AccountKeys:
    """All keys of one company.

    >>> keys = account_keys({"name": "Acme Ltd", "email": "jo@acme.example", "country": "gb"})
    >>> keys["name"], keys["mail_domain"], keys["domain"], keys["country"]
    ('acme', 'acme.example', None, 'GB')
    """
    country = (data.get("country") or "").upper() or None
    return {
        "vat": vat_key(data.get("vat"), country),
        "registry": registry_key(data.get("registry"), country),
        "domain": domain_key(data.get("website")),
        "mail_domain": domain_key((email_key(data.get("email")) or "").rpartition("@")[2]),
        "email": email_key(data.get("email")),
        "phone": phone_key(data.get("phone"), country),
        "name": name_key(data.get("name")),
        "country": country,
    }


def domains(keys: AccountKeys) -> set[str]:
    """The domains of a company, whichever way they became known."""
    return {domain for domain in (keys["domain"], keys["mail_domain"]) if domain}


def matching_keys(first: AccountKeys, second: AccountKeys) -> list[str]:
    """Names of the keys by which two companies are the same one, in the order of ``KEYS``.

    Equal names in two different countries are two companies.

    >>> acme = account_keys({"name": "Acme", "website": "acme.example", "country": "GB"})
    >>> other = account_keys({"name": "ACME Ltd", "email": "jo@acme.example", "country": "US"})
    >>> matching_keys(acme, other)
    ['domain']
    """
    matches = {key for key in KEYS if first[key] and first[key] == second[key]}
    if domains(first) & domains(second):
        matches.add("domain")
    countries = {first["country"], second["country"]} - {None}
    if len(countries) > 1:
        matches.discard("name")
    return [key for key in KEYS if key in matches]


def protection_keys(keys: AccountKeys) -> list[str]:
    """The strong keys of a company, by which it is protected; the name only where it has none.

    >>> protection_keys(account_keys({"name": "Acme", "country": "GB", "website": "acme.example"}))
    ['domain:acme.example']
    >>> protection_keys(account_keys({"name": "Acme", "country": "GB"}))
    ['name:acme|GB']
    """
    strong = [f"vat:{keys['vat']}"] if keys["vat"] else []
    strong += [f"domain:{domain}" for domain in sorted(domains(keys))]
    if not strong and keys["name"]:
        return [f"name:{keys['name']}|{keys['country'] or ''}"]
    return strong


def lock_keys(keys: AccountKeys) -> list[str]:
    """Everything by which two claims could meet, in an order that is the same for everybody."""
    found = {f"{key}:{keys[key]}" for key in KEYS if keys[key] and key != "domain"}
    return sorted(found | {f"domain:{domain}" for domain in domains(keys)})
