"""What identifies a company: keys that are equal when two descriptions mean the same one.

Pure functions without database. Each returns a string that can be compared for equality, or
``None`` when the input says nothing.
"""

import re
from typing import NamedTuple, TypedDict

import tldextract

from odoo.addons.phone_validation.tools.phone_validation import phone_format
from odoo.tools import email_normalize

from .company_names import block_key, name_key
from .shared_hosts import MAIL_HOSTS, PAGE_HOSTS, SITE_HOSTS

# Counted up when keys come out in another way than before: all are then computed anew.
KEYS_VERSION = 2
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
    name_block: str | None
    address: str | None
    country: str | None


class Account(NamedTuple):
    """A company as it was typed, and its keys."""

    data: AccountData
    keys: AccountKeys

    @classmethod
    def of(cls, data: AccountData) -> "Account":
        """A company whose keys are not known yet."""
        return cls(data, account_keys(data))


# The list that comes with the library: no key may depend on a download.
_extract_domain = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)


# Number by country as its core and what may stand around it: one company is written in many ways.
_VAT_FORMS = {
    "BE": (r"0?(\d{9})", "0{}"),  # the number had nine digits once
    "BR": (r"(\d{8})\d{6}", "{}"),  # the root; the rest is the branch
    "CH": (r"E?(\d{9})(?:MWST|TVA|IVA|HR)?", "E{}"),
    "FR": (r"(?:[0-9A-Z]{2})?(\d{9})(?:\d{5})?", "{}"),  # the SIREN in a VAT number or a SIRET
    "GB": (r"(\d{9})(?:\d{3})?", "{}"),  # the rest is the branch
    "JP": (r"T?(\d{13})", "{}"),
    "NO": (r"(\d{9})(?:MVA)?", "{}"),
    "RU": (r"(\d{10})(?:\d{9})?", "{}"),  # INN, with or without KPP
    "SE": (r"(\d{10})(?:01)?", "{}"),
}


def vat_key(vat: str | None, country: str | None = None) -> str | None:
    """VAT number without separators, with its country prefix.

    >>> vat_key("de 123.456.789")
    'DE123456789'
    >>> vat_key("123456789", "DE")
    'DE123456789'
    >>> vat_key("B-12345678", "ES")
    'ESB12345678'
    >>> vat_key("EL 123456789", "GR") == vat_key("123456789", "GR")
    True
    >>> vat_key("FR40 303 265 045") == vat_key("303265045", "FR")
    True
    >>> vat_key("n/a") is None
    True
    """
    value = re.sub(r"[^0-9A-Z]", "", (vat or "").upper())
    if len(value) < 5 or sum(char.isdigit() for char in value) < 4:
        return None
    if value.startswith("EL") and value[2:].isdigit():
        value = f"GR{value[2:]}"
    code = (country or "").upper()
    if value[:2].isalpha():
        code, value = value[:2], value[2:]
    form, core = _VAT_FORMS.get(code, ("(.*)", "{}"))
    found = re.fullmatch(form, value)
    return f"{code}{core.format(found[1]) if found else value}"


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
    >>> domain_key("https://acme.jimdo.com")
    'acme.jimdo.com'
    >>> [domain_key(text) for text in ("jo@gmail.com", "facebook.com/acme", "127.0.0.1", "acme")]
    [None, None, None, None]
    """
    parts = _extract_domain((address or "").strip().lower())
    if parts.ipv4 or parts.ipv6:
        return None
    domain = parts.top_domain_under_public_suffix or _unlisted_domain(parts)
    if domain in SITE_HOSTS:
        label = parts.subdomain.removeprefix("www.").rpartition(".")[2]
        return f"{label}.{domain}" if label not in ("", "www", "homepage") else None
    domain = _to_ascii(domain)
    return None if domain in MAIL_HOSTS or domain in PAGE_HOSTS else domain or None


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


def address_key(street: str | None, postcode: str | None, country: str | None = None) -> str | None:
    """Postcode and number of the house; the name of the street is written in too many ways.

    >>> address_key("Hauptstr. 12a, 2. Stock", "50667", "de")
    '50667:12'
    >>> address_key("12 rue de la Paix", "F-75002", "FR")
    '75002:12'
    >>> address_key("Hauptstraße", "50667", "DE") is None
    True
    """
    place = postcode_key(postcode, country)
    for part in (street or "").split(","):
        numbers = re.findall(r"\d+", part)
        if numbers and place:
            first = part.strip()[:1].isdigit()
            return f"{place}:{numbers[0 if first else -1].lstrip('0')}"
    return None


def postcode_key(postcode: str | None, country: str | None = None) -> str | None:
    """Postcode without separators and without the country before it.

    >>> postcode_key("D-50667", "DE"), postcode_key("sw1a 1aa", "GB"), postcode_key("CZ 110 00")
    ('50667', 'SW1A1AA', '11000')
    """
    value = re.sub(r"[^0-9A-Z]", "", (postcode or "").upper())
    code = (country or "").upper()
    return re.sub(rf"^(?:[A-Z]{{2}}|{code[:1]}|D|F)(?=\d{{4,6}}$)", "", value) or None


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
        "name_block": block_key(data.get("name")),
        "address": address_key(data.get("street"), data.get("zip"), country),
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
