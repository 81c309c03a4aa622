"""Where disputes go: kind, mode, body and clocks by type, origin, risk and day; how failure climbs."""

import datetime as dt

import msgspec
import pytest

from santiao.domain.directory import BodyKind, Level, body_of
from santiao.domain.routing import MediationKind, Route, RouteInput, RouteRule, Silence, climb, levels_above, route
from santiao.domain.rulebook import Rulebook
from santiao.domain.rules import Confidence
from santiao.domain.vocabulary import Risk

DISPUTE = RouteInput(
    dispute_type="D03", region="340302", risk=Risk.MEDIUM, agency="police-110", on=dt.date(2026, 3, 12)
)


def routed(book: Rulebook, **changed: object) -> Route:
    found = route(book, msgspec.structs.replace(DISPUTE, **changed))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("agency", "mode", "edge", "silence", "legal", "origin"),
    [
        ("police-110", "GO", "E3R@1", Silence.BACK_TO_SENDER, None, "PO.CASE.30D"),
        ("court", "SU2", "E2@1", Silence.BACK_TO_SENDER, "CT.ACCEPT.3WD", "CT.POST.WT.15D"),
        ("petitions", "FA", "E4@1", Silence.DEEMED_OWN, "XF.OBJECT.5WD", "XF.HANDLE.60D"),
        ("human-resources", "LA", "E5@1", Silence.BACK_TO_SENDER, None, "LB.MED.15D"),
        ("hotline-12345", "HL", "E8@1", Silence.DEEMED_OWN, "HL.RETURN.2WD", "HL.HANDLE.5WD"),
        ("peoples-mediation", "ZJ", "E12@1", Silence.BACK_TO_SENDER, None, None),
        ("somebody-else", "OT", "E0@1", Silence.BACK_TO_SENDER, None, None),
    ],
)
def test_the_origin_gives_mode_clocks_and_the_meaning_of_silence(
    book: Rulebook, agency: str, mode: str, edge: str, silence: Silence, legal: str | None, origin: str | None
) -> None:
    found = routed(book, agency=agency, dispute_type="D13" if agency == "human-resources" else "D03")
    assert (found.mode, found.edge, found.silence) == (mode, edge, silence)
    assert (found.legal_accept_rule, found.origin_rule) == (legal, origin)
    assert found.needs_consent


def test_a_court_delegated_before_filing_until_the_end_of_2024(book: Rulebook) -> None:
    assert routed(book, agency="court", on=dt.date(2024, 12, 31)).mode == "SU1"
    assert routed(book, agency="court", on=dt.date(2025, 1, 1)).mode == "SU2"


@pytest.mark.parametrize(
    ("changed", "kind", "body_kind", "level"),
    [
        ({"dispute_type": "D13"}, MediationKind.SECTOR, BodyKind.SECTOR_COMMITTEE, Level.COUNTY),
        ({"dispute_type": "D16"}, MediationKind.SECTOR, BodyKind.SECTOR_COMMITTEE, Level.CITY),
        ({"dispute_type": "D17"}, MediationKind.SECTOR, BodyKind.SECTOR_COMMITTEE, Level.CITY),
        ({"dispute_type": "D11"}, MediationKind.SECTOR, BodyKind.SECTOR_COMMITTEE, Level.COUNTY),
        (
            {"dispute_type": "D11", "risk": Risk.HIGH},
            MediationKind.PEOPLES,
            BodyKind.GOVERNANCE_CENTRE,
            Level.COUNTY,
        ),
        (
            {"dispute_type": "D12", "agency": "hotline-12345"},
            MediationKind.ADMINISTRATIVE,
            BodyKind.ORGAN,
            Level.COUNTY,
        ),
        ({"dispute_type": "D08", "agency": "court"}, MediationKind.LAWYER, BodyKind.LAWYER_ROOM, Level.COUNTY),
        ({"dispute_type": "D03", "agency": "court"}, MediationKind.JUDICIAL, BodyKind.COURT_CENTRE, Level.COUNTY),
        ({"dispute_type": "D06"}, MediationKind.PEOPLES, BodyKind.GOVERNANCE_CENTRE, Level.COUNTY),
        ({"dispute_type": "D03"}, MediationKind.PEOPLES, BodyKind.STATION_ROOM, Level.COUNTY),
        (
            {"dispute_type": "D05", "agency": "petitions", "risk": Risk.LOW, "street": "长淮卫镇"},
            MediationKind.PEOPLES,
            BodyKind.PEOPLES_COMMITTEE,
            Level.VILLAGE,
        ),
        (
            {"agency": "petitions", "street": "治淮路街道"},
            MediationKind.PEOPLES,
            BodyKind.PEOPLES_COMMITTEE,
            Level.STREET,
        ),
        ({"agency": "petitions"}, MediationKind.PEOPLES, BodyKind.PEOPLES_COMMITTEE, Level.COUNTY),
        ({"agency": "petitions", "region": "340300"}, MediationKind.PEOPLES, BodyKind.PEOPLES_COMMITTEE, Level.CITY),
    ],
)
def test_type_risk_and_place_choose_kind_and_body(
    book: Rulebook, changed: dict[str, object], kind: MediationKind, body_kind: BodyKind, level: Level
) -> None:
    found = routed(book, **changed)
    assert (found.mediation, found.body_kind, found.level) == (kind, body_kind, level)
    assert found.body is not None
    body = body_of(book, found.body)
    assert body.is_open(DISPUTE.on)
    assert found.candidates[0] == found.body


