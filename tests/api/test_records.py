"""Sending records: every status the contract names, one by one and in batches, in own form and as CloudEvents."""

import select
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from tests.api.conftest import Numbering, Served, served_hub
from tests.api.deliveries import BATCH, EVENT, registered
from tests.architecture.sources import ROOT

_PETITION = """<?xml version="1.0" encoding="UTF-8"?><XfjList total="1"><Xfj><xfjbh>340300202603100002</xfjbh>
<xfrq>2026-03-10T09:00:00</xfrq>TOLD<nrfl dm="030201">城乡建设_住房</nrfl><wtsd>340302000000</wtsd><tsnr>反映房屋漏水。</tsnr>
<Xfr zfrbz="1"><xm>章测试</xm></Xfr><lastmodifytime>2026-03-10T09:30:00</lastmodifytime></Xfj></XfjList>"""


def test_the_first_is_created_and_a_repeat_gets_the_same_receipt(served: Served, file_no: Numbering) -> None:
    event = registered(file_no())
    first = served.send("peoples-mediation", event, EVENT)
    again = served.send("peoples-mediation", event, EVENT)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["receipt_id"]
    assert first.headers["Santiao-Position"] == again.headers["Santiao-Position"] == first.json()["position"]


def test_a_resend_under_another_event_id_is_a_repeat(served: Served, file_no: Numbering) -> None:
    event = registered(file_no())
    first = served.send("peoples-mediation", event, EVENT)
    again = served.send("peoples-mediation", {**event, "id": "another"}, EVENT)
    assert (again.status_code, again.json()) == (200, first.json())


def test_other_content_is_a_new_version_where_versions_are_known(served: Served, file_no: Numbering) -> None:
    number = file_no()
    first = served.send("peoples-mediation", registered(number), EVENT)
    later = served.send(
        "peoples-mediation", registered(number, time="2026-03-11T10:00:00+08:00", facts="已补充。"), EVENT
    )
    assert later.status_code == 201
    assert later.json()["receipt_id"] != first.json()["receipt_id"]
    assert later.json()["source_key"] == first.json()["source_key"] == number


@pytest.mark.parametrize("content_type", [EVENT, "application/json", f"{EVENT}; charset=utf-8"])
def test_an_event_may_be_sent_as_what_it_is_or_as_json(served: Served, file_no: Numbering, content_type: str) -> None:
    assert served.send("peoples-mediation", registered(file_no()), content_type).status_code == 201


def test_a_binary_event_is_the_structured_one(served: Served, file_no: Numbering) -> None:
    event = registered(file_no())
    attributes = {f"ce-{name}": str(value) for name, value in event.items() if name not in ("data", "id")}
    headers = {**served.headers("peoples-mediation"), **attributes, "ce-id": "e-1", "Content-Type": "application/json"}
    sent = served.client.post(
        "/v1/records/peoples-mediation", headers=headers, content=msgspec.json.encode(event["data"])
    )
    assert sent.status_code == 201
    assert served.send("peoples-mediation", event, EVENT).json() == sent.json()


def test_a_batch_answers_every_element_in_order(served: Served, file_no: Numbering) -> None:
    first, second = registered(file_no()), registered(file_no())
    served.send("peoples-mediation", first, EVENT)
    told = [first, {**second, "type": ""}, second, {**second, "data": {"fileNo": ""}}, registered(file_no())]
    answer = served.send("peoples-mediation", told, BATCH)
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert [item["status"] for item in items] == [200, 422, 201, 422, 201]
    assert items[1]["quarantine_id"]
    assert items[1]["errors"][0]["pointer"] == "/1/type"
    assert answer.json()["next"] is None
    assert answer.headers["Santiao-Position"]


def test_an_empty_batch_has_no_results(served: Served) -> None:
    answer = served.send("peoples-mediation", [], BATCH)
    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_a_batch_of_one_is_a_batch(served: Served, file_no: Numbering) -> None:
    answer = served.send("peoples-mediation", [registered(file_no())], BATCH)
    assert (answer.status_code, len(answer.json()["items"])) == (200, 1)


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"specversion": "0.3"}, "/specversion", "event.version"),
        ({"time": "yesterday"}, "/time", "event.attribute"),
        ({"type": "cn.unknown.v1"}, "", "item.no_shape"),
        ({"data": {"acceptedOn": "2026-03-10"}}, "/data/fileNo", "item.no_key"),
    ],
)
def test_what_is_not_understood_says_what_and_where(
    served: Served, file_no: Numbering, change: dict[str, Any], pointer: str, code: str
) -> None:
    answer = served.send("peoples-mediation", {**registered(file_no()), **change}, EVENT)
    assert answer.status_code == 422
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (problem["code"], problem["errors"][0]["pointer"]) == (code, pointer)
    assert problem["quarantine_id"]
    assert problem["detail_zh"]
    shown = served.client.get(
        f"/v1/quarantine/{problem['quarantine_id']}", headers=served.headers("mediation-centre", actor="operator")
    )
    assert shown.json()["code"] == code


def test_no_json_is_not_understood(served: Served) -> None:
    answer = served.send("peoples-mediation", b'{"specversion": ', EVENT)
    assert (answer.status_code, answer.json()["code"]) == (422, "event.not_json")


