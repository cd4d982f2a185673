"""A range type over paths of a hierarchy: two ranges overlap if one path leads to the other.

The paths are those of Odoo's ``parent_path``: ``"1/5/"`` is above ``"1/5/8/"``, and ``NULL``
above everything. In byte order a path and all paths below it are the texts from ``"1/5/"`` on and
before ``"1/5/:"``, because a colon comes right after the digits. An exclusion constraint with

    prm_path_range(path, path || ':') WITH &&

therefore respects the hierarchy, without any numbering that would have to be kept up.
"""

TYPE = "prm_path_range"


def create(cr):
    """Have the type. Safe to call again: a model calls it from ``_auto_init``."""
    cr.execute("SELECT to_regtype(%s)", [TYPE])
    if not cr.fetchone()[0]:
        # the order of bytes, whatever the language of the database
        cr.execute('CREATE TYPE prm_path_range AS RANGE (SUBTYPE = text, COLLATION = "C")')


def drop(cr):
    """Drop the type with the constraints that use it: for an ``uninstall_hook``."""
    cr.execute("DROP TYPE IF EXISTS prm_path_range CASCADE")
