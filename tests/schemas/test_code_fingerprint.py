"""The fingerprint of a fold changes with shape and code, and with nothing else."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from santiao.domain.events import Event
from santiao.domain.records import AgencyRecord
from santiao.schemas.code_fingerprint import code_fingerprint

STATE = '''"""The state."""
from folding import rules

class State:
    """What is kept."""

    count: int = 0
    """How many."""

def evolve(state: State) -> State:
    return rules.next_of(state)
'''
RULES = "def next_of(state):\n    return state\n"
OTHER = "LIMIT = 1\n"


class Fold:
    """A package on disk with a state, the rules it stands on, and something it does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "folding"
        self.folder.mkdir()
        self.write("__init__", "")
        self.write("state", STATE)
        self.write("rules", RULES)
        self.write("other", OTHER)

    def write(self, module: str, text: str) -> None:
        (self.folder / f"{module}.py").write_text(text)

    def fingerprint(self) -> str:
        module = ModuleType("folding.state")
        exec(compile((self.folder / "state.py").read_text(), "state.py", "exec"), module.__dict__)  # noqa: S102
        return code_fingerprint([module.State, module.evolve], package="folding")


@pytest.fixture
def fold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fold:
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "folding"]:
        monkeypatch.delitem(sys.modules, name)
    return Fold(tmp_path)


def test_it_is_the_same_for_the_same_code(fold: Fold) -> None:
    assert fold.fingerprint() == fold.fingerprint()
    assert len(fold.fingerprint()) == 16


@pytest.mark.parametrize(
    ("module", "text", "changes"),
    [
        ("state", STATE.replace("count: int = 0", "count: int = 1"), True),
        ("state", STATE.replace("count: int", "count: str"), True),
        ("rules", "def next_of(state):\n    return None\n", True),
        ("state", STATE.replace("How many.", "How many there are.").replace("What is kept.", "What stays."), False),
        ("rules", "# Why it is so.\n\n\ndef next_of(state):\n    'Next.'\n    return state\n", False),
        ("other", "LIMIT = 2\n", False),
    ],
)
def test_it_changes_with_shape_and_code_and_with_nothing_else(
    fold: Fold, module: str, text: str, *, changes: bool
) -> None:
    before = fold.fingerprint()
    fold.write(module, text)
    assert (fold.fingerprint() != before) is changes


def test_real_types_have_one_and_different_types_different_ones() -> None:
    assert code_fingerprint([AgencyRecord]) == code_fingerprint([AgencyRecord, AgencyRecord])
    assert code_fingerprint([AgencyRecord]) != code_fingerprint([Event])


def test_the_upcasters_belong_to_every_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_fingerprint([AgencyRecord])
    monkeypatch.setattr("santiao.schemas.code_fingerprint.UPCASTING", ())
    assert code_fingerprint([AgencyRecord]) != before


def test_a_module_without_source_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="the source of builtins is not at hand"):
        code_fingerprint([int])
