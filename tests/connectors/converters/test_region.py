"""Administrative divisions: codes of every length, names, addresses, statistical zones, the city's own table."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.region import Region, RegionTable
from santiao.domain.vocabulary import FieldStatus
from santiao.store.resources import resource_dir

WITHIN = "3403"


@cache
def table() -> RegionTable:
    return RegionTable.load(resource_dir("city") / "regions.csv")


@pytest.mark.parametrize(
    ("cell", "code", "level", "raw_level"),
    [
        ("340302", "340302", 6, 6),
        ("340302000000", "340302", 6, 12),
        ("340300000000", "340300", 4, 12),
        ("330100000000", "330100", 4, 12),
        ("3403", "340300", 4, 4),
        ("34", "340000", 2, 2),
        ("340302001", "340302", 9, 9),
        ("340302001001", "340302", 12, 12),
        ("340302001001123", "340302", 12, 15),
        ("３４０３０２", "340302", 6, 6),
        (" 340321 ", "340321", 6, 6),
    ],
)
def test_a_code_of_any_length_is_read_and_keeps_its_level(cell: str, code: str, level: int, raw_level: int) -> None:
    read = table().convert(cell)
    assert read.value is not None
    assert (read.value.code, read.value.level, read.value.raw_level, read.status) == (
        code,
        level,
        raw_level,
        FieldStatus.OK,
    )
    assert read.value.code12 == cell.strip().translate(str.maketrans("３４０２", "3402"))[:12].ljust(12, "0")


def test_a_statistical_zone_is_no_division_but_is_kept() -> None:
    read = table().convert("340371")
    assert read.value == Region("340300", 4, "340371000000", "蚌埠市", "340371", 6)
    assert read.notes == ("statistical_zone",)
    named = table().convert("蚌埠市高新区某路1号", within=WITHIN)
    assert named.value is not None
    assert (named.value.code, named.value.zone) == ("340300", "340371")


def test_a_county_and_a_zone_in_one_address_are_both_kept() -> None:
    read = table().convert("安徽省蚌埠市禹会区经开区某路", within=WITHIN).value
    assert read is not None
    assert (read.code, read.zone, read.shard) == ("340304", "340372", 3403)


def test_an_abolished_division_is_read_and_said_to_be_one() -> None:
    read = table().convert("342601")
    assert read.value is not None
    assert (read.value.name, read.notes) == ("巢湖市", ("retired_division",))
    then = table().division("340303", on=date(1985, 6, 1))
    now = table().division("340303")
    assert then is not None
    assert now is not None
    assert (then.name, now.name) == ("中市区", "蚌山区")


def test_the_division_of_invented_persons_is_known_as_one() -> None:
    assert table().convert("340398").notes == ("test_division",)


@pytest.mark.parametrize(
    ("cell", "code", "notes"),
    [("340399", "340300", ("unknown_division",)), ("349999", "340000", ("unknown_division",))],
)
def test_an_unknown_division_falls_back_to_what_is_known(cell: str, code: str, notes: tuple[str, ...]) -> None:
    read = table().convert(cell)
    assert read.value is not None
    assert (read.value.code, read.status, read.notes) == (code, FieldStatus.UNMAPPED, notes)


@pytest.mark.parametrize("cell", ["999999", "12345", "1234567890123456789012345678", "34030200000"])
def test_what_is_no_division_code_is_invalid(cell: str) -> None:
    assert table().convert(cell).status is FieldStatus.INVALID


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("龙子湖区", "340302"),
        ("龙子湖", "340302"),
        ("怀远", "340321"),
        ("蚌埠市", "340300"),
        ("全市", "340300"),
        ("安徽省蚌埠市龙子湖区某路3栋", "340302"),
        ("蚌埠龙子湖区某路", "340302"),
        ("安徽蚌埠", "340300"),
        ("家住龙子湖区某路", "340302"),
        ("江苏省南京市鼓楼区中山路1号", "320106"),
        ("北京市朝阳区建国路", "110105"),
        ("上海浦东新区", "310115"),
        ("吉林省吉林市船营区", "220204"),
        ("吉林市船营区", "220204"),
        ("河南省济源市", "419001"),
        ("广东省东莞市", "441900"),
        ("内蒙古呼和浩特市新城区", "150102"),
        ("新疆维吾尔自治区乌鲁木齐市天山区", "650102"),
        ("胜利街道某村2组", "340303"),
        ("蚌埠市小蚌埠镇某村", "340311"),
    ],
)
def test_a_name_or_an_address_names_its_division(address: str, code: str) -> None:
    read = table().convert(address, within=WITHIN)
    assert read.value is not None, read
    assert (read.value.code, read.value.raw_level) == (code, 0)


@pytest.mark.parametrize(
    ("address", "note"),
    [("朝阳区", "ambiguous_name"), ("某某公寓14栋501", "no_division_named"), ("河南村3组", "no_division_named")],
)
def test_what_names_no_one_division_is_not_guessed(address: str, note: str) -> None:
    read = table().convert(address, within=WITHIN)
    assert (read.value, read.status, read.notes) == (None, FieldStatus.UNMAPPED, (note,))


def test_the_city_decides_between_divisions_of_one_name() -> None:
    for within, code in (("3201", "320106"), ("3501", "350102"), ("4102", "410204")):
        read = table().convert("鼓楼区", within=within).value
        assert read is not None
        assert read.code == code


@pytest.mark.parametrize("cell", ["", None, "无", "住址不详"])
def test_markers_are_null(cell: str | None) -> None:
    assert table().convert(cell, within=WITHIN).status is FieldStatus.NULL_MARKER


def test_the_citys_table_holds_all_its_divisions() -> None:
    counties = {"340302", "340303", "340304", "340311", "340321", "340322", "340323"}
    for code in counties:
        division = table().division(code)
        assert division is not None
        assert (division.level, division.parent, division.note) == (6, "340300", "")
        full = f"安徽省蚌埠市{division.name}"
        assert table().locate(full)[1] == len(full)


def test_a_table_that_cannot_be_read_names_the_line() -> None:
    with pytest.raises(ValueError, match="line 3"):
        RegionTable.parse(
            ["code,name,level,parent,valid_from,valid_to,note\n", "34,甲省,2,,,,\n", "3401,乙市,four,34,,,\n"]
        )


def test_a_table_is_loaded_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    path.write_text(
        "code,name,level,parent,valid_from,valid_to,note\n990000,甲省,2,,,,\n990100,乙市,4,990000,,,\n990102,丙区,6,990100,,,\n",
        encoding="utf-8",
    )
    read = RegionTable.load(path).convert("甲省乙市丙区", within="9901").value
    assert read is not None
    assert read.code == "990102"


@given(
    st.sampled_from(["340302", "340303", "340311", "320106", "110105"]),
    st.sampled_from(["", "001", "001001", "000000", "001001123"]),
)
def test_every_length_of_one_code_is_the_same_division(code: str, rest: str) -> None:
    read = table().convert(code + rest).value
    assert read is not None
    assert read.code == code
    assert len(read.code12) == 12


@given(
    st.text(alphabet="安徽省蚌埠市龙子湖区高新朝阳河南北京街道镇县0123456789 某", max_size=40),
    st.sampled_from(["", "3403", "34"]),
)
def test_no_cell_makes_it_fail(cell: str, within: str) -> None:
    read = table().convert(cell, within=within)
    assert (read.value is None) or (len(read.value.code) == 6 and read.value.code.isdigit())
    assert 0 <= table().locate(cell, within=within)[1] <= len(cell)
