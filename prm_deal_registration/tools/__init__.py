from . import account_match
from . import event_hash
