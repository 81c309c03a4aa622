"""Reading cases: as the contract writes them, page by page, as of a time, only one's own, and each look recorded before it is answered."""

import threading
import time
from datetime import datetime, timedelta

import msgspec
import pytest

from santiao.api.positions import encode_positions
from santiao.pool.access import Resource
from tests.api.conftest import Numbering, Served
from tests.api.deliveries import BATCH, EVENT, person, registered
from tests.api.test_commands import refer

CENTRE, COMMITTEE = "mediation-centre", "peoples-mediation"


def register(served: Served, file_no: Numbering, **data: str) -> tuple[str, str]:
    """A case of its own; its id and the file's number."""
    number = file_no()
    answer = served.send(COMMITTEE, registered(number, **data), EVENT)
    assert answer.status_code == 201
    items = served.get("/v1/cases?order=newest&limit=5", CENTRE, "dispatch").json()["items"]
    return next(item["case_id"] for item in items if item["sources"][0]["key"] == number), number


def test_a_list_shows_cases_as_the_contract_writes_them(served: Served, file_no: Numbering) -> None:
    case_id, number = register(served, file_no)
    listed = served.get("/v1/cases?order=newest", COMMITTEE)
    assert listed.status_code == 200
    item = next(item for item in listed.json()["items"] if item["case_id"] == case_id)
    assert set(item) == {"case_id", "case_no", "status", "dispute_type", "region", "risk", "opened_at", "sources"}
    assert item["sources"] == [{"agency": COMMITTEE, "key": number, "state": "live", "gates": []}]
    assert (item["region"], item["dispute_type"], item["status"]) == ("340302", "D03", "registered")
    assert datetime.fromisoformat(item["opened_at"]).utcoffset() == timedelta(hours=8)
    assert listed.headers["Santiao-Position"]
    assert listed.headers["Cache-Control"] == "no-store"


