"""Names of companies: what of them counts, and how alike two are.

Pure functions without database. A name is folded to ASCII words; each word has a weight, by what
is known about it (``company_words``). Legal forms weigh nothing, corporate vocabulary little, what
a company does more, and an unknown word most: it is what tells one company from another.
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rigour.names import extract_org_types
from rigour.text.distance import jaro_winkler, levenshtein

from .company_words import Word, fold, get_inflected, get_word

# From this on two names are the same one, as people write it.
SAME_NAME = 0.8

# Weight of a word that both names have, and of one that only one of them has.
_WEIGHTS = {
    "legal": (0.0, 0.0),
    "stop": (0.02, 0.0),
    "soft": (0.25, 0.2),
    "hard": (0.5, 0.55),
    "strict": (0.4, 1.0),
    "number": (0.5, 1.2),
    "letter": (0.3, 0.3),
    "common": (0.65, 0.7),
    "given": (0.35, 0.3),
    "region": (0.45, 0.8),
    "rare": (1.0, 1.0),
}
# How much a word without a partner costs: where both names have such words they contradict each
# other; where one name only says more than the other it may be the long form of it.
_CONTRADICTION = 2.0
_ADDITION = 0.8
# All corporate vocabulary that one name leaves out costs no more than this.
_SOFT_LIMIT = 0.28
# Names that share nothing that is telling are hardly evidence, even when they are equal.
_TELLING = 0.6
_VAGUE = 0.85
_ALIAS = 0.97
# Many scripts have one letter for two sounds.
_LIKE_LETTERS = str.maketrans("blp", "vrv")

# May stand before the name, too; other short legal forms there are part of it ("AG Insurance").
_LEADING_FORMS = frozenset(
    {
        "ooo", "oao", "zao", "pao", "nao", "ao", "too", "zhshs", "tov", "tzov", "pat", "prat",
        "chp", "fop", "pt", "uab", "sia", "zat", "ltd", "fa", "ph", "phu", "pphu", "fhu", "sc",
        "eood", "ood", "shrkt", "khvrh", "hvrh", "jsc", "pjsc", "ojsc", "llc", "limited",
        "gmbh",
    }
)  # fmt: skip
_SPLIT_FORMS = (
    ("sp z o o", "spzoo"), ("sp zoo", "spzoo"), ("sp z oo", "spzoo"), ("spol s r o", "sro"),
    ("spol sro", "sro"), ("s r o", "sro"), ("d o o", "doo"), ("e k", "ek"), ("e v", "ev"),
    ("co kg", "kg"), ("und co", "co"), ("sp j", "spj"), ("sp k", "spk"),
    ("san ve tic", "sanayi ticaret"), ("san tic", "sanayi ticaret"), ("s de rl de cv", "sa"),
    ("sa de cv", "sa"),
)  # fmt: skip
_ROMAN = {
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11",
    "xii": "12", "xiii": "13", "xiv": "14",
}  # fmt: skip
# Italian partnerships name their partners after the form: "S.n.c. di Rossi Luca & C."
_PARTNERS = re.compile(r"\b(?:s\.?n\.?c|s\.?a\.?s)\.?\s+di\s.*$", re.IGNORECASE)
_YEAR = re.compile(r"\((?:19|20)\d\d\)")
_ALIAS_WORDS = re.compile(
    r"\s(?:t/a|d/b/a|dba|f/k/a|fka|a/k/a|aka|trading as|doing business as|also known as"
    r"|formerly(?: known as)?|vormals|ehemals|ehem\.|früher|anciennement|ex-|бывш\.?"
    r"|ранее|dawniej|dříve|antes|già|eski adıyla|nom commercial|nombre comercial)\s",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[(\[（【]([^)\]）】]*)[)\]）】]")
_WEB_ENDING = re.compile(r"(?<=\w\w)\.(?:com|net|org|io|eu|de|ru|fr|it|es|nl|co\.uk|ua|pl|cz)\b")


class Token(NamedTuple):
    """One word of a name.

    ``form`` is what is compared, ``concept`` what it means where that is known, ``foreign``
    whether it was transliterated.
    """

    form: str
    kind: str
    concept: str
    foreign: bool


def name_key(name: str | None) -> str | None:
    """Company name in plain letters without legal form.

    >>> name_key("Müller Söhne GmbH & Co. KG")
    'muller sohne'
    >>> name_key("ТОО «Ромашка Интеграция»")
    'romashka integratsiya'
    >>> name_key("ACME, Inc.") == name_key("Acme S.A.")
    True
    >>> name_key("The Limited Company")
    'the'
    """
    return " ".join(_strip_legal(fold(name))) or None


def _strip_legal(folded: str) -> list[str]:
    text = f" {folded} "
    for split, joined in _SPLIT_FORMS:
        text = text.replace(f" {split} ", f" {joined} ")
    words = _join_letters(text.split())
    while len(words) > 1 and _is_legal(words[-1]):
        words.pop()
    while len(words) > 1 and words[0] in _LEADING_FORMS:
        words.pop(0)
    return words


def _is_legal(form: str) -> bool:
    word = get_word(form)
    return bool(word) and word.kind == "legal"


def _join_letters(words: list[str]) -> list[str]:
    """Letters that stand alone side by side are one word: "H & M", "S A"."""
    joined, letters = [], ""
    for word in [*words, "  "]:
        if len(word) == 1 and word.isalpha():
            letters += word
            continue
        if letters:
            joined.append(letters)
        letters = ""
        joined.append(word)
    return joined[:-1]


@lru_cache(maxsize=20_000)
def tokenize(name: str) -> tuple[Token, ...]:
    """The words of a name that count.

    >>> [token.concept for token in tokenize("Intl. Müller Technologies Ltd.")]
    ['international', 'muller', 'technology']
    """
    plain = _PARTNERS.sub(" ", name) if " di " in name else name
    spaced = _WEB_ENDING.sub(" ", _YEAR.sub(" ", plain.casefold().replace("\u0307", "")))
    plain = _remove_legal_phrases(spaced)
    words = _strip_legal(fold(plain)) or _strip_legal(fold(name))
    foreign = not spaced.isascii() and _get_foreign(spaced)
    tokens = [_make_token(word, bool(foreign) and word in foreign) for word in words]
    if len(tokens) > 1 and _looks_legal(tokens[-1]):
        tokens[-1] = tokens[-1]._replace(kind="soft")
    return tuple(tokens)


def _looks_legal(token: Token) -> bool:
    """An abbreviation at the end that nobody can speak is more likely a form than a name."""
    return token.kind == "rare" and len(token.form) < 5 and not re.search("[aeiouy]", token.form)


def _remove_legal_phrases(name: str) -> str:
    """Take out legal forms that cannot be anything else: several words, or long ones."""
    plain = name
    for found, _target in extract_org_types(name):
        letters = re.sub(r"[\W_]", "", found)
        if " " in found.strip() or len(letters) > 3 or not found.isascii():
            plain = re.sub(rf"(?<!\w){re.escape(found)}(?!\w)", " ", plain)
    return plain if re.search(r"\w", plain) else name


def _get_foreign(name: str) -> set[str]:
    """Folded words that are not written in Latin letters."""
    return {
        form
        for word in name.split()
        if any(char > "\u036f" and not "\u1e00" <= char <= "\u1eff" for char in word)
        for form in fold(word).split()
    }


def _make_token(form: str, foreign: bool) -> Token:
    if form.isdigit() or (any(map(str.isdigit, form)) and len(form) < 5):
        return Token(form, "number", form.lstrip("0") or form, foreign)
    if form in _ROMAN:
        return Token(form, "number", _ROMAN[form], foreign)
    word = get_word(form) or (get_inflected(form) if foreign else _guess_word(form))
    if word:
        return Token(form, word.kind, word.concept, foreign)
    return Token(form, "letter" if len(form) == 1 else "rare", form, foreign)


def _guess_word(form: str) -> Word | None:
    """German compounds with a legal end: "Handelsgesellschaft", "Beteiligungsgesellschaft"."""
    for end in ("sgesellschaft", "gesellschaft", "unternehmung", "unternehmen"):
        if form.endswith(end):
            return get_word(form.removesuffix(end)) or Word("soft", form)
    return None


@lru_cache(maxsize=20_000)
def get_aliases(name: str | None) -> tuple[str, ...]:
    """The name, and the names that it says the company has as well.

    >>> get_aliases("IBM (International Business Machines)")
    ('IBM (International Business Machines)', 'IBM', 'International Business Machines')
    >>> get_aliases("Foo Ltd t/a Bar Shoes")
    ('Foo Ltd t/a Bar Shoes', 'Foo Ltd', 'Bar Shoes')
    >>> get_aliases("Stadtwerke (Köln)")
    ('Stadtwerke (Köln)',)
    """
    name = (name or "").strip()
    parts = _split_alias(name)
    if not parts:
        inside = [text for text in _BRACKETS.findall(name) if _is_telling(text)]
        parts = [_BRACKETS.sub(" ", name), *inside] if inside else []
    return tuple(alias for alias in (name, *map(str.strip, parts)) if alias)


def _split_alias(name: str) -> list[str]:
    plain = f" {re.sub(r'[()]', ' ', name)} "
    found = _ALIAS_WORDS.search(plain)
    return [plain[: found.start()].strip(" ,;-"), plain[found.end() :]] if found else []


def _is_telling(text: str) -> bool:
    tokens = tokenize(text) if text.strip() else ()
    kinds = {token.kind for token in tokens}
    telling = "rare" in kinds or len(tokens) > 2
    return telling and not kinds & {"region", "strict", "number", "letter"}


@lru_cache(maxsize=20_000)
def name_similarity(first: str | None, second: str | None) -> float:
    """How alike two names are, from 0 to 1; from ``SAME_NAME`` on they are the same one.

    >>> name_similarity("ООО «Ромашка»", "Romashka LLC")
    1.0
    >>> name_similarity("Stadtwerke Köln", "Stadtwerke Bonn") < 0.5
    True
    >>> name_similarity("BMW AG", "Bayerische Motoren Werke") > SAME_NAME
    True
    """
    ones, others = get_aliases(first), get_aliases(second)
    if not ones or not others:
        return 0.0
    best = _compare(ones[0], others[0])
    if best < 1.0 and len(ones) + len(others) > 2:
        aliases = max(_compare(one, other) for one in ones for other in others)
        best = max(best, aliases * _ALIAS)
    return round(best, 4)


def rarity(name: str | None) -> float:
    """How telling a name is: the letters of its unknown words, two long ones being rare."""
    return sum(len(token.form) for token in tokenize(name or "") if token.kind == "rare")


def block_key(name: str | None) -> str | None:
    """What names have in common that may be the same: sounds of the two words that tell most.

    >>> block_key("Siemens AG") == block_key("Simens Aktiengesellschaft")
    True
    >>> block_key("Müller Bau GmbH") == block_key("Bau-Müller")
    True
    """
    aliases = get_aliases(name)
    # The whole name is the first; if it names others, the second is what it is called first.
    return _join_sounds(_get_telling(aliases[:2][-1])) if aliases else None


def block_keys(name: str | None) -> set[str]:
    """Where to look for other spellings of a name: also by aliases, initials, joined words.

    >>> block_key("DataBridge GmbH") in block_keys("Data Bridge")
    True
    >>> block_key("BMW AG") in block_keys("Bayerische Motoren Werke")
    True
    """
    keys = {block_key(name)}
    for alias in get_aliases(name):
        telling = _get_telling(alias)
        keys.add(_join_sounds(telling))
        tokens = [token for token in tokenize(alias) if token.kind not in ("legal", "stop")]
        for one, other in pairwise(tokens):
            joined = one._replace(kind="rare", concept=one.form + other.form)
            rest = [token for token in telling if token not in (one, other)]
            keys.add(_join_sounds([joined, *rest]))
        if len(tokens) > 1:
            words = [word for word in _get_initials(alias) if len(word) > 2]
            keys |= {_join_sounds([tokens[0]._replace(concept=word)]) for word in words}
    return keys - {None}


def _get_telling(name: str) -> list[Token]:
    """The words of a name by which it is looked up, the most telling first."""
    tokens = [token for token in tokenize(name) if token.kind not in ("legal", "stop")]
    for kinds in (("soft", "strict", "given", "letter"), ("soft", "strict"), ()):
        telling = [token for token in tokens if token.kind not in kinds]
        if telling:
            break
    else:
        telling = []
    return sorted(
        telling, key=lambda token: (-_WEIGHTS[token.kind][0], -len(token.form), token.form)
    )


def _join_sounds(tokens: list[Token]) -> str | None:
    sounds = sorted(
        _consonants(_sound(token.concept)).translate(_LIKE_LETTERS)[:5] for token in tokens[:2]
    )
    return "-".join(sounds) or None


@lru_cache(maxsize=20_000)
def _spell(form: str) -> str:
    """Spelling without what people often get wrong in a name they know."""
    plain = form.replace("ph", "f").replace("ck", "k").replace("y", "i").replace("th", "t")
    return re.sub(r"(.)\1+", r"\1", plain)


@lru_cache(maxsize=20_000)
def _sound(form: str) -> str:
    """Spelling by sound, so that transliterations meet: "Foksvagen", "Volkswagen"."""
    for pattern, sound in _SOUNDS:
        form = pattern.sub(sound, form)
    return form


_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"shch|sch|tch|tsch|sh|ch(?=[ei])|cz|sz|zh", "s"),
        (r"dzh|dj|dsch", "j"),
        (r"ph", "f"), (r"kh", "h"), (r"ck|ch|q|gh", "k"), (r"c(?=[eiy])", "s"), (r"c", "k"),
        (r"x", "ks"), (r"tz|ts|z", "s"), (r"w|f|b(?=v)", "v"), (r"th", "t"),
        (r"^h|(?<=[a-z])h", ""), (r"j|y|ii", "i"), (r"g(?=[ei])", "g"), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip


def _drop_semivowels(form: str) -> str:
    """Hebrew and Arabic write o and u as w, i as y, or not at all."""
    if re.search(r"[aeou]", form):
        return _sound(form)
    return _sound(re.sub(r"(?<=.)[wy]", "", form)).replace("b", "v")


def _consonants(sound: str) -> str:
    """The first letter and the consonants; a vowel in front is any vowel."""
    head = "a" if sound[:1] in "aeiou" else sound[:1]
    return head + re.sub(r"[aeiou]", "", sound[1:])


def _compare(first: str, second: str) -> float:
    ones, others = tokenize(first), tokenize(second)
    if (_squash(ones) or ones) == (_squash(others) or others) and ones:
        return _get_evidence(_matched_weight(ones))
    matched, cost, left, right = _align(list(ones), list(others))
    matched, left, right = _join_words(matched, left, right)
    matched, left, right = _match_acronym(matched, (first, second), ones, others, left, right)
    missing, surplus = sorted((_missing_weight(left), _missing_weight(right)))
    cost += _CONTRADICTION * missing + _ADDITION * (surplus - missing)
    if not matched:
        return 0.0
    return matched / (matched + cost) * _get_evidence(matched)


def _get_evidence(matched: float) -> float:
    return 1.0 if matched >= _TELLING else _VAGUE


def _squash(tokens: tuple[Token, ...]) -> str:
    return "".join(token.form for token in tokens if token.kind != "stop")


def _matched_weight(tokens) -> float:
    return sum(_WEIGHTS[token.kind][0] for token in tokens)


def _missing_weight(tokens: list[Token]) -> float:
    soft = sum(_WEIGHTS[token.kind][1] for token in tokens if token.kind == "soft")
    other = sum(_WEIGHTS[token.kind][1] for token in tokens if token.kind != "soft")
    return min(soft, _SOFT_LIMIT) + other


def _align(ones: list[Token], others: list[Token]):
    """Pair the words of two names.

    :return: weight of the pairs, cost of what is not quite equal in them, words left on each side
    """
    matched = cost = 0.0
    left = []
    for token in ones:
        twin = next((other for other in others if other.concept == token.concept), None)
        if twin:
            others.remove(twin)
            matched += _WEIGHTS[token.kind][0]
        else:
            left.append(token)
    pairs = sorted(
        (
            (score, i, j)
            for i, one in enumerate(left)
            for j, other in enumerate(others)
            if (score := _word_similarity(one, other))
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    used, taken = set(), set()
    for score, i, j in pairs:
        if i not in used and j not in taken:
            used.add(i)
            taken.add(j)
            weight = _get_pair_weight(left[i], others[j])
            matched += weight * score
            cost += weight * (1.0 - score)
    rest = [token for i, token in enumerate(left) if i not in used]
    return matched, cost, rest, [token for j, token in enumerate(others) if j not in taken]


def _get_pair_weight(first: Token, second: Token) -> float:
    weights = [_WEIGHTS[token.kind][0] for token in (first, second)]
    # What stands for a common word, or is one misspelt, tells as little.
    return min(weights)


def _word_similarity(first: Token, second: Token) -> float:
    """Whether two different words are one word misspelt, heard or abbreviated: 0, or 0.7 to 1."""
    kinds = {first.kind, second.kind}
    if kinds & {"number", "legal", "stop"}:
        return 0.0
    if "letter" in kinds:
        letter, word = sorted((first, second), key=lambda token: len(token.form))
        initial = word.form.startswith(letter.form) and word.kind in ("rare", "common", "given")
        return 0.8 if initial and len(word.form) > 1 else 0.0
    shorter, longer = sorted((first, second), key=lambda token: len(token.form))
    if len(kinds) > 1 and _is_short_for(shorter, longer):
        return 0.95
    if first.foreign != second.foreign:
        heard = _heard_similarity(first.form, second.form)
        if heard:
            return heard
    if "rare" not in kinds:
        return 0.0
    return _typo_similarity(first.form, second.form)


def _is_short_for(short: Token, word: Token) -> bool:
    """Abbreviations of common words: "Eng.", "Grp", "Univ."."""
    if short.kind != "rare" or word.kind not in ("soft", "hard") or not 2 < len(short.form) < 6:
        return False
    if word.form.startswith(short.form):
        return True
    letters = iter(word.form)
    consonants = not re.search("[aeiou]", short.form[1:])
    return short.form[0] == word.form[0] and consonants and all(c in letters for c in short.form)


def _heard_similarity(first: str, second: str) -> float:
    """Whether a transliterated word and one in Latin letters sound alike: 0, or 0.8 to 1."""
    if "al" in (first[:2], second[:2]) and first[:2] != second[:2] and len(first + second) > 6:
        first, second = first.removeprefix("al"), second.removeprefix("al")  # Arabic article
    one, other = _sound(first), _sound(second)
    if one == other:
        return 0.97
    shorter = min(len(one), len(other))
    if shorter < 2:
        return 0.0
    if shorter > 3 and levenshtein(one, other) <= max(1, shorter // 4):
        return 0.9
    one, other = (_consonants(_drop_semivowels(form)) for form in (first, second))
    if one == other and len(one) > 2:
        return 0.88
    # Many scripts have one letter for b and v, for r and l, or for p and f.
    one, other = (form.translate(_LIKE_LETTERS) for form in (one, other))
    if one == other:
        return 0.85 if len(one) > 2 else 0.8
    near = one[:1] == other[:1] and levenshtein(one, other) <= 1
    return 0.8 if near and min(len(one), len(other)) > 4 else 0.0



def _typo_similarity(first: str, second: str) -> float:
    shorter = min(len(first), len(second))
    if shorter < 4 or re.findall(r"\d", first) != re.findall(r"\d", second):
        return 0.0
    same_head = first[0] == second[0]
    if same_head and _spell(first) == _spell(second):
        return 0.93
    edits = levenshtein(first, second)
    swapped = edits == 2 and len(first) == len(second) and sorted(first) == sorted(second)
    if swapped and jaro_winkler(first, second) > 0.9:
        edits = 1
    if edits == 1 and shorter < 6 and (first.startswith(second) or second.startswith(first)):
        return 0.0  # one more letter makes another short name
    if edits == 1:
        substituted = len(first) == len(second) and not swapped
        return 0.9 if shorter > (4 if same_head and not substituted else 7) else 0.0
    if edits == 2 and same_head and shorter > 8:
        return 0.85
    return 0.82 if edits == 3 and same_head and shorter > 13 else 0.0


def _join_words(matched: float, left: list[Token], right: list[Token]):
    """Words that are written together on one side: "Data Tech", "DataTech"."""
    for ones, others in ((left, right), (right, left)):
        for i in range(len(ones) - 1):
            joined = ones[i].form + ones[i + 1].form
            twin = next((other for other in others if _is_same_word(joined, other.form)), None)
            if twin:
                matched += max(_WEIGHTS[twin.kind][0], _matched_weight(ones[i : i + 2]))
                del ones[i : i + 2]
                others.remove(twin)
                break
    return matched, left, right


def _is_same_word(first: str, second: str) -> bool:
    return first == second or (len(first) > 6 and _typo_similarity(first, second) > 0)


def _match_acronym(matched, names, ones, others, left, right):
    """The first letters of one name, as the other: "BMW", "Bayerische Motoren Werke".

    A name may say both: "H & M Hennes & Mauritz".
    """
    for words, rest in ((ones, left), (others, right)):
        known = {token.form for token in words} - {token.form for token in rest}
        spelt = "".join(token.form[0] for token in rest)
        if len(rest) > 1 and spelt in known:
            rest.clear()
    for short, rest, words, name in (
        (left, right, others, names[1]),
        (right, left, ones, names[0]),
    ):
        spelt = "".join(token.form[0] for token in rest)
        for token in short:
            if matched and len(rest) > 1 and token.form == spelt:
                short.remove(token)
                rest.clear()
                return matched, left, right
            if len(words) > 1 and _abbreviates(token, name):
                certain = 0.9 if len(token.form) > 2 else 0.6
                matched += certain * max(1.0, _matched_weight(rest))
                short.remove(token)
                rest.clear()
                return matched, left, right
    return matched, left, right


def _abbreviates(token: Token, name: str) -> bool:
    if token.kind not in ("rare", "soft") or not 1 < len(token.form) < 8:
        return False
    return any(
        heads == token.form or (len(token.form) > 3 and heads[: len(token.form)] == token.form)
        for heads in _get_initials(name)
    )


@lru_cache(maxsize=20_000)
def _get_initials(name: str) -> tuple[str, ...]:
    """First letters of all words, legal form included, with and without the little ones."""
    words = re.findall(r"\w+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    every = [fold(word[0]) for word in words]
    telling = [
        fold(word[0]) for word in words if (get_word(fold(word)) or _UNKNOWN).kind != "stop"
    ]
    plain = [token.form[0] for token in tokenize(name) if token.kind != "stop"]
    return tuple({"".join(heads) for heads in (every, telling, plain)})


_UNKNOWN = Word("rare", "")
