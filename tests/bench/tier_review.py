"""A tier review of many partners, compared with measuring their metrics only."""

from functools import partial

from prm_setup import databases
from prm_setup import pg_databases as pg
from prm_setup.bench import Row, bench
from prm_setup.project import Project
from tests.bench import partners
from tests.bench.odoo_shell import run_in_odoo

DATABASE = "prm_bench_review"
PARTNERS = 10_000
# what deciding and writing may cost above the measuring
GOAL_RATIO = 3.0


@bench("tier_review")
def tier_review(project: Project) -> list[Row]:
    """Time of a review with all that it writes, as a multiple of measuring the metrics."""
    pg.copy(project, databases.READY, DATABASE)
    try:
        partners.fill(partial(project.connection.sql, database=DATABASE), PARTNERS)
        figures = run_in_odoo(project, DATABASE, "tests.bench.in_odoo.tier_review")
    finally:
        pg.drop(project, DATABASE)
    return [
        Row("tier_review_ratio", figures["ratio"], "x", GOAL_RATIO),
        Row("tier_review_seconds", figures["reviewing"], "s"),
        Row("tier_review_measuring", figures["measuring"], "s"),
        Row("tier_review_members", figures["members"], "members"),
        Row("tier_review_changes", figures["changes"], "members"),
        Row("tier_review_at_risk", figures["at_risk"], "members"),
    ]
