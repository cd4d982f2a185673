"""Hash chain of a log: a row that was changed, removed or inserted breaks the chain."""

import hashlib
import json
from typing import Any


def canonical(values: dict[str, Any]) -> str:
    """The one text that equal values have.

    >>> canonical({"b": 1, "a": "ü"}) == canonical({"a": "ü", "b": 1})
    True
    """
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def chained_hash(previous: str | None, values: dict[str, Any]) -> str:
    """Hash of a row that includes the hash of the row before it.

    >>> first = chained_hash(None, {"type": "submitted"})
    >>> chained_hash(first, {"type": "approved"}) != chained_hash(None, {"type": "approved"})
    True
    """
    text = f"{previous or ''}\n{canonical(values)}"
    return hashlib.sha256(text.encode()).hexdigest()
