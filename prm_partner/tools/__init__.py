from . import append_only, measures, scoring, windows
