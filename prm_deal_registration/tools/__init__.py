from . import event_hash
