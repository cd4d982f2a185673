from . import validity
