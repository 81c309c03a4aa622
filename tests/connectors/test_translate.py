"""Translation never raises: what is not understood is kept, what may not be taken leaves nothing."""

import json
from datetime import timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from santiao.connectors.contract import Cell, RawItem
from santiao.connectors.faults import fault
from santiao.connectors.registry import Connectors
from santiao.domain.messages import FaultKind
from santiao.domain.records import AgencyRecord
from tests.connectors.agencies.items import court, police, record_of
from tests.connectors.conftest import NOW

SCALARS: st.SearchStrategy[Cell] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=30), st.binary(max_size=12)
)
CELLS: st.SearchStrategy[Cell] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=8,
)
COLUMNS = [
    *("JJDBH", "CJDBH", "GXSJ", "BJSJ", "XZQH", "BJRXM", "BJRSFZH", "LXDH", "SFDZ", "BJNR", "DSRXM", "CLJGDM", "SFYX"),
    *("caseId", "caseStatus", "caseNo", "parties", "agents", "mediation", "facts", "updateTime", "caseAmount"),
    *("xfjbh", "op", "Xfr", "Blfs", "tsnr", "wtsd", "xfmd@dm", "zt@dm", "splitInto", "lastmodifytime"),
    *("案件编号", "申请人姓名", "证件号码", "联系电话", "被申请人(单位)", "状态", "申请日期", "备注", "争议金额(元)"),
    *("orderNo", "createTime", "eventType", "cusName", "cusPhone", "contentText", "businessType", "dispatchTo"),
    *("type", "time", "data"),
]


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(COLUMNS), CELLS, max_size=12), st.sampled_from(["", "T_JJDB", "T_CJFK"]))
def test_any_cells_give_a_record_or_a_fault(connectors: Connectors, cells: dict[str, Cell], table: str) -> None:
    for connector in connectors.values():
        told = connector.translate(RawItem(where="x:1", raw=b"{}", cells=cells, table=table))
        assert (told.record is None) != (told.fault is None)
        if told.fault is not None:
            assert told.fault.code != "internal", told.fault.detail
        else:
            assert msgspec.json.decode(msgspec.json.encode(told.record), type=AgencyRecord) == told.record


def test_a_transports_own_fault_is_passed_on_with_its_bytes(connectors: Connectors) -> None:
    item = RawItem(where="page-1.json", raw=b"<html>", fault=fault("file.not_json", "page-1.json", "byte 0"))
    told = connectors["court"].translate(item)
    assert told.fault == item.fault
    assert told.raw == b"<html>"


def test_what_is_refused_leaves_no_bytes_even_if_its_transport_kept_them(connectors: Connectors) -> None:
    item = RawItem(where="x.xml", raw=b"secret", fault=fault("file.dtd", "x.xml"))
    assert connectors["petitions"].translate(item).raw == b""


def test_an_item_beyond_its_bounds_is_refused(connectors: Connectors) -> None:
    told = court(connectors, facts="长" * 400_000)
    assert told.fault is not None
    assert (told.fault.kind, told.fault.code, told.raw) == (FaultKind.REFUSED, "item.oversize", b"")


def test_a_text_beyond_its_bounds_is_cut_and_says_so(connectors: Connectors) -> None:
    record = record_of(court(connectors, facts="长" * 30_000))
    assert record.body.narrative is not None  # type: ignore[union-attr]
    assert len(record.body.narrative.value or "") == 20_000  # type: ignore[union-attr]
    assert [note.code for note in record.quality if note.field == "narrative"]


def test_a_source_whose_clock_runs_fast_is_noted(connectors: Connectors) -> None:
    record = record_of(police(connectors, GXSJ=(NOW + timedelta(days=1)).strftime("%Y%m%d%H%M%S")))
    assert ("source_updated_at", "in_future") in [(note.field, note.code) for note in record.quality]


def test_when_it_was_received(connectors: Connectors) -> None:
    connector, cells = connectors["court"], {"caseId": "8a8182f59b1c0001", "caseStatus": "110"}
    told = NOW - timedelta(days=1)
    carried = RawItem(where="x", raw=b"{}", cells=cells, delivered_at=told)
    assert connector.translate(carried).received_at == told
    assert connector.translate(carried, NOW - timedelta(days=2)).received_at == NOW - timedelta(days=2)
    assert connector.translate(RawItem(where="x", raw=b"{}", cells=cells)).received_at == NOW


def test_the_order_of_members_is_no_news(connectors: Connectors) -> None:
    cells = {"caseId": "8a8182f59b1c0001", "caseStatus": "110", "updateTime": "2026-03-12 10:15:00", "claim": "还款"}
    connector = connectors["court"]
    bodies = [json.dumps(cells), json.dumps(dict(reversed(cells.items())), indent=2)]
    hashes = {
        record_of(told).content_hash
        for body in bodies
        for told in connector.parse_body(body.encode(), "application/json", NOW)
    }
    assert len(hashes) == 1


def test_no_words_of_a_fault_or_note_hold_a_cells_content(connectors: Connectors) -> None:
    secret = "张三丰密码"
    told = [
        police(connectors, JJDBH="", BJNR=secret),
        police(connectors, BJRXM=f"{secret}?", BJRSFZH=secret, LXDH=secret, SFDZ=secret, GXSJ=secret, BJSJ=secret),
        court(connectors, parties=[secret], mediation=secret, caseAmount=secret),
    ]
    for each in told:
        if each.fault is not None:
            assert secret not in each.fault.detail + each.fault.detail_zh + each.fault.path
        elif each.record is not None:
            assert all(secret not in note.code + note.field for note in each.record.quality)
