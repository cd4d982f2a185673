from . import prm_demo
from . import prm_demo_relations
from . import prm_demo_tier
from . import prm_demo_tier_past
from . import prm_demo_onboarding
from . import prm_demo_agreement
from . import prm_demo_working
