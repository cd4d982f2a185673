"""Metrics of many partners at once, compared with the same SQL written by hand."""

from functools import partial

from prm_setup import databases
from prm_setup import pg_databases as pg
from prm_setup.bench import Row, bench
from prm_setup.project import Project
from tests.bench import partners
from tests.bench.odoo_shell import run_in_odoo

DATABASE = "prm_bench_metrics"
PARTNERS = 10_000
# what the registry may cost above the SQL that it writes
GOAL_RATIO = 2.0


@bench("metrics")
def metrics(project: Project) -> list[Row]:
    """Time of eight metrics of 10,000 partners, as a ratio to SQL by hand."""
    pg.copy(project, databases.READY, DATABASE)
    try:
        partners.fill(partial(project.connection.sql, database=DATABASE), PARTNERS)
        figures = run_in_odoo(project, DATABASE, "tests.bench.in_odoo.metrics")
    finally:
        pg.drop(project, DATABASE)
    rows = [
        Row("metrics_ratio", figures["ratio"], "x", GOAL_RATIO),
        Row("metrics_ms", figures["registry"], "ms"),
        Row("metrics_by_hand_ms", figures["by_hand"], "ms"),
        Row("metrics_snapshot_ms", figures["snapshot"], "ms"),
    ]
    return rows + [Row(f"metrics_{code}", ratio, "x") for code, ratio in figures["each"].items()]
