"""The city a feed belongs to: the hub's own, unless its declaration names another; and disputes of other cities."""

from pathlib import Path

import pytest

from santiao.connectors.declaration import DeclarationFault
from santiao.connectors.registry import Connectors, load_connectors
from santiao.domain.vocabulary import MappingStatus
from tests.connectors.agencies.items import dispute_of, hotline, labour, record_of
from tests.connectors.conftest import NOW


def at_home(tmp_path: Path, declarations: Path, regions: Path, told: str) -> Connectors:
    """The six connectors in a hub for another city."""
    (tmp_path / "regions.csv").symlink_to(regions)
    if told:
        (tmp_path / "city.yaml").write_text(told, encoding="utf-8")
    return load_connectors(declarations, regions=tmp_path / "regions.csv", clock=lambda: NOW, secrets=lambda _name: "")


@pytest.fixture
def elsewhere(tmp_path: Path, declarations: Path, regions: Path) -> Connectors:
    return at_home(tmp_path, declarations, regions, 'division: "620100"\narea_code: "0931"\n')


def test_a_feed_without_a_city_is_the_hubs(elsewhere: Connectors) -> None:
    told = hotline(elsewhere, contentText="楼上漏水", cusName="张三", cusPhone="8812345")
    fact = dispute_of(told)
    assert (record_of(told).shard, fact.region.hub_code) == (6201, "620100")
    assert fact.region.mapping_status is MappingStatus.DEFAULTED_BY_SOURCE
    assert [phone.number for phone in fact.parties[0].phones] == ["09318812345"]


def test_a_county_whose_name_many_cities_have_is_the_hubs(elsewhere: Connectors, connectors: Connectors) -> None:
    assert dispute_of(hotline(elsewhere, areaName="城关区")).region.hub_code == "620102"
    assert dispute_of(hotline(connectors, areaName="城关区")).region.hub_code == "340300"


@pytest.mark.parametrize(
    ("members", "region"),
    [
        ({"contentText": "在兰州市西固区租房，房东不退押金"}, "620104"),
        ({"contentText": "家住本市，反映兰州市城关区的房东不退押金"}, "620102"),
        ({"areaName": "城关区", "contentText": "兰州市的房东不退押金"}, "620102"),
        ({"contentText": "反映兰州市和合肥市的房东都不退押金"}, "340300"),
    ],
)
def test_a_dispute_of_another_city_is_there(connectors: Connectors, members: dict[str, str], region: str) -> None:
    assert dispute_of(hotline(connectors, **members)).region.hub_code == region


def test_a_ledger_row_of_another_city_is_there(connectors: Connectors) -> None:
    told = labour(connectors, 受理机构="兰州市西固区劳动人事争议仲裁院")
    assert dispute_of(told).region.hub_code == "620104"


@pytest.mark.parametrize("told", ["", "division: 六位\n", "division: [\n", "town: 1\n"])
def test_a_city_that_is_none_is_told_with_its_file(
    tmp_path: Path, declarations: Path, regions: Path, told: str
) -> None:
    with pytest.raises(DeclarationFault) as failure:
        at_home(tmp_path, declarations, regions, told)
    assert "yaml" in str(failure.value)
    assert "城市" in str(failure.value) or "区划" in str(failure.value)
