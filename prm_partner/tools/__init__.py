from . import account_keys, append_only, measures, windows, working_time
