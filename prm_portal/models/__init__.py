from . import prm_announcement, prm_announcement_recipient, prm_deal_registration, res_users
