"""Entry point of the launchers: ``python setup/prm_setup COMMAND [ARGUMENTS]``."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from prm_setup.cli import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
