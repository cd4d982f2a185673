"""A tier review of ten thousand partners, compared with measuring their metrics only."""

import json
import subprocess
from pathlib import Path

from prm_setup import databases
from prm_setup import pg_databases as pg
from prm_setup.bench import Row, bench
from prm_setup.errors import SetupError
from prm_setup.project import Project

DATABASE = "prm_bench"
SCRIPT = Path(__file__).parent / "in_odoo" / "tier_review.py"
MARK = "BENCH "
GOAL_RATIO = 3.0


@bench("tier_review")
def tier_review(project: Project) -> list[Row]:
    """Time of the review, with all that it writes, as a multiple of measuring the metrics."""
    pg.copy(project, databases.READY, DATABASE)
    found = run_in_odoo(project, SCRIPT)
    pg.drop(project, DATABASE)
    ratio = found["reviewing"] / found["measuring"]
    return [
        Row("tier_review_ratio", round(ratio, 2), "x", GOAL_RATIO),
        Row("tier_review_seconds", round(found["reviewing"], 2), "s"),
        Row("tier_review_measuring", round(found["measuring"], 2), "s"),
        Row("tier_review_members", found["members"], "members"),
        Row("tier_review_changes", found["promoted"] + found["at_risk"], "members"),
    ]


def run_in_odoo(project: Project, script: Path) -> dict:
    """Run a script in Odoo's shell.

    :return: what it has printed after ``BENCH``
    :raise SetupError: it has printed nothing of the kind
    """
    with script.open() as source:
        result = subprocess.run(
            project.odoo("shell", "-d", DATABASE, "--no-http"),
            env=project.environment(),
            stdin=source,
            capture_output=True,
            text=True,
            check=False,
        )
    for line in result.stdout.splitlines():
        if line.startswith(MARK):
            return json.loads(line.removeprefix(MARK))
    raise SetupError(f"The benchmark {script.name} has failed:\n{result.stderr[-3000:]}")
