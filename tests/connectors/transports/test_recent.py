"""What a feed remembers of its overlap is bounded, and forgetting never claims that something was seen."""

from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.transports.recent import Recent, digest_of

SEEN = st.lists(st.tuples(st.sampled_from(["", "100", "200", "300"]), st.sampled_from("abcdefghij")), max_size=30)


def test_a_version_is_new_once() -> None:
    recent = Recent()
    assert [recent.admit("100", "a"), recent.admit("100", "a"), recent.admit("200", "b")] == [True, False, True]


def test_what_the_overlap_has_passed_is_forgotten() -> None:
    recent = Recent()
    recent.admit("100", "a")
    recent.admit("200", "b")
    recent.admit("", "undated")
    recent.forget_before("200")
    assert [recent.admit("200", "b"), recent.admit("", "undated"), recent.admit("100", "a")] == [False, False, True]


def test_an_undated_version_is_kept_while_polls_meet_it() -> None:
    recent = Recent()
    recent.admit("", "a")
    recent.admit("", "b")
    recent.end_poll()
    recent.admit("", "a")
    recent.end_poll()
    assert sorted(recent) == ["a"]


@given(seen=SEEN, limit=st.integers(1, 6))
def test_what_is_encoded_is_decoded_newest_first_within_the_limit(seen: list[tuple[str, str]], limit: int) -> None:
    recent = Recent(limit)
    for moment, digest in seen:
        recent.admit(moment, digest)
    known = set(recent)
    again = Recent.decode(recent.encode(), limit)
    assert set(again) <= known
    assert len(again) == min(limit, len(known))
    assert Recent.decode(again.encode(), limit).encode() == again.encode()


@given(parts=st.lists(st.binary(max_size=8), max_size=4), others=st.lists(st.binary(max_size=8), max_size=4))
def test_a_digest_stands_for_its_parts(parts: list[bytes], others: list[bytes]) -> None:
    assert (digest_of(*parts) == digest_of(*others)) is (parts == others)
    assert len(digest_of(*parts)) == 12
