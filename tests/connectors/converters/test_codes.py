"""Code lists (N19): unknown, retired and duplicated codes, labels without codes, paths."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.codes import CodeTable, parse_code_tables
from santiao.domain.records import CodeField
from santiao.domain.vocabulary import FieldStatus, MappingStatus

LIST = """\
list_id,edition,code,label_zh,parent_code,valid_from,valid_to,replaced_by,hub_code,mapping_status,note
police,2025,200000,治安类,,,,,D98,broader,
police,2025,200200,治安纠纷,200000,,,,D15,broader,
police,2025,200203,邻里,200200,,,,D03,exact,
police,2025,200900,其他治安(旧),200000,2015-01-01,2024-12-31,209900,,unmapped,原为200900
police,2025,209900,其他治安,200000,,,,D98,broader,
police,2025,909900,其他线索,,,,,,unmapped,
police,2025,909900,其他(重复码),,,,,D98,broader,
petition,2024,999901,其他_其他,,,,,D98,defaulted_by_source,
petition,2024,030402,城乡建设_物业管理_房屋漏水,,,,,D03,exact,
petition,2024,,城乡建设_物业管理,,,,,D11,exact,
"""


def tables(*levels: int) -> dict[tuple[str, str], CodeTable]:
    return parse_code_tables(LIST.splitlines(keepends=True), prefix_levels=levels)


POLICE = tables(2, 4)["police", "2025"]
PETITION = tables()["petition", "2024"]


def test_code_and_label_stay_beside_the_hubs_code() -> None:
    read = POLICE.lookup("200203", "邻里")
    assert read.value == CodeField("police", "2025", "200203", "邻里", "D03", MappingStatus.EXACT)
    assert (read.status, read.notes) == (FieldStatus.OK, ())
    assert POLICE.lookup(200203).value == read.value


def test_a_defaulted_code_is_said_to_be_one() -> None:
    read = PETITION.lookup("999901", "其他_其他")
    assert read.status is FieldStatus.DEFAULTED
    assert read.value is not None
    assert read.value.mapping_status is MappingStatus.DEFAULTED_BY_SOURCE


def test_an_unknown_code_is_kept_and_not_guessed() -> None:
    read = PETITION.lookup("50000", "没听说过")
    assert read.value == CodeField("petition", "2024", "50000", "没听说过", None, MappingStatus.UNMAPPED)
    assert (read.status, read.notes) == (FieldStatus.UNMAPPED, ("unknown_code", "unknown_label"))


def test_an_unknown_code_of_a_nested_list_is_read_as_its_parent() -> None:
    read = POLICE.lookup("200299")
    assert read.value == CodeField("police", "2025", "200299", None, "D15", MappingStatus.BROADER)
    assert read.notes == ("unknown_code", "broader_by_prefix")


def test_a_code_listed_twice_is_told_apart_by_its_label() -> None:
    assert POLICE.lookup("909900", "其他(重复码)").value == CodeField(
        "police", "2025", "909900", "其他(重复码)", "D98", MappingStatus.BROADER
    )
    assert POLICE.lookup("909900").notes == ("duplicate_code",)


def test_a_retired_code_is_read_through_its_successor_and_said_to_be_retired() -> None:
    read = POLICE.lookup("200900", on=date(2026, 3, 1))
    assert read.value is not None
    assert (read.value.code, read.value.hub_code, read.notes) == ("200900", "D98", ("retired_code",))
    dated = CodeTable("l", "1", parse_code_tables(LIST.splitlines())["police", "2025"].rows)
    assert "retired_code" in dated.lookup("200900", on=date(2020, 1, 1)).notes


def test_a_label_without_a_code_is_looked_up_by_its_path() -> None:
    whole = PETITION.lookup(None, "城乡建设/物业管理/房屋漏水")
    assert whole.value is not None
    assert (whole.value.hub_code, whole.value.code, whole.notes) == ("D03", None, ("label_without_code",))
    part = PETITION.lookup("", "城乡建设_物业管理_电梯")
    assert part.value is not None
    assert (part.value.hub_code, part.value.mapping_status) == ("D11", MappingStatus.BROADER)
    assert part.notes == ("broader_by_path", "label_without_code")


def test_a_label_that_disagrees_is_noted_and_the_code_counts() -> None:
    read = POLICE.lookup("200203", "噪音")
    assert read.value is not None
    assert (read.value.hub_code, read.value.label, read.notes) == ("D03", "噪音", ("label_disagrees",))


def test_zero_is_a_code_and_an_empty_cell_is_none() -> None:
    channels = parse_code_tables(
        ["list_id,edition,code,label,hub_code,mapping_status\n", "channel,1,0,网站,WEB,exact\n"]
    )["channel", "1"]
    read = channels.lookup("0").value
    assert read is not None
    assert read.hub_code == "WEB"
    assert channels.lookup("", None).status is FieldStatus.NULL_MARKER


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["list_id,code,label\n"], "edition"),
        (["list_id,edition,code,label,mapping_status\n", "l,1,a,b,nearly\n"], "line 2"),
        (["list_id,edition,code,label,valid_to\n", "l,1,a,b,2024-13-01\n"], "line 2"),
    ],
)
def test_a_list_that_cannot_be_read_says_where(lines: list[str], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_code_tables(lines)


@given(st.text(max_size=30), st.text(max_size=60))
def test_no_cell_makes_it_fail_and_what_came_is_kept(code: str, label: str) -> None:
    read = POLICE.lookup(code, label)
    if read.value is not None and read.value.code is not None:
        assert read.value.code == code.strip()
