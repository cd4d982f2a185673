from . import append_only, windows
