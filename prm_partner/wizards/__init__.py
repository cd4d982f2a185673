from . import prm_enroll
from . import prm_enroll_contact
from . import prm_tier_assign
from . import prm_agreement_ask_again
from . import prm_agreement_countersign
from . import prm_agreement_paper
from . import prm_agreement_send
from . import prm_agreement_terminate
