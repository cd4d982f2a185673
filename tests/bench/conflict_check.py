"""Time of the conflict check in a database with a million leads."""

import os
from functools import partial

from prm_setup import databases
from prm_setup import pg_databases as pg
from prm_setup.bench import Row, bench
from prm_setup.project import Project
from tests.bench import leads
from tests.bench.odoo_shell import run_in_odoo

DATABASE = "prm_bench_conflicts"
FEW = 100_000
MANY = int(os.environ.get("PRM_BENCH_LEADS", "1000000"))
COMPANIES = 100_000
INSIDE = "tests.bench.in_odoo.conflict_check"

# candidates against the same look-ups by hand; all against creating a lead in stock Odoo;
# a million leads against a tenth
GOAL_CANDIDATES = 3.0
GOAL_CHECK = 1.0
GOAL_GROWTH = 1.3
BATCH_QUERIES = 5


@bench("conflict_check")
def conflict_check(project: Project) -> list[Row]:
    """Candidates, whole check and batch of 80, with 100,000 and with 1,000,000 leads."""
    pg.copy(project, databases.READY, DATABASE)
    try:
        execute = partial(project.connection.sql, database=DATABASE)
        sounds = run_in_odoo(project, DATABASE, "tests.bench.in_odoo.conflict_words")
        leads.make_words(execute, sounds)
        leads.fill_companies(execute, COMPANIES)
        leads.fill_leads(execute, 1, FEW)
        few = run_in_odoo(project, DATABASE, INSIDE)
        leads.fill_leads(execute, FEW + 1, MANY)
        many = run_in_odoo(project, DATABASE, INSIDE)
    finally:
        pg.drop(project, DATABASE)
    return [
        Row("conflict_check_leads", many["leads"], "leads"),
        Row("conflict_check_candidates_ratio", many["candidates_ratio"], "x", GOAL_CANDIDATES),
        Row("conflict_check_ratio", many["check_ratio"], "x", GOAL_CHECK),
        Row("conflict_check_growth", many["check"] / few["check"], "x", GOAL_GROWTH),
        Row("conflict_check_batch_queries", many["batch_queries"], "queries", BATCH_QUERIES),
        Row("conflict_check_hits_found", many["hits_found"], "share", 1.0, at_least=True),
        *(
            Row(f"conflict_check_{name}", many[name], "ms")
            for name in ("candidates", "by_hand", "check", "create_lead", "batch", "crowded")
        ),
        Row("conflict_check_few_ms", few["check"], "ms"),
    ]
