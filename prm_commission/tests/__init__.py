from . import test_accrual
from . import test_amounts
from . import test_append_only
from . import test_performance
from . import test_rule
from . import test_security
from . import test_settlement
from . import test_agreement
