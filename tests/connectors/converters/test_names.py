"""Names (N8, N12, N13, N14): how much of a name a cell tells, and who stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.names import convert_name, convert_names
from santiao.domain.vocabulary import FieldStatus, NameClass


@pytest.mark.parametrize(
    ("cell", "text", "surname"),
    [
        ("张三", "张三", "张"),
        ("李 四", "李四", "李"),
        ("王　㛃", "王㛃", "王"),
        ("欧阳娜娜", "欧阳娜娜", "欧阳"),
        ("张𬭎", "张𬭎", "张"),
        ("½âÎÄÄÈ", "解文娜", "解"),
        ("王五（代理人）", "王五", "王"),
        ("阿卜杜・热合曼", "阿卜杜·热合曼", ""),
        ("John  Smith", "JOHN SMITH", ""),
        ("王会", "王会", "王"),
        ("业主张三", "张三", "张"),
    ],
)
def test_a_full_name_is_told(cell: str, text: str, surname: str) -> None:
    read = convert_name(cell)
    assert read.value is not None
    assert (read.value.text, read.value.surname, read.value.name_class) == (text, surname, NameClass.FULL)


@pytest.mark.parametrize(
    ("cell", "surname", "sex"),
    [
        ("张先生", "张", "1"),
        ("诸葛某某", "诸葛", ""),
        ("老上官", "上官", ""),
        ("李女士", "李", "2"),
        ("王老板", "王", ""),
        ("张某", "张", ""),
        ("张某某", "张", ""),
        ("张某甲", "张", ""),
        ("欧阳先生", "欧阳", "1"),
        ("张*", "张", ""),
        ("张**", "张", ""),
        ("小张", "张", ""),
        ("李姓女子", "李", "2"),
        ("赵", "赵", ""),
        ("热心市民张先生", "张", "1"),
    ],
)
def test_a_surname_only_stays_one(cell: str, surname: str, sex: str) -> None:
    read = convert_name(cell)
    assert read.value is not None
    assert (read.value.name_class, read.value.surname, read.value.sex) == (NameClass.SURNAME_ONLY, surname, sex)


@pytest.mark.parametrize(
    "cell", ["王?", "王？", "王□", "王*(左金右宏)", "王yan", "王·", "*三", "张某军", "蚌某", "小红", "王\ue123"]
)
def test_a_name_with_a_character_that_could_not_be_written_is_uncertain(cell: str) -> None:
    read = convert_name(cell)
    assert read.value is not None
    assert read.value.name_class is NameClass.UNCERTAIN
    assert read.notes


@pytest.mark.parametrize("cell", ["不详", "匿名", "群众", "姓名不详", "不愿透露姓名", "某某", "楼上邻居", "未知"])
def test_a_placeholder_is_no_name(cell: str) -> None:
    read = convert_name(cell)
    assert read.status is FieldStatus.NULL_MARKER
    assert read.value is None or read.value.name_class is NameClass.PLACEHOLDER


@pytest.mark.parametrize("cell", ["", None, "无", "null", "/", "同上"])
def test_a_marker_is_nothing(cell: str | None) -> None:
    assert convert_name(cell).value is None
    assert convert_name(cell).status is FieldStatus.NULL_MARKER


@pytest.mark.parametrize(
    "cell",
    [
        "某某建筑劳务有限公司",
        "淮上区惠民粮油批发部",
        "朝阳超市",
        "柳岗村村民委员会",
        "某某(安徽)置业有限公司",
        "某区清澜医院",
    ],
)
def test_an_organisation_is_told_from_a_person(cell: str) -> None:
    read = convert_name(cell)
    assert read.value is not None
    assert read.value.name_class is NameClass.ORG


def test_a_number_in_a_name_column_is_invalid() -> None:
    assert convert_name("13800000011").status is FieldStatus.INVALID
    assert convert_name("甲" * 500).status is FieldStatus.INVALID


@pytest.mark.parametrize(
    ("cell", "names", "stated"),
    [
        ("刘七 等12人", ["刘七"], 12),
        ("仇广才等2人", ["仇广才"], 2),
        ("梁杰、宋广才", ["梁杰", "宋广才"], None),
        ("张三 李四", ["张三", "李四"], None),
        ("李 四", ["李四"], None),
        ("欧阳 建国", ["欧阳建国"], None),
        ("张三、李四等十二名农民工", ["张三", "李四"], 12),
        ("王五等人", ["王五"], None),
        ("张三/无", ["张三", None], None),
        ("共12人", [], 12),
        ("吴敏、甲某乙物业服务有限公司", ["吴敏", "甲某乙物业服务有限公司"], None),
    ],
)
def test_a_cell_may_name_several(cell: str, names: list[str | None], stated: int | None) -> None:
    read = convert_names(cell)
    assert read.value is not None
    assert [name.value and name.value.text for name in read.value.names] == names
    assert read.value.stated == stated


@given(st.text(max_size=80))
def test_no_cell_makes_it_fail_and_no_full_name_has_a_hole(cell: str) -> None:
    read = convert_name(cell)
    convert_names(cell)
    if read.value is not None and read.value.name_class is NameClass.FULL:
        assert not {"?", "*", "\ufffd"} & set(read.value.text)


@given(
    st.sampled_from("王李张刘陈"),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=2),
)
def test_blanks_inside_a_chinese_name_change_nothing(surname: str, given_name: str) -> None:
    plain = convert_name(surname + given_name)
    spaced = convert_name(f" {surname}　{given_name} ")
    assert (spaced.value, spaced.status) == (plain.value, plain.status)
