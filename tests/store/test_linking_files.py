"""The linking policy is read whole or not at all, and a fault says where and what to do."""

from pathlib import Path

import pytest

from santiao.store.linking_files import FILE_NAME, PolicyFault, load_linking_policy
from tests.architecture.sources import ROOT

CITY = ROOT / "deploy" / "city"
TEXT = (CITY / FILE_NAME).read_text(encoding="utf-8")


def test_the_citys_own_policy_is_whole() -> None:
    policy = load_linking_policy(CITY)
    assert policy.gap_after("D08") == policy.renewal_gap_days["default"] == 120
    stems = [stem for words in policy.text.topics.values() for stem in words]
    assert len(stems) == len({*stems}), "a stem stands under one topic only"
    assert len(policy.text.topics) < 60
    assert all(len(surname) == 2 for surname in policy.text.compound_surnames)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version: 1", "versoin: 1", "versoin"),
        ("prior: -", "prior: much", "prior"),
        ("  default: 120", "  D08: 90", "default"),
        ("version: 1", "version: [", "YAML"),
    ],
)
def test_a_fault_names_the_file_and_the_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / FILE_NAME).write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyFault, match=told) as caught:
        load_linking_policy(tmp_path)
    assert str(tmp_path / FILE_NAME) in str(caught.value)


def test_a_missing_policy_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PolicyFault, match="restore it"):
        load_linking_policy(tmp_path)
