from . import prm_conflict_test
from . import prm_deal_reject
from . import prm_deal_return
from . import prm_deal_step
from . import prm_deal_amend
from . import prm_deal_refuse
