from . import prm_demo
from . import prm_agreement_demo
