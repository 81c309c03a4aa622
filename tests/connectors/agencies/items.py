"""Items of each agency in its own form, from the cells a test cares for."""

import csv
import io
import json
from datetime import datetime

from santiao.connectors.registry import Connectors
from santiao.domain.messages import Delivered
from santiao.domain.records import AgencyRecord, CodeField, DisputeFact, Party
from santiao.domain.vocabulary import PartyRole
from tests.connectors.conftest import NOW

JSON = "application/json"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def person_id(sequence: int, born: str = "19850307") -> str:
    """A resident number of the synthetic division 340398 with its check character."""
    body = f"340398{born}{sequence:03}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def one(connectors: Connectors, agency: str, body: bytes, content_type: str, at: datetime | None = NOW) -> Delivered:
    """The one item of an HTTP body."""
    (told,) = connectors[agency].parse_body(body, content_type, at)
    return told


def row(**cells: object) -> bytes:
    """A CSV document of one row."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(cells)
    writer.writerow(cells.values())
    return out.getvalue().encode()


def police(connectors: Connectors, **cells: object) -> Delivered:
    """A row of T_JJDB, or of T_CJFK where CJDBH is given."""
    common = {"JJDBH": "20260312340302000187", "GXSJ": "20260312101500"}
    return one(connectors, "police-110", row(**{**common, **cells}), "text/csv")


def court(connectors: Connectors, **members: object) -> Delivered:
    """An element of the court's list."""
    common = {"caseId": "8a8182f59b1c0001", "caseStatus": "170", "updateTime": "2026-03-12 10:15:00"}
    return one(connectors, "court", json.dumps({**common, **members}, ensure_ascii=False).encode(), JSON)


def petition(connectors: Connectors, inner: str, key: str = "340303202603120041") -> Delivered:
    """One petition by what stands in its element."""
    body = f"<XfjList><Xfj><xfjbh>{key}</xfjbh>{inner}</Xfj></XfjList>"
    return one(connectors, "petitions", body.encode("gb18030"), "application/xml")


def labour(connectors: Connectors, **cells: object) -> Delivered:
    """A row of the labour ledger."""
    common = {"案件编号": "龙劳人仲案〔2026〕12号", "状态": "审理中", "受理机构": "龙子湖区劳动人事争议仲裁院"}
    return one(connectors, "human-resources", row(**{**common, **cells}), "text/csv")


def hotline(connectors: Connectors, **members: object) -> Delivered:
    """The body of one delivery."""
    common = {
        "orderNo": "BB2603120007",
        "createTime": "2026-03-12 09:00:00",
        "eventType": "ORDER_CREATED",
        "version": 1,
        "planTime": "2026-03-19 09:00:00",
    }
    return one(connectors, "hotline-12345", json.dumps({**common, **members}, ensure_ascii=False).encode(), JSON)


def committee(connectors: Connectors, kind: str, **data: object) -> Delivered:
    """An event of a committee."""
    common = {
        "fileNo": "龙子湖治淮路街道人调〔2026〕第0012号",
        "committee": {"code": "340302", "name": "治淮路街道人调委"},
    }
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:peoples-mediation:340302",
        "type": f"cn.peoples-mediation.{kind}.v1",
        "time": "2026-03-20T16:00:00+08:00",
        "datacontenttype": JSON,
        "data": {**common, **data},
    }
    body = json.dumps(event, ensure_ascii=False).encode()
    return one(connectors, "peoples-mediation", body, "application/cloudevents+json")


def record_of(told: Delivered) -> AgencyRecord:
    """The record, which the test expects."""
    assert told.record is not None, told.fault
    return told.record


def dispute_of(told: Delivered) -> DisputeFact:
    """The account of a dispute, which the test expects."""
    body = record_of(told).body
    assert isinstance(body, DisputeFact)
    return body


def code(field: CodeField | None) -> str | None:
    """The hub's code."""
    return None if field is None else field.hub_code


def people(fact: DisputeFact) -> list[tuple[PartyRole, str | None]]:
    """Roles and names as they stand."""
    return [(party.role, party.name.value) for party in fact.parties]


def numbers(party: Party) -> list[str | None]:
    """Identity numbers and telephones that can be relied on."""
    return [*(each.value for each in party.ids), *(phone.number for phone in party.phones)]
