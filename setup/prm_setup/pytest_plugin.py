"""Plugin for pytest: in continuous integration a skipped test is a failed one.

Odoo skips a test when a program is missing; a green run must not depend on that.
"""

import os

import pytest


def _forbidden() -> bool:
    return "CI" in os.environ or "PRM_NO_SKIPS" in os.environ


def _fail(report) -> None:
    if report.skipped and _forbidden() and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped, which is not allowed here: {reason}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    """Turn a skipped test into a failed one."""
    outcome = yield
    _fail(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report():
    """Turn a skipped module into an error."""
    outcome = yield
    _fail(outcome.get_result())
