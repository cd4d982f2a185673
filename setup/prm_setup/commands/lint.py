"""``./setup/lint``: everything that can be checked without running a test."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from .. import databases
from ..checks import manifests, rights, xml_files
from ..prepare import prepared, setup_lock
from ..progress import Progress
from ..project import Project
from ..shell import run

# a long model is spread over several files on purpose: one for each of its sides
PYLINT = ("--disable=consider-merging-classes-inherited",)


def main(argv: list[str]) -> int:
    """Run all checks, also after one has failed.

    :return: 1 if one has failed
    """
    parser = argparse.ArgumentParser(prog="./setup/lint", description=__doc__)
    parser.add_argument(
        "--no-translations", action="store_true", help="leave out the check that needs a database"
    )
    arguments = parser.parse_args(argv)
    progress = Progress()
    with prepared(progress) as project:
        checks: dict[str, Callable[[], str]] = {
            "manifests": lambda: _each_addon(project, manifests.problems),
            "sudo": lambda: _each_addon(project, rights.problems),
            "XML": lambda: _each_addon(project, xml_files.problems),
            "ruff": lambda: _module(project, "ruff", "check", "."),
            "pylint-odoo": lambda: _module(project, "pylint", *PYLINT, *project.paths.addons()),
        }
        if not arguments.no_translations:
            checks["translations"] = lambda: _translations(project, progress)
        failed = [name for name, check in checks.items() if _fails(name, check)]
    if failed:
        print(f"Lint failed: {', '.join(failed)}.", file=sys.stderr)
    return bool(failed)


def _fails(name: str, check: Callable[[], str]) -> bool:
    problems = check().strip()
    print(f"{name}: {'failed' if problems else 'ok'}", flush=True)
    if problems:
        print(problems, flush=True)
    return bool(problems)


def _each_addon(project: Project, problems) -> str:
    root = project.paths.root
    found = [text for name in project.paths.addons() for text in problems(root / name)]
    return "\n".join(text.removeprefix(f"{root}/") for text in found)


def _module(project: Project, *command: str) -> str:
    """Run a checker of the virtual environment.

    :return: what it says, empty if all is well
    """
    result = subprocess.run(
        [project.python, "-m", *command],
        cwd=project.paths.root,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return (result.stdout + result.stderr) if result.returncode else ""


def _translations(project: Project, progress: Progress) -> str:
    """Compare the translations with a fresh export of all terms."""
    root = project.paths.root
    addons = [name for name in project.paths.addons() if (root / name / "i18n").is_dir()]
    if not addons:
        return ""
    with setup_lock(project.paths, progress):
        database = databases.ensure_ready(project, progress)
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / "fresh.pot"
            arguments = ("i18n", "export", "-d", database, "-o", str(fresh), *addons)
            command = project.odoo(*arguments)
            log = project.paths.logs / "i18n.log"
            run(command, "Exporting the terms", log=log, env=project.environment())
            env = project.environment() | {"PYTHONPATH": str(project.paths.setup)}
            result = subprocess.run(
                [project.python, "-m", "prm_setup.checks.translations", fresh, *addons],
                cwd=root,
                env=env,
                capture_output=True,
                text=True,
                check=False,
            )
    return (result.stdout + result.stderr) if result.returncode else ""
