"""Labour ledgers: several applicants in a cell, numbers that a spreadsheet spoilt, and absence."""

import pytest

from santiao.connectors.registry import Connectors
from santiao.domain.vocabulary import FieldStatus, PartyKind, PartyRole
from tests.connectors.agencies.items import code, dispute_of, labour, numbers, people, person_id, record_of


def test_several_applicants_each_with_their_number(connectors: Connectors) -> None:
    fact = dispute_of(
        labour(
            connectors,
            申请人姓名="张三、李四",
            证件号码=f"{person_id(1)}、{person_id(2)}",
            联系电话="13800000001、13800000002",
            **{"被申请人(单位)": "蚌埠市顺通物流有限公司"},
        )
    )
    assert people(fact)[:2] == [(PartyRole.APPLICANT, "张三"), (PartyRole.APPLICANT, "李四")]
    assert numbers(fact.parties[0]) == [person_id(1), "13800000001"]
    assert numbers(fact.parties[1]) == [person_id(2), "13800000002"]
    assert fact.parties[2].kind is PartyKind.ORG


def test_and_others_says_how_many(connectors: Connectors) -> None:
    fact = dispute_of(labour(connectors, 申请人姓名="张三等5人"))
    assert [name for _, name in people(fact)] == ["张三"]
    assert fact.people == 5


@pytest.mark.parametrize("damaged", ["3.40398E+17", "340398198503070000", "34039819850307****"])
def test_a_number_the_spreadsheet_spoilt_is_kept_and_not_relied_on(connectors: Connectors, damaged: str) -> None:
    (party,) = dispute_of(labour(connectors, 申请人姓名="张三", 证件号码=damaged)).parties
    assert [number.value for number in party.ids] == [None]
    assert party.ids[0].status is not FieldStatus.OK
    assert party.ids[0].raw == damaged


@pytest.mark.parametrize(
    ("cells", "stage", "outcome"),
    [
        ({"状态": "已结案", "处理结果": "调解成功"}, "settled", "O10"),
        ({"状态": "已结案", "处理结果": "撤回申请"}, "cancelled", "O21"),
        ({"状态": "已结案", "处理结果": "转仲裁"}, "transferred", "O41"),
        ({"状态": "已结案", "处理结果": "不予受理"}, "closed", "O40"),
        ({"状态": "已结案", "处理结果": "调解不成"}, "failed", "O33"),
        ({"状态": "调解中"}, "mediating", None),
        ({"状态": "已结案"}, "closed", None),
    ],
)
def test_how_a_case_stands(connectors: Connectors, cells: dict[str, str], stage: str, outcome: str | None) -> None:
    fact = dispute_of(labour(connectors, **cells))
    assert (code(fact.stage), code(fact.outcome)) == (stage, outcome)


def test_the_same_row_in_other_words_for_its_columns_is_the_same(connectors: Connectors) -> None:
    first = record_of(labour(connectors, 联系电话="13800000001", 申请人姓名="张三"))
    second = record_of(labour(connectors, 手机号码="13800000001", 申请人="张三"))
    assert first.content_hash == second.content_hash


def test_its_number_is_one_and_the_same_in_any_brackets(connectors: Connectors) -> None:
    quoted = "已有龙劳人仲案[2026]12号、龙劳人仲案（2026）12号，另见龙劳人仲案〔2026〕13号"
    assert len(record_of(labour(connectors, 备注=quoted)).references) == 1


def test_the_region_by_the_body_that_heard_it(connectors: Connectors) -> None:
    assert code(dispute_of(labour(connectors)).region) == "340302"


@pytest.mark.parametrize(
    ("told", "day"), [("2026/3/5", "2026-03-05"), ("2026年3月", "2026-03-01"), ("46086", "2026-03-05")]
)
def test_days_as_spreadsheets_write_them(connectors: Connectors, told: str, day: str) -> None:
    reported = record_of(labour(connectors, 申请日期=told)).reported_on
    assert reported is not None
    assert reported.isoformat() == day
