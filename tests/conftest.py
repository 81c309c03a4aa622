"""What every test shares: the real components, how properties are searched, and how loudly something missing is said."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.seeds import SEED
from tests.services.component import MARK, is_continuous_integration

pytest_plugins = ["tests.services.postgres", "tests.services.chromium", "tests.services.sftp", "tests.services.kafka"]

# A slow machine is no fault, so nothing is timed; what failed is printed so that it can be run again. `thorough` is for nights.
settings.register_profile("house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("house"), derandomize=True, database=None)
settings.register_profile("thorough", parent=settings.get_profile("house"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if is_continuous_integration() else "house"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, above the closing line, what chance came from, which components were missing and how many tests that cost."""
    for report in (each for word in ("passed", "failed") for each in terminalreporter.stats.get(word, [])):
        for seed in (value for name, value in report.user_properties if name == SEED):
            terminalreporter.write_line(f"{report.nodeid}: seed {seed}")
    left_out: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        text = reason.removeprefix("Skipped: ")
        if text.startswith(MARK):
            left_out[text] = left_out.get(text, 0) + 1
    if left_out:
        terminalreporter.section("LEFT OUT", sep="!", red=True, bold=True)
    for text, count in left_out.items():
        terminalreporter.write_line(f"{count} tests: {text}", red=True)
