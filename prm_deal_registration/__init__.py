from . import models
from . import tools
from . import wizards
from .hooks import pre_init_hook, uninstall_hook

# Demo code extends models of this add-on, so it is imported after them.
from . import demo  # isort: skip
