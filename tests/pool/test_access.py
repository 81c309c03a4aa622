"""Deny by default: what no row allows is not allowed, and a row that contradicts itself is named."""

from pathlib import Path

import pytest
import yaml

from santiao.domain.errors import Rejection
from santiao.pool.access import AccessPolicy, Caller, Denied, Reach, Resource, Role
from santiao.pool.access_file import load_access
from santiao.pool.fields import FieldClass, Treatment
from tests.pool.conftest import CITY

STRANGER = Caller(agency="somebody", credential="K1")
PERSONAL = [kind for kind in FieldClass if kind.is_personal]


@pytest.fixture(scope="module")
def policy() -> AccessPolicy:
    return AccessPolicy(load_access(CITY), {"peoples-mediation": frozenset({"lzh-pmc"})})


def person(role: Role, org: str = "mediation-centre") -> Caller:
    return Caller(agency=org, credential="S1", person="P1", roles=(role,), is_session=True)


def test_an_agency_without_a_row_sees_its_own_cases_only(policy: AccessPolicy) -> None:
    rights = policy.rights_of(STRANGER)
    assert rights.reach is Reach.OWN
    assert rights.agencies == {"somebody"}
    assert rights.connectors == {"somebody"}


def test_an_agencys_bodies_are_the_directorys(policy: AccessPolicy) -> None:
    rights = policy.rights_of(Caller(agency="peoples-mediation", credential="K1"))
    assert "lzh-pmc" in rights.bodies


@pytest.mark.parametrize("purpose", ["dispatch", "supervise"])
def test_a_purpose_that_no_row_grants_is_denied(policy: AccessPolicy, purpose: str) -> None:
    with pytest.raises(Denied, match=r"purpose\.not_granted"):
        policy.check_purpose(STRANGER, purpose)


def test_an_unknown_purpose_is_no_purpose(policy: AccessPolicy) -> None:
    with pytest.raises(Rejection, match=r"purpose\.unknown"):
        policy.check_purpose(STRANGER, "curiosity")


def test_audit_is_a_named_persons(policy: AccessPolicy) -> None:
    with pytest.raises(Rejection, match=r"purpose\.actor"):
        policy.check_purpose(Caller(agency="court", credential="K1"), "audit")
    policy.check_purpose(Caller(agency="court", credential="K1", person="P1", roles=(Role.AUDITOR,)), "audit")


def test_a_role_that_the_agency_may_not_name_adds_nothing(policy: AccessPolicy) -> None:
    caller = Caller(agency="court", credential="K1", person="P1", roles=(Role.DISPATCHER,))
    assert policy.rights_of(caller).commands == policy.rights_of(Caller(agency="court", credential="K1")).commands


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SECURITY])
def test_system_and_security_duties_see_no_case(policy: AccessPolicy, role: Role) -> None:
    rights = policy.rights_of(person(role))
    assert not rights.purposes
    assert not rights.commands
    assert not rights.resources & {
        Resource.CASES,
        Resource.CASE,
        Resource.PARTIES,
        Resource.NARRATIVES,
        Resource.TIMELINE,
    }


def test_auditors_and_dispatchers_do_not_do_each_others_work(policy: AccessPolicy) -> None:
    assert not policy.rights_of(person(Role.AUDITOR)).commands
    assert Resource.DISCLOSURES not in policy.rights_of(person(Role.DISPATCHER)).resources


@pytest.mark.parametrize("purpose", sorted(load_access(CITY).purposes))
@pytest.mark.parametrize("kind", PERSONAL)
def test_nobody_unnamed_sees_a_personal_field_in_full(policy: AccessPolicy, purpose: str, kind: FieldClass) -> None:
    for agency in ("somebody", "court", "mediation-centre", "peoples-mediation"):
        assert policy.treatment(Caller(agency=agency, credential="K1"), purpose, kind) is not Treatment.FULL


@pytest.mark.parametrize("kind", PERSONAL)
def test_a_person_under_age_is_shown_in_full_to_nobody(policy: AccessPolicy, kind: FieldClass) -> None:
    for role in Role:
        for purpose in policy.book.purposes:
            assert policy.treatment(person(role), purpose, kind, minor=True) is not Treatment.FULL


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        (("purposes", "handle", "resources"), ["everything"], "everything"),
        (("any_agency", "purposes"), ["curiosity"], "curiosity"),
        (("roles", "dispatcher", "commands"), ["DoAnything"], "DoAnything"),
        (("guarded_commands",), ["DoAnything"], "DoAnything"),
        (("limits", "page_items"), "many", "page_items"),
        (("surprise",), {}, "surprise"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, place: tuple[str, ...], value: object, named: str) -> None:
    document = yaml.safe_load((CITY / "access.yaml").read_text(encoding="utf-8"))
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    (tmp_path / "access.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(Rejection, match=named):
        load_access(tmp_path)


def test_every_role_has_its_row(tmp_path: Path) -> None:
    document = yaml.safe_load((CITY / "access.yaml").read_text(encoding="utf-8"))
    del document["roles"]["security"]
    (tmp_path / "access.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(Rejection, match=r"roles\.security is missing"):
        load_access(tmp_path)
