"""Petitions: what was done to them (withdrawn, joined, split), informers' material, and people told in prose."""

import pytest

from santiao.connectors.registry import Connectors
from santiao.domain.messages import FaultKind
from santiao.domain.records import Relation
from santiao.domain.vocabulary import MappingStatus, Op, PartyRole, RelationKind
from tests.connectors.agencies.items import code, dispute_of, numbers, people, person_id, petition, record_of


def test_a_petition_in_full(connectors: Connectors) -> None:
    told = petition(
        connectors,
        f'<xfjid>9</xfjid><xfrq>2026-03-12</xfrq><wtsd dm="340303">蚌山区</wtsd><xfmd dm="02">申诉求决</xfmd>'
        f"<Xfr><xm>张三</xm><zjhm>{person_id(5)}</zjhm><sjh>13800000005</sjh><zz>蚌山区东海大道1号</zz></Xfr>"
        f"<tsnr>被反映人：李四，身份证{person_id(6)}，手机13800000006。李四拖欠货款2万元。</tsnr>",
    )
    fact = dispute_of(told)
    assert people(fact) == [(PartyRole.PETITIONER, "张三"), (PartyRole.RESPONDENT, "李四")]
    assert numbers(fact.parties[1]) == [person_id(6), "13800000006"]
    assert code(fact.region) == "340303"


@pytest.mark.parametrize("purpose", ['<xfmd dm="04">检举控告</xfmd>', "<xfmd>检举控告类</xfmd>", '<xfmd dm="04"/>'])
def test_informers_material_is_refused_and_leaves_nothing(connectors: Connectors, purpose: str) -> None:
    told = petition(connectors, f"{purpose}<tsnr>我举报某某受贿</tsnr>")
    assert told.fault is not None
    assert (told.fault.kind, told.fault.code, told.raw) == (FaultKind.REFUSED, "item.informer", b"")
    assert told.record is None


@pytest.mark.parametrize(
    "told",
    [
        "<splitInto>340303202603120043,340303202603120045</splitInto>",
        "<splitInto>340303202603120043</splitInto><splitInto>340303202603120045</splitInto>",
    ],
)
def test_split(connectors: Connectors, told: str) -> None:
    record = record_of(petition(connectors, f"<op>SPLIT</op>{told}"))
    assert isinstance(record.body, Relation)
    assert (record.op, record.body.others) == (Op.SPLIT, ("340303202603120043", "340303202603120045"))


def test_joined(connectors: Connectors) -> None:
    record = record_of(petition(connectors, "<op>MERGE</op><mergedInto>340303202603120042</mergedInto>"))
    assert isinstance(record.body, Relation)
    assert (record.op, record.body.others) == (Op.MERGE, ("340303202603120042",))


def test_withdrawn(connectors: Connectors) -> None:
    record = record_of(petition(connectors, "<op>WITHDRAW</op><reasonCode>1</reasonCode><reason>信访人撤回</reason>"))
    assert record.op is Op.WITHDRAW
    assert isinstance(record.body, Relation)


def test_the_repeated_petition_refers_to_the_first(connectors: Connectors) -> None:
    record = record_of(petition(connectors, "<lhxfjid>340303202601050004</lhxfjid><tsnr>再次反映</tsnr>"))
    assert [(each.number, each.relation) for each in record.references] == [
        ("340303202601050004", RelationKind.REPEAT_OF)
    ]


def test_a_class_the_agency_fills_in_by_default_says_so(connectors: Connectors) -> None:
    fact = dispute_of(petition(connectors, '<nrfl dm="999901">其他</nrfl><tsnr>情况复杂</tsnr>'))
    assert fact.type.mapping_status is MappingStatus.DEFAULTED_BY_SOURCE


@pytest.mark.parametrize(
    ("inner", "stage"),
    [
        ('<zt dm="06">办结</zt><Blfs><hfnr>双方已达成协议，纠纷化解</hfnr></Blfs>', "settled"),
        ('<zt dm="06">办结</zt><Blfs><hfnr>已告知诉讼途径</hfnr></Blfs>', "closed"),
        ('<zt dm="06">办结</zt><Blfs><hfnr>未能达成协议</hfnr></Blfs>', "closed"),
        ('<zt dm="02">受理</zt>', "open"),
    ],
)
def test_closed_is_not_settled(connectors: Connectors, inner: str, stage: str) -> None:
    assert code(dispute_of(petition(connectors, f"{inner}<tsnr>邻里纠纷</tsnr>")).stage) == stage


def test_a_key_without_end_or_missing_is_quarantined(connectors: Connectors) -> None:
    told = petition(connectors, "<tsnr>x</tsnr>", key="-")
    assert told.fault is not None
    assert told.fault.code == "item.no_key"
