from . import prm_conflict_test
from . import prm_deal_reject
from . import prm_deal_return
