"""How linking tests judge two sources: two agencies' profiles made by hand, with every value rare unless a test says otherwise."""

from typing import Unpack

from santiao.domain.links.comparison import compare
from santiao.domain.links.evidence import Commonness
from santiao.domain.links.profile import Profile
from santiao.domain.links.tokens import Kind
from santiao.domain.links.verdict import Verdict
from santiao.domain.records import Party
from santiao.domain.vocabulary import PartyRole
from tests.domain.links.small_cities import (
    POLICY,
    Told,
    profile_of,
)

A, B = PartyRole.APPLICANT, PartyRole.RESPONDENT
CALL = "20260110340302000187"


def rare(kind: Kind, token: int) -> int:
    assert kind
    assert token
    return 1


def common(*kinds: Kind) -> Commonness:
    return lambda kind, _token: 1000 if kind in kinds else 1


def judge(a: Profile, b: Profile, count: Commonness = rare) -> Verdict:
    return compare(a, b, count, POLICY)


def suit(*parties: Party, **options: Unpack[Told]) -> Profile:
    return profile_of("court", "8a8182f59b1c0001", *parties, **options)


def letter(*parties: Party, **options: Unpack[Told]) -> Profile:
    return profile_of("petitions", "340300202601130021", *parties, **options)