def test_informers_material_is_refused_and_stored_nowhere(served: Served) -> None:
    informed = _PETITION.replace("TOLD", '<xfmd dm="04">揭发控告</xfmd>')
    answer = served.send("petitions", informed.encode(), "application/xml")
    assert (answer.status_code, answer.json()["code"]) == (403, "item.informer")
    assert "quarantine_id" not in answer.json()


def test_one_document_with_one_petition_is_one_record(served: Served) -> None:
    told = _PETITION.replace("TOLD", '<xfmd dm="03">求决</xfmd>')
    first = served.send("petitions", told.encode(), "application/xml")
    assert (first.status_code, first.json()["source_key"]) == (201, "340300202603100002")


def test_a_connector_of_another_agency_is_closed(served: Served, file_no: Numbering) -> None:
    answer = served.send("court", registered(file_no()), EVENT, connector="peoples-mediation")
    assert (answer.status_code, answer.json()["code"]) == (403, "connector.not_yours")
    assert served.send("court", {}, connector="nobody").status_code == 404


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_beyond_its_bound_is_not_read(served: Served, announced: bool) -> None:
    most = served.hub.access.policy.book.limits.record_bytes
    address = (served.client.base_url.host, served.client.base_url.port)
    length = f"Content-Length: {most + 1}" if announced else "Transfer-Encoding: chunked"
    head = (
        f"POST /v1/records/peoples-mediation HTTP/1.1\r\nHost: hub\r\nContent-Type: {EVENT}\r\n"
        f"Authorization: {served.headers('peoples-mediation')['Authorization']}\r\n{length}\r\n\r\n"
    )
    with socket.create_connection(address) as connection:
        connection.sendall(head.encode())
        if not announced:
            # One byte more than the bound, and never the end of the body: only its size can make the hub answer.
            assert most % 65536 == 0
            for _ in range(most // 65536):
                connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
            assert not select.select([connection], [], [], 0)[0]
            connection.sendall(b"1\r\n \r\n")
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_an_event_beyond_its_bound_is_refused(served: Served, file_no: Numbering) -> None:
    answer = served.send("peoples-mediation", registered(file_no(), facts="水" * 400_000), EVENT)
    assert (answer.status_code, answer.json()["code"]) == (413, "event.oversize")


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/octet-stream"])
def test_a_form_that_is_not_read_is_named(served: Served, content_type: str) -> None:
    answer = served.send("peoples-mediation", b"{}", content_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "form.unsupported")


def test_a_packed_body_is_not_unpacked(served: Served) -> None:
    headers = {**served.headers("peoples-mediation"), "Content-Type": EVENT, "Content-Encoding": "gzip"}
    answer = served.client.post("/v1/records/peoples-mediation", headers=headers, content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (415, "body.encoding")


def test_court_records_come_in_their_own_form(served: Served) -> None:
    record = {"caseId": "c-api-1", "caseNo": "（2026）皖0302诉前调1号", "updateTime": "2026-03-10 10:00:00"}
    first = served.send("court", record)
    assert first.status_code in (200, 201), first.text


@pytest.fixture
def unversioned(tmp_path: Path) -> Iterator[Served]:
    """A hub with an agency whose declaration knows no versions."""
    folder = tmp_path / "connectors" / "village-desk"
    shutil.copytree(ROOT / "connectors" / "peoples-mediation", folder, ignore=shutil.ignore_patterns("samples"))
    told = yaml.safe_load((folder / "connector.yaml").read_text(encoding="utf-8"))
    told.update(name="village-desk", mapping_version="village-desk/1", shapes={"dispute": told["shapes"]["dispute"]})
    del told["shapes"]["dispute"]["updated_at"]
    (folder / "connector.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    with served_hub(tmp_path / "home", more=("village-desk",), connectors=tmp_path / "connectors") as found:
        yield found


def test_other_content_is_a_clash_where_no_version_is_known(unversioned: Served) -> None:
    number = "治淮路街道人调〔2026〕第1号"
    first = unversioned.send("village-desk", registered(number), EVENT)
    assert first.status_code == 201
    again = unversioned.send("village-desk", registered(number), EVENT)
    assert (again.status_code, again.json()) == (200, first.json())
    other = unversioned.send("village-desk", registered(number, facts="已补充。"), EVENT)
    assert (other.status_code, other.json()["code"]) == (409, "record.other_content")
    another = registered("治淮路街道人调〔2026〕第2号")
    batch = unversioned.send("village-desk", [another, {**another, "id": "x"}, registered(number, facts="x")], BATCH)
    assert [item["status"] for item in batch.json()["items"]] == [201, 200, 409]
    case = unversioned.get("/v1/cases", "village-desk").json()["items"][0]
    assert case["sources"][0]["state"] == "live"


def test_received_is_accepted_repeated_quarantined_and_refused(served: Served) -> None:
    text = served.client.get("/metrics").text
    counts: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith('santiao_items_total{connector="peoples-mediation"'):
            fate = line.split('fate="')[1].split('"')[0]
            counts[fate] = float(line.rsplit(" ", 1)[1])
    assert counts["received"] > 10
    told = sum(counts.get(fate, 0) for fate in ("accepted", "repeated", "quarantined", "refused"))
    assert counts["received"] == told
