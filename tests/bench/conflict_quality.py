"""How well the conflict check tells companies apart, on the labelled set of the project."""

from prm_setup import databases
from prm_setup import pg_databases as pg
from prm_setup.bench import Row, bench
from prm_setup.project import Project
from tests.bench.odoo_shell import run_in_odoo

DATABASE = "prm_bench_quality"
GOAL = 0.95
GOAL_BY_NAME = 0.90
# what one company and one comparison may cost
GOAL_KEYS_MS = 1.0
GOAL_COMPARE_MS = 0.2


@bench("conflict_quality")
def conflict_quality(project: Project) -> list[Row]:
    """Precision and recall at a severity of review or more, with all data and by name alone."""
    pg.copy(project, databases.READY, DATABASE)
    try:
        figures = run_in_odoo(project, DATABASE, "tests.bench.in_odoo.conflict_quality")
    finally:
        pg.drop(project, DATABASE)
    rows = [Row("conflict_quality_pairs", figures["pairs"], "pairs", 300, at_least=True)]
    for name, goal in (("all", GOAL), ("by_name", GOAL_BY_NAME)):
        for measure in ("precision", "recall"):
            figure = figures[name][measure]
            rows.append(
                Row(f"conflict_quality_{name}_{measure}", figure, "share", goal, at_least=True)
            )
    for part, shares in figures["parts"].items():
        rows += [
            Row(f"conflict_quality_{part}_{name}", share, "share") for name, share in shares.items()
        ]
    return [
        *rows,
        Row("conflict_quality_block_recall", figures["block_recall"], "share"),
        Row("conflict_quality_keys_ms", figures["keys_ms"], "ms", GOAL_KEYS_MS),
        Row("conflict_quality_compare_ms", figures["compare_ms"], "ms", GOAL_COMPARE_MS),
    ]
