"""The data that travels with the code is found in the checkout these tests run in; tests/packaging looks at the wheel."""

import pytest

from santiao.store import resources
from tests.architecture.sources import ROOT


def test_a_checkout_speaks_for_itself() -> None:
    assert resources.checkout_root() == ROOT
    assert resources.resource_dir("connectors") == ROOT / "connectors"
    assert resources.resource_dir("city") == ROOT / "deploy" / "city"


def test_an_incomplete_installation_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "checkout_root", lambda: None)
    with pytest.raises(FileNotFoundError, match="Install the wheel again"):
        resources.resource_dir("schemas")
