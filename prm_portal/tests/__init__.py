from . import test_address
from . import test_commissions
from . import test_credentials
from . import test_deal_form
from . import test_deal_pages
from . import test_isolation
from . import test_pages
from . import test_performance
