"""What a test does when a real component is not to be had.

The rule kept here: a missing component is a loud skip on somebody's laptop and a failure under `CI`, so that nothing is
ever green because it was left out.
"""

import os
from typing import NoReturn

import pytest

MARK = "component missing: "


def is_continuous_integration() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}


def missing(component: str, why: str, mend: str) -> NoReturn:
    """End the test: skipped on a laptop, failed under CI, in both cases with the one command that mends it."""
    text = f"{MARK}{component}, because {why}. To mend: {mend}"
    if is_continuous_integration():
        pytest.fail(text, pytrace=False)
    pytest.skip(text)
