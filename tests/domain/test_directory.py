"""The directory of bodies: found by place, kind, sector and day, by the agencies' own codes, and never invented."""

import datetime as dt

import pytest

from santiao.domain.directory import Body, BodyKind, BodyQuery, Level, body_by_code, body_of, find_bodies
from santiao.domain.errors import NotFound
from santiao.domain.rulebook import Rulebook

DAY = dt.date(2026, 3, 12)


def names(found: tuple[Body, ...]) -> list[str]:
    return [body.id for body in found]


class Book:
    """A directory of its own."""

    def __init__(self, *bodies: Body) -> None:
        self.bodies = bodies


def body(body_id: str, **more: object) -> Body:
    told: dict[str, object] = {
        "kind": BodyKind.PEOPLES_COMMITTEE,
        "level": Level.COUNTY,
        "region": "340302",
        "effective_from": dt.date(2020, 1, 1),
    }
    return Body(id=body_id, name=body_id, **(told | more))  # type: ignore[arg-type]


def test_the_nearest_body_comes_first_and_other_places_are_left_out() -> None:
    book = Book(
        body("city", level=Level.CITY, region="340300"),
        body("county"),
        body("street", level=Level.STREET, street="甲街道"),
        body("other-street", level=Level.STREET, street="乙街道"),
        body("other-county", region="340303"),
    )
    assert names(find_bodies(book, BodyQuery(region="340302", street="甲街道", on=DAY))) == ["street", "county", "city"]
    assert names(find_bodies(book, BodyQuery(region="340302", on=DAY))) == ["county", "city"]
    above = BodyQuery(region="340302", street="甲街道", level=Level.COUNTY, on=DAY)
    assert names(find_bodies(book, above)) == ["county", "city"]


def test_a_body_is_found_only_between_its_dates() -> None:
    book = Book(body("old", effective_to=dt.date(2025, 12, 31)), body("new", effective_from=dt.date(2026, 1, 1)))
    assert names(find_bodies(book, BodyQuery(on=dt.date(2025, 12, 31)))) == ["old"]
    assert names(find_bodies(book, BodyQuery(on=dt.date(2026, 1, 1)))) == ["new"]


def test_kind_sector_mode_and_type_narrow_and_the_specialist_comes_before_the_generalist() -> None:
    book = Book(
        body("any", kind=BodyKind.ORGAN),
        body("market", kind=BodyKind.ORGAN, sector="market", accepts=("D12",), modes=("XI",)),
        body("farm", kind=BodyKind.ORGAN, accepts=("D05",)),
    )
    assert names(find_bodies(book, BodyQuery(dispute_type="D12", on=DAY))) == ["market", "any"]
    assert names(find_bodies(book, BodyQuery(sector="market", on=DAY))) == ["market"]
    assert names(find_bodies(book, BodyQuery(mode="XI", on=DAY))) == ["market"]
    assert names(find_bodies(book, BodyQuery(kinds=(BodyKind.COURT,), on=DAY))) == []


def test_agencies_codes_and_names_lead_to_the_body(book: Rulebook) -> None:
    for agency, code, expected in (
        ("police-110", "340302510000", "lzh-station"),
        ("court", "340303", "bs-court"),
        ("court", "皖0304", "yh-court"),
        ("human-resources", "龙子湖区劳动人事争议仲裁院", "lzh-labour-arbitration"),
    ):
        found = body_by_code(book, agency, code, DAY)
        assert found is not None
        assert found.id == expected
    assert body_by_code(book, "police-110", "999999999999", DAY) is None


def test_an_unknown_body_is_refused(book: Rulebook) -> None:
    with pytest.raises(NotFound) as refused:
        body_of(book, "nobody")
    assert refused.value.code == "body.unknown"


def test_contacts_are_on_the_unassigned_exchange(book: Rulebook) -> None:
    assert all(body.phone.startswith("0552-000") for body in book.bodies if body.phone)
    assert len({body.phone for body in book.bodies}) == len(book.bodies)
