from . import append_only, measures, thresholds, tier_names, windows
