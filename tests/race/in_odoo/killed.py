"""A nightly snapshot that is killed while it writes."""

import os
import signal
from unittest.mock import patch

from .history import forget_last_days

# the unit of work during which the process dies
FATAL = 5


def run(env):
    """Never comes back."""
    forget_last_days(env)
    history = type(env["prm.metric.value"])
    snapshot = history._snapshot
    units = []

    def snapshot_and_die(self, *unit):
        snapshot(self, *unit)
        units.append(unit)
        if len(units) == FATAL:
            os.kill(os.getpid(), signal.SIGKILL)

    with patch.object(history, "_snapshot", snapshot_and_die):
        env.ref("prm_partner.ir_cron_snapshot").method_direct_trigger()
