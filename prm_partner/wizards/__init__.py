from . import prm_enroll
from . import prm_enroll_contact
from . import prm_enroll_defaults
from . import prm_program_template
from . import prm_setup
from . import prm_setup_step
from . import prm_tier_assign
