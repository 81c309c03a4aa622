"""Profiles: the union over a source's parts, bounded, forgetful, and found by the right tokens."""

import msgspec
from hypothesis import given

from santiao.domain.links.profile import (
    EMPTY,
    MAX_PARTIES,
    MAX_TOKENS,
    PartyProfile,
    Profile,
    combine,
    forget,
    index_tokens,
    probe_tokens,
)
from santiao.domain.links.tokens import Kind, as_token, borne, own_number, quoted
from santiao.domain.vocabulary import PartyRole
from tests.domain.links.small_cities import LI, ZHANG, person, profile_of, profiles


@given(profiles(), profiles(), profiles())
def test_parts_combine_the_same_in_any_order_and_any_grouping(a: Profile, b: Profile, c: Profile) -> None:
    assert combine(a, b, c) == combine(c, a, b) == combine(combine(a, b), c) == combine(a, combine(b, c))
    assert combine(a, b, a) == combine(a, b)
    assert combine(a) == combine(EMPTY, a) == a


def test_combining_is_bounded() -> None:
    parts = [
        Profile(own=(number * 2,), parties=(PartyProfile(number),), rooms=(number,))
        for number in range(3 * MAX_PARTIES)
    ]
    whole = combine(*parts)
    assert len(whole.parties) == MAX_PARTIES
    assert len(whole.own) == len(whole.rooms) == MAX_TOKENS
    assert combine(*reversed(parts)) == whole


def test_a_profile_survives_its_codec_and_is_small() -> None:
    profile = profile_of(
        "court",
        "8a8182f59b1c0001",
        person(PartyRole.APPLICANT, "张三", number=ZHANG, phone="13800000011"),
        person(PartyRole.RESPONDENT, "李四", slot=1, number=LI, phone="13800000012"),
        text="2026年1月10日因楼上漏水发生争吵，要求赔偿12600元。" * 20,
    )
    packed = msgspec.msgpack.encode(profile)
    assert msgspec.msgpack.decode(packed, type=Profile) == profile
    assert len(packed) < 1500


def test_numbers_borne_and_quoted_find_each_other() -> None:
    number = own_number("20260110340302000187")
    assert borne(quoted(number)) == number != quoted(number)
    bears, quotes = Profile(own=(number,)), Profile(quotes=(number,))
    assert {each.token for each in probe_tokens(quotes)} >= {each.token for each in index_tokens(bears)}
    assert {each.token for each in probe_tokens(bears)} == {each.token for each in index_tokens(quotes)}


def test_tokens_fit_a_signed_integer_and_are_never_nothing() -> None:
    assert as_token(b"\xff" * 8) == -1
    assert as_token(b"\x80" + b"\x00" * 7) == -(2**63)
    assert as_token(b"\x00" * 8) == 1


def test_a_party_mention_is_forgotten_whole() -> None:
    profile = profile_of(
        "petitions",
        "340300202601130021",
        person(PartyRole.PETITIONER, "张三", number=ZHANG, phone="13800000011"),
        person(PartyRole.THIRD_PARTY, "李四", slot=1, number=LI),
    )
    left = forget(profile, 0)
    assert [party.slot for party in left.parties] == [1]
    gone = {each.token for each in index_tokens(profile)} - {each.token for each in index_tokens(left)}
    assert {each.kind for each in index_tokens(profile) if each.token in gone} == {Kind.RIN, Kind.NAME, Kind.PHONE}
