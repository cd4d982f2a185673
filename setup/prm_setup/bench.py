"""Benchmarks: found by name, run one after the other, each result a row with a goal.

A benchmark is a function in a file of ``setup/bench.d/`` or ``tests/bench/``::

    from prm_setup.bench import Row, bench

    @bench("portal_home")
    def portal_home(project):
        return [Row("portal_home_queries", 31, "queries", 40)]

Runs with the Python of the virtual environment: ``python -m prm_setup.bench [NAME …]``.
"""

import argparse
import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import SetupError
from .project import Project

FOLDERS = ("setup/bench.d", "tests/bench")


@dataclass(frozen=True)
class Row:
    """One result.

    :param figure: what was measured
    :param goal: the most that is good, or the least if ``at_least``; none to report only
    """

    name: str
    figure: float
    unit: str
    goal: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        if self.goal is None:
            return True
        return self.figure >= self.goal if self.at_least else self.figure <= self.goal

    def as_dict(self) -> dict:
        """The row as it is written to the JSON file."""
        return {
            "name": self.name,
            "figure": self.figure,
            "unit": self.unit,
            "goal": self.goal,
            "met": self.met,
        }


Benchmark = Callable[[Project], list[Row]]
REGISTRY: dict[str, Benchmark] = {}


def bench(name: str) -> Callable[[Benchmark], Benchmark]:
    """Register a benchmark under a name."""

    def register(function: Benchmark) -> Benchmark:
        REGISTRY[name] = function
        return function

    return register


def discover(root: Path) -> None:
    """Load the files with benchmarks."""
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.py")):
            spec = importlib.util.spec_from_file_location(f"prm_bench_{path.stem}", path)
            spec.loader.exec_module(importlib.util.module_from_spec(spec))


def select(names: list[str]) -> dict[str, Benchmark]:
    """The named benchmarks, all without a name.

    :raise SetupError: a name is unknown
    """
    unknown = [name for name in names if name not in REGISTRY]
    if unknown:
        known = ", ".join(sorted(REGISTRY))
        raise SetupError(f"There is no benchmark {', '.join(unknown)}; there are: {known}.")
    return {name: REGISTRY[name] for name in names or sorted(REGISTRY)}


def line(row: Row) -> str:
    """A row of the printed table."""
    goal = "-" if row.goal is None else f"{row.goal:g}"
    met = "yes" if row.met else "NO"
    return f"{row.name:<32} {row.figure:>12g} {row.unit:<10} {goal:>12} {met:>5}"


def main(arguments: list[str]) -> int:
    """Run benchmarks, print and write their rows.

    :return: 1 if a goal was missed or a benchmark failed
    """
    # the benchmarks import this module by its name, not as __main__
    from prm_setup import bench as registry

    parser = argparse.ArgumentParser(prog="./setup/bench", description="Run benchmarks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="all without any")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows there")
    options = parser.parse_args(arguments)
    project = Project.load()
    sys.path.insert(0, str(project.paths.root))
    registry.discover(project.paths.root)
    try:
        chosen = registry.select(options.names)
    except SetupError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"{'name':<32} {'figure':>12} {'unit':<10} {'goal':>12} {'met':>5}", flush=True)
    rows: list[Row] = []
    for function in chosen.values():
        for row in function(project):
            print(line(row), flush=True)
            rows.append(row)
    if options.json:
        options.json.write_text(json.dumps([row.as_dict() for row in rows], indent=1) + "\n")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
