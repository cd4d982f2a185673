from . import common
from . import portal
from . import partner
from . import deals
from . import deal_form
from . import credentials
from . import commissions
from . import statements
