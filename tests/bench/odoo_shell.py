"""Functions of benchmarks and tests that run inside an Odoo of their own."""

import json
import subprocess
from collections.abc import Sequence

from prm_setup.errors import CommandError
from prm_setup.project import Project

RESULT = "RESULT "


def run_in_odoo(
    project: Project, database: str, module: str, options: Sequence[str] = ()
) -> dict:
    """Call ``run(env)`` of a module of ours in Odoo's shell.

    :param options: further options of Odoo
    :return: what it returns; it must be fit for JSON
    :raise CommandError: Odoo or the function failed
    """
    script = (
        f"import importlib, json, sys; sys.path.insert(0, {str(project.paths.root)!r})\n"
        f"print({RESULT!r} + json.dumps(importlib.import_module({module!r}).run(env)))\n"
    )
    command = project.odoo("shell", "-d", database, "--no-http", "--log-level", "warn", *options)
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
