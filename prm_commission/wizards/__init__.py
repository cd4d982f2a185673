from . import base_partner_merge
from . import prm_commission_settle
