from . import prm_business_plan, prm_deal_registration, res_users
