from . import prm_commission_settle
