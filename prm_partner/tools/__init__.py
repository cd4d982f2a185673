from . import append_only, measures, terms, windows
