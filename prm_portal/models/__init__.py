from . import prm_portal_page
from . import prm_deal_registration, res_users
from . import prm_agreement
