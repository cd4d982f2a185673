from . import prm_enroll
from . import prm_enroll_contact
from . import prm_membership_stop
from . import prm_tier_assign
from . import prm_tier_reject
from . import prm_application_reject
from . import portal_wizard_user
