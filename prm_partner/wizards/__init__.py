from . import prm_enroll
from . import prm_enroll_contact
from . import prm_membership_stop
from . import prm_tier_assign
from . import prm_tier_reject
