"""From record to profile: canonical in, blind out, damaged left out, arrival without effect."""

from datetime import UTC, date, datetime

import msgspec

from santiao.domain.links.features import ProfileReader
from santiao.domain.links.profile import Side
from santiao.domain.links.tokens import own_number
from santiao.domain.records import (
    CodeField,
    DisputeFact,
    Identity,
    Party,
    Phone,
    Place,
    SiteFeedback,
    TextField,
    TimeField,
)
from santiao.domain.vocabulary import FieldStatus, IdentityKind, NameClass, PartyKind, PartyRole, PhoneKind
from tests.domain.links.small_cities import FIRM, POLICY, READER, ZHANG, firm, person, profile_of, record

PLACE = Place(road="治淮路", estate="百合公寓", building="14", unit="2", room="501")


def named(name: str, name_class: NameClass, *identities: Identity, phones: tuple[Phone, ...] = ()) -> Party:
    return Party(
        slot=0,
        role=PartyRole.APPLICANT,
        kind=PartyKind.NATURAL,
        name=TextField(value=name),
        name_class=name_class,
        ids=identities,
        phones=phones,
    )


def test_every_personal_value_goes_through_the_blinding_function_and_none_comes_out() -> None:
    """Goal: no plaintext in a profile. Method: see what was blinded, and look for it in the bytes."""
    seen: list[tuple[str, str]] = []

    def spy(purpose: str, canonical: str) -> bytes:
        seen.append((purpose, canonical))
        return bytes([len(seen) % 250 + 1]) * 8

    told = record(
        "petitions",
        "340300202601130021",
        person(PartyRole.PETITIONER, "张三", number=ZHANG, phone="13800000011", place=PLACE),
        firm("恒居物业", code=FIRM),
        text="楼上傅德胜家漏水",
        place=PLACE,
    )
    packed = msgspec.msgpack.encode(ProfileReader(POLICY, spy).derive_profile(told))
    purposes = {purpose for purpose, _ in seen}
    assert purposes == {"NAME", "SURNAME", "RIN", "STEM", "PHONE", "MASK", "ORG", "ORG9", "PLACE"}
    for _, canonical in seen:
        assert canonical.encode() not in packed


def test_a_credit_code_and_the_organisation_code_within_it_are_one_identity() -> None:
    whole = profile_of("court", "1", firm("恒居物业", code=FIRM))
    short = msgspec.structs.replace(firm("恒居物业"), ids=(Identity(IdentityKind.ORG_CODE, "MA0TE0T0-0", "MA0TE0T00"),))
    assert whole.parties[0].ids == profile_of("court", "2", short).parties[0].ids != ()


def test_a_damaged_number_is_no_identity_but_keeps_its_stem() -> None:
    damaged = Identity(IdentityKind.RESIDENT, "340398198503151000", None, FieldStatus.DAMAGED)
    whole = profile_of(
        "court", "1", named("张三", NameClass.FULL, Identity(IdentityKind.RESIDENT, ZHANG, ZHANG))
    ).parties[0]
    spoilt = profile_of("court", "2", named("张三", NameClass.FULL, damaged)).parties[0]
    scientific = Identity(IdentityKind.RESIDENT, "3.40398E+17", None, FieldStatus.DAMAGED)
    assert spoilt.ids == ()
    assert spoilt.stem == whole.stem != 0
    assert profile_of("court", "3", named("张三", NameClass.FULL, scientific)).parties[0].stem == 0


def test_only_a_full_name_is_a_name() -> None:
    full = profile_of("court", "1", named("张 三", NameClass.FULL)).parties[0]
    short = profile_of("court", "2", named("张", NameClass.SURNAME_ONLY)).parties[0]
    unsure = profile_of("court", "3", named("张?", NameClass.UNCERTAIN)).parties[0]
    nobody = profile_of("court", "4", named("群众", NameClass.PLACEHOLDER)).parties[0]
    assert full.name == profile_of("court", "5", named("张三", NameClass.FULL)).parties[0].name != 0
    assert short.name == unsure.name == nobody.name == nobody.surname == 0
    assert full.surname == short.surname == unsure.surname != 0


def test_an_extension_is_part_of_a_switchboards_number() -> None:
    def phone(number: str, extension: str | None = None, kind: PhoneKind = PhoneKind.LANDLINE) -> tuple[int, ...]:
        told = Phone(number, number, extension, kind, "*" in number)
        return profile_of("court", "1", named("张三", NameClass.FULL, phones=(told,))).parties[0].masks

    assert phone("05523067788", "8012") != phone("05523067788", "8068")
    assert phone("13800000011", None, PhoneKind.MOBILE) == phone("138****0011", None, PhoneKind.MOBILE)
    assert phone("0552****788") == ()


def test_who_called_and_who_helps_are_marked() -> None:
    roles = (PartyRole.REPORTER, PartyRole.CALLER, PartyRole.AGENT, PartyRole.PETITIONER, PartyRole.INVOLVED)
    sides = [profile_of("court", "1", person(role, "张三")).parties[0].side for role in roles]
    assert sides == [Side.REPORTER, Side.REPORTER, Side.HELPER, Side.APPLICANT, Side.UNKNOWN]


def test_the_day_of_the_agreement_is_the_sources_own() -> None:
    told = record("court", "1", settled=date(2025, 7, 5))
    assert READER.derive_profile(told).settled == date(2025, 7, 5).toordinal()
    body = told.body
    assert isinstance(body, DisputeFact)
    silent = msgspec.structs.replace(told, body=msgspec.structs.replace(body, settled_on=None))
    updated = msgspec.structs.replace(silent, source_updated_at=datetime(2025, 7, 9, 12, tzinfo=UTC))
    assert READER.derive_profile(updated).settled == date(2025, 7, 9).toordinal()
    assert READER.derive_profile(silent).settled == date(2026, 1, 10).toordinal()
    failed = msgspec.structs.replace(body, outcome=CodeField("outcome", hub_code="O32"))
    assert READER.derive_profile(msgspec.structs.replace(told, body=failed)).settled == 0


def test_a_further_parts_parties_stand_apart_from_the_files() -> None:
    feedback = msgspec.structs.replace(
        record("police-110", "20260110340302000187"),
        part="feedback",
        body=SiteFeedback(
            result=CodeField("result"),
            stage=CodeField("stage"),
            narrative=TextField(value="双方因漏水争吵"),
            parties=(person(PartyRole.INVOLVED, "张三"),),
        ),
    )
    profile = READER.derive_profile(feedback, 100)
    assert [party.slot for party in profile.parties] == [100]
    assert profile.own == (own_number("20260110340302000187"),)


def test_when_and_how_often_it_arrived_leaves_no_trace() -> None:
    told = record("court", "1", person(PartyRole.APPLICANT, "张三"))
    again = msgspec.structs.replace(told, received_at=datetime(2027, 1, 1, tzinfo=UTC), batch_id="b", ordinal=9)
    assert READER.derive_profile(told) == READER.derive_profile(again)


def test_the_day_of_the_call_is_not_the_day_it_happened() -> None:
    def happened(day: date) -> tuple[int, ...]:
        told = record("police-110", "1")
        assert isinstance(told.body, DisputeFact)
        body = msgspec.structs.replace(told.body, occurred=TimeField(day=day))
        return READER.derive_profile(msgspec.structs.replace(told, body=body)).days

    assert happened(date(2026, 1, 10)) == ()
    assert happened(date(2026, 1, 9)) == (date(2026, 1, 9).toordinal(),)
