"""What is missing is said: a skip with the mend on a laptop, a failure under CI."""

import pytest

from tests.services.component import MARK, missing


def test_a_missing_component_fails_under_ci_and_is_skipped_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=MARK):
        missing("a kettle", "none is there", "buy one")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="buy one"):
        missing("a kettle", "none is there", "buy one")
