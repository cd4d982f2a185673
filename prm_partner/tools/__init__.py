from . import append_only, measures, merge_fields, terms, windows
