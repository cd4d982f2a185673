from . import account_keys
from . import append_only
from . import extension
from . import measures
from . import review
from . import terms
from . import windows
from . import working_time
