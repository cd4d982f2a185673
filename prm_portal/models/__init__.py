from . import prm_portal_page
from . import prm_deal_registration
from . import res_users
from . import prm_agreement
from . import prm_business_plan
from . import prm_announcement
from . import prm_announcement_recipient
