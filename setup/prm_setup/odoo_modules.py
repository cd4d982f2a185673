"""Install and upgrade modules in a database, with progress and with every error noticed."""

import re
from collections.abc import Sequence

from .errors import CommandError
from .project import Project
from .shell import run

# a module whose demo data fails is installed all the same, with no more than a warning
_ERROR = re.compile(r" \d+ (ERROR|CRITICAL) |demo data failed to install|Skipping demo data")
_LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")


def apply(
    project: Project,
    database: str,
    *,
    install: Sequence[str] = (),
    update: Sequence[str] = (),
    demo: bool = True,
    languages: Sequence[str] = (),
    step=None,
    verbose: bool = False,
) -> None:
    """Install and upgrade modules.

    :param step: progress step that shows the module in work
    :raise CommandError: Odoo failed, or logged an error
    """
    arguments = ["-d", database, "--stop-after-init", "--no-http"]
    arguments += ["--max-cron-threads", "0", "--workers", "0"]
    if install:
        arguments += ["-i", ",".join(install)]
    if update:
        arguments += ["-u", ",".join(update)]
    if languages:
        arguments += ["--load-language", ",".join(languages)]
    if demo:
        arguments.append("--with-demo")
    errors: list[str] = []
    context = [0]

    def on_line(line: str) -> None:
        if (match := _LOADING.search(line)) and step:
            step.update(f"{match[2]}/{match[3]} {match[1]}")
        if _ERROR.search(line):
            context[0] = 40
        elif re.match(r"\d{4}-\d\d-\d\d ", line):
            context[0] = 0
        if context[0]:
            context[0] -= 1
            errors.append(line + "\n")

    log = project.paths.logs / f"install-{database}.log"
    what = f"Installing modules in the database {database}"
    run(
        project.odoo(*arguments),
        what,
        log=log,
        env=project.environment(),
        on_line=on_line,
        echo=verbose,
    )
    if errors:
        raise CommandError(f"{what} logged errors; the whole log is {log}.", "".join(errors[:80]))
