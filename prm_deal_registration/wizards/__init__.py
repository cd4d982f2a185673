from . import prm_deal_reject
from . import prm_deal_return
