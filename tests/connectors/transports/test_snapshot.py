"""A row is absent when two snapshots running lack it, and is told so once; whatever else snapshots do, nobody is withdrawn by it."""

from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.transports.snapshot import Snapshots, compare

KEYS = st.frozensets(st.sampled_from("abcdefg"), max_size=7)


def told(*snapshots: tuple[str, str]) -> list[str]:
    """What each snapshot tells absent; keys are single letters."""
    state, absences = Snapshots(), []
    for name, keys in snapshots:
        state, absent = compare(state, name, keys)
        absences.append("".join(absent))
    return absences


def test_a_row_missing_once_comes_back() -> None:
    assert told(("0130", "abc"), ("0206", "ac"), ("0213", "abc"), ("0220", "ac"), ("0227", "abc")) == [""] * 5


def test_a_row_missing_twice_running_is_absent_and_told_once() -> None:
    assert told(("0130", "abc"), ("0206", "ac"), ("0213", "ac"), ("0220", "ac"), ("0227", "a"), ("0306", "a")) == [
        "",
        "",
        "b",
        "",
        "",
        "c",
    ]


def test_an_absent_row_that_comes_back_may_be_absent_again() -> None:
    assert told(("1", "ab"), ("2", "a"), ("3", "a"), ("4", "ab"), ("5", "a"), ("6", "a")) == ["", "", "b", "", "", "b"]


def test_a_snapshot_sent_twice_is_one_snapshot() -> None:
    assert told(("0130", "ab"), ("0206", "a"), ("0206", "a"), ("0213", "a")) == ["", "", "", "b"]


def test_a_snapshot_sent_again_mended_brings_a_row_back() -> None:
    assert told(("0130", "ab"), ("0206", "a"), ("0206", "ab"), ("0213", "a"), ("0220", "a")) == ["", "", "", "", "b"]


def test_a_snapshot_that_comes_late_says_nothing() -> None:
    assert told(("9", "ab"), ("10", "a"), ("8", "a"), ("11", "a")) == ["", "", "", "b"]


def test_a_snapshot_without_rows_says_nothing() -> None:
    assert told(("1", "ab"), ("2", ""), ("3", ""), ("4", "ab")) == [""] * 4


def test_more_keys_than_can_be_remembered_are_not_judged() -> None:
    state, _ = compare(Snapshots(), "1", "abcd", limit=4)
    state, _ = compare(state, "2", "abce", limit=4)
    assert not state.is_judged
    state, absent = compare(state, "3", "ab", limit=4)
    assert absent == ()
    state, _ = compare(state, "4", "a", limit=4)
    assert compare(state, "5", "a", limit=4)[1] == ("b",)


@given(snapshots=st.lists(KEYS, max_size=12))
def test_absent_is_what_two_running_lack_and_was_there_before(snapshots: list[frozenset[str]]) -> None:
    state = Snapshots()
    lacking: dict[str, int] = {}
    for number, keys in enumerate(snapshots):
        state, absent = compare(state, str(number), keys)
        expected = set()
        if keys:
            for key in [*lacking]:
                lacking[key] = 0 if key in keys else lacking[key] + 1
                if lacking[key] == 2:
                    expected.add(key)
                    del lacking[key]
            lacking.update(dict.fromkeys(keys, 0))
        assert set(absent) == expected
