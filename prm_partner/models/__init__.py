from . import prm_metric
from . import prm_state_mixin
from . import prm_program
from . import prm_tier_requirement
from . import res_partner_grade
from . import prm_tier_change
from . import prm_membership
from . import res_partner
