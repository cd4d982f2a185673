"""Metrics of many partners at once, compared with the same SQL written by hand."""

import json
import subprocess
from functools import partial

from prm_setup import databases
from prm_setup import pg_databases as pg
from prm_setup.bench import Row, bench
from prm_setup.errors import CommandError
from prm_setup.project import Project
from tests.bench import partners

DATABASE = "prm_bench_metrics"
PARTNERS = 10_000
# what the registry may cost above the SQL that it writes
GOAL_RATIO = 2.0
RESULT = "RESULT "


@bench("metrics")
def metrics(project: Project) -> list[Row]:
    """Time of eight metrics of 10,000 partners, as a ratio to SQL by hand."""
    pg.copy(project, databases.READY, DATABASE)
    try:
        partners.fill(partial(project.connection.sql, database=DATABASE), PARTNERS)
        figures = run_in_odoo(project, DATABASE, "tests.bench.metrics_in_odoo")
    finally:
        pg.drop(project, DATABASE)
    rows = [
        Row("metrics_ratio", figures["ratio"], "x", GOAL_RATIO),
        Row("metrics_ms", figures["registry"], "ms"),
        Row("metrics_by_hand_ms", figures["by_hand"], "ms"),
        Row("metrics_snapshot_ms", figures["snapshot"], "ms"),
    ]
    return rows + [Row(f"metrics_{code}", ratio, "x") for code, ratio in figures["each"].items()]


def run_in_odoo(project: Project, database: str, module: str) -> dict:
    """Call ``run(env)`` of a module of ours in Odoo's shell.

    :return: what it returns; it must be fit for JSON
    :raise CommandError: Odoo or the function failed
    """
    script = (
        f"import importlib, json, sys; sys.path.insert(0, {str(project.paths.root)!r})\n"
        f"print({RESULT!r} + json.dumps(importlib.import_module({module!r}).run(env)))\n"
    )
    command = project.odoo("shell", "-d", database, "--no-http", "--log-level", "warn")
    result = subprocess.run(
        command,
        input=script,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    for line in result.stdout.splitlines():
        if RESULT in line:
            return json.loads(line.split(RESULT, 1)[1])
    raise CommandError(f"{module} gave no result.", (result.stdout + result.stderr)[-4000:])
