from . import append_only, measures, windows
