"""Police incidents: two tables of one incident, rows marked invalid, test rows, and the people a report tells of."""

import pytest

from santiao.connectors.registry import Connectors
from santiao.domain.messages import FaultKind
from santiao.domain.records import QualityNote, SiteFeedback
from santiao.domain.vocabulary import Op, PartyRole, RelationKind
from tests.connectors.agencies.items import code, dispute_of, numbers, people, person_id, police, record_of


def test_an_incident_in_full(connectors: Connectors) -> None:
    told = police(
        connectors,
        BJSJ="20260312095800",
        JJSJ="20260312100000",
        XZQH="340302",
        BJRXM="张建国",
        LXDH="13855200001",
        BJRSFZH=person_id(12),
        BJRXB="1",
        SFDZ="龙子湖区治淮路8号",
        BJNR="报警人称被邻居打伤",
        ISTRANSLATED="0",
    )
    record, fact = record_of(told), dispute_of(told)
    assert (record.key, record.op, record.part) == ("20260312340302000187", Op.UPSERT, "")
    assert (code(fact.region), code(fact.stage)) == ("340302", "reported")
    assert fact.parties[0].role is PartyRole.REPORTER
    assert numbers(fact.parties[0]) == [person_id(12), "13855200001"]
    assert record.reported_on is not None
    assert record.reported_on.isoformat() == "2026-03-12"


def test_feedback_is_a_part_of_its_incident(connectors: Connectors) -> None:
    told = police(connectors, CJDBH="F0001", CLJGDM="01", CJQK="双方当场和解", CLWBSJ="20260312113000")
    record = record_of(told)
    assert isinstance(record.body, SiteFeedback)
    assert (record.key, record.part) == ("20260312340302000187", "feedback/F0001")
    assert (code(record.body.stage), code(record.body.outcome)) == ("settled", "O12")


def test_a_row_marked_invalid_withdraws_and_still_says_what_it_was(connectors: Connectors) -> None:
    told = police(connectors, SFYX="0", BJNR="误报", XZQH="340302")
    assert record_of(told).op is Op.WITHDRAW
    assert code(dispute_of(told).outcome) == "O90"


@pytest.mark.parametrize(
    "cells",
    [
        {"JJDBH": "TEST20260312000001"},
        {"JJDBH": "test-1"},
        {"BJNR": "测试数据，请勿处理"},
        {"BJNR": "【测试，不要处理】"},
    ],
)
def test_test_rows_are_refused_and_leave_nothing(connectors: Connectors, cells: dict[str, str]) -> None:
    told = police(connectors, **cells)
    assert told.fault is not None
    assert (told.fault.kind, told.fault.code, told.raw) == (FaultKind.REFUSED, "item.test_row", b"")


@pytest.mark.parametrize("text", ["他拿测试数据骗我付款", "驾校测试数据被改引发纠纷"])
def test_a_text_that_speaks_of_tests_is_no_test_row(connectors: Connectors, text: str) -> None:
    assert police(connectors, BJNR=text).fault is None


@pytest.mark.parametrize("key", ["", "   ", "无", "0", "NULL", "////"])
def test_a_row_without_a_usable_key_is_quarantined_and_kept(connectors: Connectors, key: str) -> None:
    told = police(connectors, JJDBH=key, BJNR="报警")
    assert told.fault is not None
    assert (told.fault.kind, told.fault.code, told.fault.path) == (FaultKind.QUARANTINED, "item.no_key", "JJDBH")
    assert told.raw.startswith(b"JJDBH,GXSJ,BJNR")


def test_a_repeated_call_refers_to_the_first(connectors: Connectors) -> None:
    record = record_of(police(connectors, GLJJDBH="20260310340302000001"))
    assert [(each.kind, each.number, each.relation) for each in record.references] == [
        ("police-110", "20260310340302000001", RelationKind.REPEAT_OF)
    ]


def test_a_report_tells_of_the_other_side(connectors: Connectors) -> None:
    text = f"报警人称与楼上住户李小明因漏水发生口角，对方身份证{person_id(33)}，手机13900000022。"
    fact = dispute_of(police(connectors, BJRXM="张建国", BJNR=text))
    assert people(fact) == [(PartyRole.REPORTER, "张建国"), (PartyRole.RESPONDENT, "李小明")]
    assert numbers(fact.parties[1]) == [person_id(33), "13900000022"]


@pytest.mark.parametrize(
    ("cells", "region"),
    [
        ({"XZQH": "340321", "SFDZ": "龙子湖区治淮路"}, "340321"),
        ({"XZQH": "340300"}, "340302"),
        ({"JJDBH": "20260312340300000187", "JJDWBH": "340304510000"}, "340304"),
        ({"JJDBH": "20260312340300000187", "SFDZ": "蚌埠市禹会区长青路"}, "340304"),
    ],
)
def test_the_region_by_the_first_way_that_reaches_a_county(
    connectors: Connectors, cells: dict[str, str], region: str
) -> None:
    assert code(dispute_of(police(connectors, **cells)).region) == region


def test_copy_columns_are_no_news_but_the_time_of_change_is(connectors: Connectors) -> None:
    first = record_of(police(connectors, BJNR="吵架", ISTRANSLATED="0", RKSJ="20260312101501"))
    copied = record_of(police(connectors, BJNR="吵架", ISTRANSLATED="1", RKSJ="20260313000000"))
    changed = record_of(police(connectors, BJNR="吵架了", ISTRANSLATED="0", RKSJ="20260312101501"))
    assert first.content_hash == copied.content_hash
    assert first.content_hash != changed.content_hash


def test_columns_nobody_declared_are_kept(connectors: Connectors) -> None:
    assert record_of(police(connectors, XZLM="新列的值")).extra == {"XZLM": "新列的值"}


@pytest.mark.parametrize(
    ("text", "is_follow_up"),
    [
        ("再次来电催促出警，系同一警情", True),
        ("重复报警，同一事", True),
        ("同一事故中车辆刮擦", False),
        ("楼上漏水，与楼上业主争吵", False),
    ],
)
def test_a_call_that_follows_another_says_so(connectors: Connectors, text: str, *, is_follow_up: bool) -> None:
    record = record_of(police(connectors, BJNR=text, GLJJDBH="20260312340302000100"))
    assert (QualityNote("type", "follow_up") in record.quality) is is_follow_up
    assert [(each.number, each.relation) for each in record.references] == [
        ("20260312340302000100", RelationKind.REPEAT_OF)
    ]