def test_pages_hold_every_case_once(served: Served, file_no: Numbering) -> None:
    events = [registered(file_no()) for _ in range(7)]
    served.send(COMMITTEE, events, BATCH)
    seen, after = [], ""
    while True:
        page = served.get(f"/v1/cases?limit=3{after}", COMMITTEE).json()
        seen += [item["case_id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) >= 7
    assert seen == [item["case_id"] for item in served.get("/v1/cases?limit=200", COMMITTEE).json()["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("dispute_type=D03", True),
        ("dispute_type=D13", False),
        ("region=340300", True),
        ("region=340303", False),
        ("status=registered", True),
        ("status=closed&all=true", False),
        ("agency=peoples-mediation", True),
        ("agency=court", False),
        ("risk=urgent", False),
        ("body=nobody", False),
    ],
)
def test_filters_narrow(served: Served, file_no: Numbering, query: str, found: bool) -> None:
    case_id, _ = register(served, file_no)
    items = served.get(f"/v1/cases?limit=200&{query}", CENTRE, "dispatch").json()["items"]
    assert (case_id in [item["case_id"] for item in items]) is found


def test_a_case_is_found_under_its_number_too(served: Served, file_no: Numbering) -> None:
    case_id, _ = register(served, file_no)
    by_id = served.get(f"/v1/cases/{case_id}", COMMITTEE)
    by_no = served.get(f"/v1/cases/{by_id.json()['case_no']}", COMMITTEE)
    assert by_id.json() == by_no.json()
    assert by_id.headers["ETag"] == f'"{by_id.json()["version"]}"'


def test_the_etag_is_what_a_command_wants(served: Served, file_no: Numbering) -> None:
    case_id, _ = register(served, file_no)
    seen = served.get(f"/v1/cases/{case_id}", COMMITTEE).headers["ETag"]
    path = f"/v1/cases/{case_id}/request-consent"
    assert served.command(path, CENTRE, f"etag-a-{case_id}", If_Match=seen).status_code == 200
    assert served.command(path, CENTRE, f"etag-b-{case_id}", If_Match=seen).status_code == 412


def test_a_case_as_of_a_time_is_as_it_was_recorded_then(served: Served, file_no: Numbering) -> None:
    case_id, _ = register(served, file_no)
    before = served.get(f"/v1/cases/{case_id}", COMMITTEE).json()["updated_at"]
    time.sleep(0.01)
    served.command(f"/v1/cases/{case_id}/request-consent", CENTRE, f"asof-{case_id}")
    assert served.get(f"/v1/cases/{case_id}", COMMITTEE).json()["status"] == "consent_pending"
    as_of = before.replace("+", "%2B")
    then = served.get(f"/v1/cases/{case_id}?as_of={as_of}", COMMITTEE)
    assert then.json()["status"] == "registered"
    assert "ETag" not in then.headers
    past = served.get(f"/v1/cases/{case_id}/timeline?as_of={as_of}", COMMITTEE).json()["items"]
    now = served.get(f"/v1/cases/{case_id}/timeline", COMMITTEE).json()["items"]
    assert now[: len(past)] == past
    assert [item["type"] for item in now[len(past) :]] == ["ConsentRequested"]
    assert served.get(f"/v1/cases/{case_id}?as_of=2020-01-01", COMMITTEE).status_code == 404
    listed = served.get(f"/v1/cases?as_of={as_of}&limit=200", COMMITTEE).json()["items"]
    assert next(item for item in listed if item["case_id"] == case_id)["status"] == "registered"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("as_of=yesterday", "as_of"),
        ("as_of=2026-03-10T10:00:00", "as_of"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("after=nonsense", "after"),
        ("region=34", "region"),
        ("order=random", "order"),
        ("order=breach&as_of=2026-03-10", "order"),
        ("min_position=%E5%BC%A0", "min_position"),
        ("status=%E5%BC%A0", "status"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(served: Served, query: str, parameter: str) -> None:
    answer = served.get(f"/v1/cases?{query}", COMMITTEE)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["parameter"] == parameter
    assert "nonsense" not in answer.text


def test_the_timeline_tells_what_happened_and_nothing_of_people(served: Served, file_no: Numbering) -> None:
    case_id, number = register(served, file_no)
    items = served.get(f"/v1/cases/{case_id}/timeline", COMMITTEE).json()["items"]
    assert [item["type"] for item in items][:2] == ["CaseOpened", "SourceReported"]
    assert {"position", "occurred_at", "recorded_at", "type"} <= set(items[0])
    told = msgspec.json.encode(items).decode()
    for word in person(f"{number}/a").values():
        assert word not in told


def test_another_agencys_case_looks_like_none(served: Served, file_no: Numbering) -> None:
    case_id, _ = register(served, file_no)
    for path in ("", "/timeline", "/deadlines", "/parties"):
        theirs = served.get(f"/v1/cases/{case_id}{path}", "court")
        nobodys = served.get(f"/v1/cases/00000000000000000000000000{path}", "court")
        assert (theirs.status_code, nobodys.status_code) == (404, 404)
        assert {**theirs.json(), "instance": ""} == {**nobodys.json(), "instance": ""}
    assert served.get("/v1/cases?limit=200&all=true", "court").json()["items"] == []
    assert served.get("/v1/referrals?all=true", "court").json()["items"] == []
    assert served.get("/v1/feed?limit=500", "court").json()["items"] == []


def test_parties_are_masked_for_an_agency_and_not_for_the_centres_dispatcher(
    served: Served, file_no: Numbering
) -> None:
    case_id, number = register(served, file_no)
    told = person(f"{number}/a")
    masked = served.get(f"/v1/cases/{case_id}/parties", COMMITTEE).json()["items"][0]["mentions"][0]
    assert masked["name"] == f"{told['name'][0]}*"
    assert masked["ids"] == [told["idNo"][:4] + "*" * 10 + told["idNo"][-4:]]
    full = served.get(f"/v1/cases/{case_id}/parties", CENTRE, "dispatch", actor="dispatcher")
    shown = full.json()["items"][0]["mentions"][0]
    assert (shown["name"], shown["ids"]) == (told["name"], masked["ids"])


def test_an_erased_person_is_shown_as_erased(served: Served, file_no: Numbering) -> None:
    case_id, number = register(served, file_no)
    hub = served.hub
    hub.eraser.erase([(f"{COMMITTEE}:{number}", 0)], reason="request", actor="person/P1")
    mentions = served.get(f"/v1/cases/{case_id}/parties", COMMITTEE).json()["items"][0]["mentions"]
    assert (mentions[0]["name"], mentions[0]["erased"]) == ("已删除", True)
    assert mentions[1]["name"] == f"{person(f'{number}/b')['name'][0]}*"


def test_each_look_is_recorded(served: Served, file_no: Numbering) -> None:
    case_id, _ = register(served, file_no)
    served.get(f"/v1/cases/{case_id}/parties", COMMITTEE)
    latest = served.hub.access.disclosures.who_has_seen(case_id)[0]
    assert (latest.agency, latest.purpose, latest.channel, latest.view) == (
        COMMITTEE,
        "handle",
        "api",
        Resource.PARTIES,
    )
    assert len(latest.cases[0].subjects) == 2
    audited = served.get(f"/v1/disclosures?case={case_id}", CENTRE, "audit", actor="auditor").json()["items"]
    assert audited[0]["id"] == latest.id
    looks = served.hub.access.disclosures.who_has_seen(case_id)
    assert looks[0].view == "disclosures"
    assert looks[0].person == served.people["auditor"]


def test_only_named_auditors_read_the_record(served: Served) -> None:
    assert served.get("/v1/disclosures", CENTRE, "audit").json()["code"] == "purpose.actor"
    assert served.get("/v1/disclosures", CENTRE, "dispatch").json()["code"] == "resource.not_granted"
    assert served.get("/v1/disclosures", "court", "audit", actor="auditor").status_code == 400
    assert served.get("/v1/disclosures?limit=2", CENTRE, "audit", actor="auditor").json()["next"]


@pytest.mark.parametrize(
    ("purpose", "status", "code"),
    [
        ("", 400, "purpose.missing"),
        ("curiosity", 400, "purpose.unknown"),
        ("dispatch", 403, "purpose.not_granted"),
        ("statistics", 403, "resource.purpose"),
        ("audit", 400, "purpose.actor"),
    ],
)
def test_a_purpose_is_wanted(served: Served, purpose: str, status: int, code: str) -> None:
    answer = served.get("/v1/cases", COMMITTEE, purpose)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_who_has_written_waits_for_her_own_write(served: Served, file_no: Numbering) -> None:
    number = file_no()
    position = served.send(COMMITTEE, registered(number), EVENT).headers["Santiao-Position"]

    def fold_later() -> None:
        time.sleep(0.3)
        served.hub.catch_up()

    thread = threading.Thread(target=fold_later)
    thread.start()
    headers = served.headers(COMMITTEE, "handle")
    answer = served.client.get(f"/v1/cases?order=newest&limit=1&min_position={position}", headers=headers)
    thread.join()
    assert answer.status_code == 200
    assert answer.json()["items"][0]["sources"][0]["key"] == number


def test_a_position_that_is_not_reached_is_told_after_two_seconds(served: Served) -> None:
    far = encode_positions({3403: 10**9})
    began = time.monotonic()
    answer = served.get(f"/v1/cases?min_position={far}", COMMITTEE)
    assert 1.5 < time.monotonic() - began < 20
    assert (answer.status_code, answer.json()["code"]) == (503, "position.not_reached")
    assert int(answer.headers["Retry-After"]) >= 1


def test_referrals_are_listed_by_the_next_breach(served: Served, file_no: Numbering) -> None:
    letters = [refer(served, file_no) for _ in range(2)]
    items = served.get("/v1/referrals?limit=200", COMMITTEE).json()["items"]
    assert set(letters) <= {item["referral_id"] for item in items}
    assert all(item["next_due"]["rule"] for item in items)
    served.command(f"/v1/referrals/{letters[0]}/decline", COMMITTEE, f"no-{letters[0]}", {"reason": "OTHER"})
    still = served.get("/v1/referrals?state=sent&limit=200", COMMITTEE).json()["items"]
    assert letters[0] not in {item["referral_id"] for item in still}


def test_links_are_the_citys_and_a_partner_sees_its_accepted_ones(served: Served, file_no: Numbering) -> None:
    case_id, first = register(served, file_no)
    _, second = register(served, file_no)
    a, b = sorted((f"{COMMITTEE}:{first}", f"{COMMITTEE}:{second}"))
    served.command("/v1/links/propose", CENTRE, f"p-{case_id}", {"case": case_id, "a": a, "b": b, "reason": "同一房屋"})
    everything = served.get("/v1/links?state=proposed&limit=200", CENTRE, "dispatch").json()["items"]
    found = next(item for item in everything if (item["source_a"], item["source_b"]) == (a, b))
    assert (found["by"], found["state"]) == ("person", "proposed")
    assert served.get("/v1/links?state=proposed", COMMITTEE).json()["items"] == []
    served.command("/v1/links/confirm", CENTRE, f"c-{case_id}", {"case": case_id, "a": a, "b": b})
    own = served.get("/v1/links?limit=200", COMMITTEE).json()["items"]
    assert (a, b) in {(item["source_a"], item["source_b"]) for item in own}
    assert served.get("/v1/links", "court").json()["items"] == []


def test_nothing_leaves_when_the_look_cannot_be_recorded(fresh: Served) -> None:
    number = "治淮路街道人调〔2026〕第1号"
    fresh.send(COMMITTEE, registered(number), EVENT)
    assert fresh.get("/v1/cases", COMMITTEE).status_code == 200
    with fresh.hub.database.writable() as connection:
        connection.exec_driver_sql("ALTER TABLE disclosures RENAME TO disclosures_away")
    for path, caller, purpose in (
        ("/v1/cases", COMMITTEE, "handle"),
        ("/v1/feed", COMMITTEE, "handle"),
        ("/v1/referrals", COMMITTEE, "handle"),
        ("/v1/statistics?first=2026-01-01&last=2026-12-31", CENTRE, "statistics"),
    ):
        answer = fresh.get(path, caller, purpose)
        assert (answer.status_code, answer.json()["code"]) == (503, "disclosure.not_recorded")
        assert number not in answer.text
        assert answer.headers["Retry-After"]
    assert fresh.send(COMMITTEE, registered("治淮路街道人调〔2026〕第2号"), EVENT).status_code == 201
    with fresh.hub.database.writable() as connection:
        connection.exec_driver_sql("ALTER TABLE disclosures_away RENAME TO disclosures")
    assert len(fresh.get("/v1/cases", COMMITTEE).json()["items"]) == 2
