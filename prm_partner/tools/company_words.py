"""What is known about the words of company names: their kind, and which mean the same.

The words are data (``company_words.txt``). They are spelt there as people write them and are
looked up in the form that ``fold`` gives.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rigour.text.translit import ascii_text

KINDS = ("legal", "stop", "soft", "hard", "strict", "common", "given", "region", "names")

_FILE = Path(__file__).with_name("company_words.txt")
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
# Written without spaces between the words: Han, kana, Hangul.
_UNSPACED = "\u2e80-\u2fdf\u3005-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_NON_ASCII_WORD = re.compile(r"[a-z0-9]*[^\x00-\x7f][a-z0-9\x80-\U0010ffff]*")
_ARABIC_ARTICLE = re.compile(r"^(?:ال|لل)(?=\w{3})")
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")


class Word(NamedTuple):
    """A known word: its kind, one of ``KINDS``, and the concept that it shares with synonyms."""

    kind: str
    concept: str


def fold(text: str | None) -> str:
    """Lower-case ASCII words of ``text``, transliterated.

    >>> fold("Çağlayan & Söhne")
    'caglayan sohne'
    >>> fold("«Ромашка»")
    'romashka'
    >>> fold("MUELLER") == fold("Müller")
    True
    >>> fold("トヨタ自動車 삼성")
    'toyota car samsung'
    """
    lowered = unicodedata.normalize("NFKC", text or "").casefold().replace("\u0307", "")
    spaced = _UNSPACED_RUN.sub(_split_unspaced, lowered) if not lowered.isascii() else lowered
    joined = re.sub(r"(?<=\w)['’ʼ`´״\".](?=\w)|(?<=\b\w)\.(?=\W|$)", "", spaced)
    return " ".join(re.findall(r"[a-z0-9]+", _transliterate(joined)))


def _transliterate(text: str) -> str:
    if not text.isascii():
        spaced = "".join(
            " " if char > "\x7f" and unicodedata.category(char)[0] in "PSZ" else char
            for char in text
        )
        text = _NON_ASCII_WORD.sub(lambda found: _to_ascii(found[0]), spaced)
    # ü is written as u or ue; likewise ä and ö.
    return re.sub(r"(?<=[aou])e+(?=\w)", "", text)


def _to_ascii(word: str) -> str:
    word = _ARABIC_ARTICLE.sub("", word)
    plain = unicodedata.normalize("NFKD", word.translate(_LETTERS)).translate(_LETTERS)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    # The table has Latin and Cyrillic letters; the library knows the other scripts.
    return plain if plain.isascii() else re.sub(r"[^a-z0-9]+", "", ascii_text(word).lower())


def _split_unspaced(run: re.Match) -> str:
    """Cut known words out of a run of characters, in English; what is left stays together."""
    found = []
    text = re.sub(r"(?<=..)[市省]", "", run[0])  # "city" and "province" after their names
    for part in _unspaced_pattern().split(text):
        concept = _unspaced_words().get(part)
        # One character alone is too often a part of another word.
        found.append(concept if concept and (len(part) > 1 or part == text) else part)
    return f" {' '.join(filter(None, found))} "


@cache
def _read_lines() -> list[tuple[str, list[str], bool]]:
    """Lines of the file as kind, words, and whether the words mean the same."""
    kind, lines = "", []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
        elif line and not line.startswith("#"):
            words = unicodedata.normalize("NFKC", line).casefold().removeprefix("*").split()
            lines.append((kind, words, not line.startswith("*")))
    return lines


@cache
def _unspaced_words() -> dict[str, str]:
    words = {}
    for kind, line, _same in _read_lines():
        concept = "ltd" if kind == "legal" else line[0]
        for word in line:
            if _UNSPACED_RUN.fullmatch(word):
                words.setdefault(word, concept)
    return words


@cache
def _unspaced_pattern() -> re.Pattern:
    longest_first = sorted(_unspaced_words(), key=lambda word: (-len(word), word))
    return re.compile(f"({'|'.join(map(re.escape, longest_first))})")


@cache
def _get_words() -> dict[str, Word]:
    words = {}
    for kind, line, same in _read_lines():
        if kind == "names":
            continue
        concept = fold(line[0]).replace(" ", "")
        for word in line:
            form = fold(word).replace(" ", "")
            if len(form) > 1 or kind == "stop":
                words.setdefault(form, Word(kind, concept if same else form))
    return words


def get_word(form: str) -> Word | None:
    """What is known about a word in folded form.

    >>> get_word("technologies") == get_word("tekhnologii")
    True
    >>> get_word("koln")
    Word(kind='region', concept='cologne')
    >>> get_word("romashka") is None
    True
    """
    return _get_words().get(form)


@cache
def _get_stems() -> dict[str, Word]:
    stems = {}
    for kind, line, same in _read_lines():
        for word in line:
            if same and kind in ("soft", "hard", "region") and re.search("[\u0370-\u04ff]", word):
                form = fold(word)
                for stem in (form[:-1], form[:-2], form[:-3]):
                    if len(stem) > 4:
                        stems.setdefault(stem, _get_words()[form])
    return stems


def get_inflected(form: str) -> Word | None:
    """What is known about a Slavic or Greek word with another ending.

    >>> get_inflected("rossiiskimi").concept, get_inflected("stroitelnogo").concept
    ('russia', 'construction')
    """
    stems = (form[: len(form) - cut] for cut in range(1, 5) if len(form) - cut > 4)
    return next((word for stem in stems if (word := _get_stems().get(stem))), None)