@pytest.mark.parametrize("dispute_type", ["D25", "D99"])
def test_what_no_mediation_takes_is_left_to_a_person(book: Rulebook, dispute_type: str) -> None:
    assert route(book, msgspec.structs.replace(DISPUTE, dispute_type=dispute_type)) is None


def test_every_other_type_from_every_agency_has_a_body_in_every_county(book: Rulebook) -> None:
    counties = sorted({body.region for body in book.bodies if not body.region.endswith("00")})
    assert len(counties) == 7
    for county in counties:
        for number in (*range(1, 25), 98):
            for agency in ("police-110", "court", "petitions", "human-resources", "hotline-12345"):
                found = routed(book, dispute_type=f"D{number:02d}", region=county, agency=agency)
                assert found.body, (county, number, agency)


def test_a_place_without_bodies_gets_a_route_and_no_body(book: Rulebook) -> None:
    found = routed(book, region="110101")
    assert (found.body, found.candidates) == (None, ())


def test_a_named_persons_designation_is_asked_first(book: Rulebook) -> None:
    row = RouteRule(
        id="D.1",
        dispute_types=("D03",),
        regions=("340302",),
        mediation=MediationKind.PEOPLES,
        level=Level.COUNTY,
        kinds=(BodyKind.GOVERNANCE_CENTRE,),
        body="lzh-governance",
        mediation_rule="PM.MEDIATE.1M",
        effective_from=dt.date(2026, 3, 1),
        confidence=Confidence.DEFAULT,
    )
    found = route(book, DISPUTE, (row,))
    assert found is not None
    assert (found.rule, found.body) == ("D.1@1", "lzh-governance")
    elsewhere = route(book, msgspec.structs.replace(DISPUTE, region="340303"), (row,))
    assert elsewhere is not None
    assert elsewhere.rule != "D.1@1"


@pytest.mark.parametrize(
    ("mediation", "level", "to", "to_level"),
    [
        (MediationKind.PEOPLES, Level.VILLAGE, MediationKind.PEOPLES, Level.STREET),
        (MediationKind.PEOPLES, Level.STREET, MediationKind.PEOPLES, Level.COUNTY),
        (MediationKind.PEOPLES, Level.COUNTY, MediationKind.ADMINISTRATIVE, Level.COUNTY),
        (MediationKind.ADMINISTRATIVE, Level.COUNTY, MediationKind.JUDICIAL, Level.COUNTY),
        (MediationKind.SECTOR, Level.CITY, MediationKind.JUDICIAL, Level.COUNTY),
        (MediationKind.LAWYER, Level.COUNTY, MediationKind.JUDICIAL, Level.COUNTY),
    ],
)
def test_failure_climbs(
    book: Rulebook, mediation: MediationKind, level: Level, to: MediationKind, to_level: Level
) -> None:
    dispute = msgspec.structs.replace(DISPUTE, agency="petitions", street="长淮卫镇")
    found = climb(book, dispute, mediation, level)
    assert found is not None
    assert (found.mediation, found.level) == (to, to_level)


def test_after_the_court_there_is_nothing_above(book: Rulebook) -> None:
    assert climb(book, DISPUTE, MediationKind.JUDICIAL, Level.COUNTY) is None
    assert levels_above(Level.COUNTY) == (Level.CITY,)
