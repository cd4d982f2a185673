from . import account_match
from . import event_hash
from . import path_range
