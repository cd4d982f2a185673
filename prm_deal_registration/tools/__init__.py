from . import account_keys
from . import event_hash
