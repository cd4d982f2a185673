from . import prm_demo
from . import prm_demo_life
