"""A folder of another city's deliveries is measured in a hub for that city."""

from pathlib import Path

from bench.homes import settle_for, settle_in
from santiao.connectors.converters.region import RegionTable
from santiao.connectors.registry import load_home
from santiao.simulation.city import load_city


def test_the_city_is_the_one_most_disputes_are_of(tmp_path: Path) -> None:
    truth = {"disputes": [{"region": "620104"}, {"region": "620102"}, {"region": "340302"}, {}]}
    folder = settle_for(truth, tmp_path / "city")
    assert load_home(folder / "city.yaml").division == "620100"
    assert (folder / "gates.yaml").exists()


def test_the_projects_own_city_needs_no_folder(tmp_path: Path) -> None:
    assert settle_for({"disputes": [{"region": "340302"}]}, tmp_path / "city") == Path()
    assert settle_for({}, tmp_path / "city") == Path()


def test_an_invented_citys_divisions_are_known_in_its_hub(tmp_path: Path) -> None:
    city = load_city("yunze")
    table = RegionTable.load(settle_in(city, tmp_path / "city") / "regions.csv")
    read = table.convert_name(city.districts[0].name, within=city.prefecture).value
    assert read is not None
    assert read.code == city.districts[0].code
