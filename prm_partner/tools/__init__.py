from . import append_only, extension, measures, review, windows
