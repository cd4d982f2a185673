from . import prm_deal_registration, res_users
