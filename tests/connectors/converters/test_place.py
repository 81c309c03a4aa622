"""Places: addresses into tokens that compare, and places told in a story."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.place import find_places, parse_place, place_tokens
from santiao.connectors.converters.region import RegionTable
from santiao.domain.records import Place
from santiao.store.resources import resource_dir


@cache
def table() -> RegionTable:
    return RegionTable.load(resource_dir("city") / "regions.csv")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("百合公寓14栋501", Place(None, None, None, "百合公寓", "14", None, "501")),
        ("治淮路某小区3栋2单元401", Place(None, None, "治淮路", None, "3", "2", "401")),
        ("治淮小区小区13-3-202", Place(None, None, None, "治淮", "13", "3", "202")),
        ("治淮小区13-202", Place(None, None, None, "治淮", "13", None, "202")),
        ("百合公寓三栋二单元401室", Place(None, None, None, "百合公寓", "3", "2", "401")),
        ("百合公寓３栋２单元４０１", Place(None, None, None, "百合公寓", "3", "2", "401")),
        ("金域学府13号楼", Place(None, None, None, "金域学府", "13")),
        ("万达广场A座1203", Place(None, None, None, "万达广场", "A", None, "1203")),
        ("天街公寓3栋", Place(None, None, None, "天街公寓", "3")),
        ("解放路治淮小区门口", Place(None, None, "解放路", "治淮")),
        ("胜利街道后楼村2组", Place(None, "胜利街道", None, "后楼村", "2组")),
        ("朝阳八村1栋1单元", Place(None, None, None, "朝阳八村", "1", "1")),
        ("治淮路123号", Place(None, None, "治淮路", None, "123号")),
        ("凤阳东路", Place(None, None, "凤阳东路")),
        ("迎河桥加固工程附近", Place(None, None, None, "迎河桥加固工程")),
    ],
)
def test_an_address_is_taken_apart(address: str, place: Place) -> None:
    assert parse_place(address) == place
    assert parse_place(address, regions=table(), within="3403") in {place, None} or "胜利街道" in address


def test_divisions_in_front_are_no_part_of_the_place() -> None:
    bare = parse_place("工农路金域学府14栋1单元201")
    for address in (
        "安徽省蚌埠市龙子湖区工农路金域学府14栋1单元201室",
        "龙子湖区工农路金域学府14栋1单元201室",
        "蚌埠市龙子湖区 工农路金域学府14-1-201",
    ):
        assert parse_place(address) == bare
    located = parse_place("安徽省蚌埠市龙子湖区工农路金域学府14栋1单元201室", regions=table(), within="3403")
    assert located == Place("340302", None, "工农路", "金域学府", "14", "1", "201")


def test_an_estate_whose_name_holds_a_word_for_city_stays_whole() -> None:
    for regions in (None, table()):
        place = parse_place("阳光城市花园5号楼302", regions=regions)
        assert place is not None
        assert place.estate == "阳光城市花园"


@pytest.mark.parametrize("address", ["", None, "无", "住址不详", "-"])
def test_an_address_that_tells_nothing_is_none(address: str | None) -> None:
    assert parse_place(address) is None


def test_a_division_alone_tells_its_code_only() -> None:
    assert parse_place("安徽省蚌埠市龙子湖区", regions=table(), within="3403") == Place("340302")


def test_tokens_go_from_coarse_to_fine() -> None:
    assert place_tokens(Place(None, None, "工农路", "金域学府", "14", "1", "201")) == (
        "road:工农路",
        "estate:金域学府",
        "building:金域学府#14",
        "room:金域学府#14#201",
        "door:金域学府#14#1#201",
    )
    assert place_tokens(Place(None, None, "治淮路", None, "3")) == ("road:治淮路", "building:治淮路#3")
    assert place_tokens(Place()) == ()


def test_the_same_room_told_with_and_without_its_unit_shares_a_token() -> None:
    told, short = parse_place("百合公寓14栋2单元501室"), parse_place("升平街百合公寓14栋501")
    assert told is not None
    assert short is not None
    assert "room:百合公寓#14#501" in set(place_tokens(told)) & set(place_tokens(short))


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("来电人称，租住曹山新村10栋502室，到期退租", "room:曹山新村#10#502"),
        ("原告系升平街百合公寓8栋2单元501室业主", "door:百合公寓#8#2#501"),
        ("我家住蓝天雅苑4栋3单元302，楼上402的住户", "room:蓝天雅苑#4#302"),
        ("治淮小区15栋502室住户每晚23点", "room:治淮#15#502"),
    ],
)
def test_a_place_told_in_a_story_is_found(text: str, token: str) -> None:
    assert token in {each for place in find_places(text) for each in place_tokens(place)}


def test_a_story_without_a_place_has_none() -> None:
    assert find_places("双方因欠款发生争议，2026-03-12报警。") == ()


estates = st.text(st.sampled_from("金域学府锦绣龙湖春天曹山"), min_size=2, max_size=5).map(lambda name: f"{name}花园")


@given(estates, st.integers(1, 199), st.integers(1, 9), st.integers(101, 3299))
def test_every_writing_of_one_door_is_one_place(estate: str, building: int, unit: int, room: int) -> None:
    expected = Place(None, None, None, estate, str(building), str(unit), str(room))
    for writing in (
        f"{estate}{building}栋{unit}单元{room}室",
        f"{estate}{building}号楼{unit}单元{room}",
        f"{estate}{building}-{unit}-{room}",
        f"{estate}小区 {building}幢{unit}单元{room}户",
    ):
        assert parse_place(writing) == expected


@given(st.text(alphabet="安徽省市区县路街道村组栋单元室号楼小某0123456789-#A ", max_size=60))
def test_no_address_makes_it_fail(address: str) -> None:
    for regions in (None, table()):
        place = parse_place(address, regions=regions, within="3403")
        assert place is None or place_tokens(place) is not None
    find_places(address)
