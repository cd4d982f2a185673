"""Merge fields in the text of an agreement: which there are, and what its QWeb may do. No ORM.

A template is rendered on plain texts and numbers instead of records, so that whoever writes it
reaches nothing but the merge fields, however the expressions look.
"""

from types import SimpleNamespace

from lxml import etree, html

ALLOWED_DIRECTIVES = frozenset({"t-out", "t-if", "t-elif", "t-else", "t-set", "t-value"})


def nest(values: dict[str, object]) -> SimpleNamespace:
    """Turn values by dotted path into an object with attributes.

    >>> nest({"name": "A/1", "partner_id.name": "Acme"}).partner_id.name
    'Acme'
    """
    root = SimpleNamespace()
    for path, value in values.items():
        *parents, name = path.split(".")
        node = root
        for parent in parents:
            if not hasattr(node, parent):
                setattr(node, parent, SimpleNamespace())
            node = getattr(node, parent)
        setattr(node, name, value)
    return root


def find_forbidden(source: str) -> str | None:
    """The first thing in a template that agreements do not allow, None if all is well.

    Allowed are the directives above and pictures that are part of the text itself: a document that
    is signed must not depend on anything outside.

    >>> find_forbidden('<p t-if="object.renewal_months">Yes</p>')
    >>> find_forbidden('<t t-call="web.layout"/>')
    't-call'
    >>> find_forbidden('<p><img src="/web/image/1"></p>')
    'img'
    """
    for node in html.fragment_fromstring(source, create_parent="div").iter(etree.Element):
        for name in node.attrib:
            if name.startswith("t-") and name not in ALLOWED_DIRECTIVES:
                return name
        if node.tag == "img" and not (node.get("src") or "").startswith("data:image/"):
            return "img"
    return None
