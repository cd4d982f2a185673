from . import prm_deal_registration
from . import res_users
