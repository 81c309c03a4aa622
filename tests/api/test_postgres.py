"""The same API over PostgreSQL: records, commands, reads, repeats and races as over SQLite."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import Served, served_hub
from tests.api.deliveries import BATCH, EVENT, registered

CENTRE, COMMITTEE = "mediation-centre", "peoples-mediation"
NUMBER = "治淮路街道人调〔2026〕第1号"


@pytest.fixture
def on_postgres(postgres_url: str, tmp_path: Path) -> Iterator[Served]:
    with served_hub(tmp_path / "home", store_url=postgres_url) as found:
        yield found


def test_a_case_from_record_to_accepted_referral(on_postgres: Served) -> None:
    served = on_postgres
    first = served.send(COMMITTEE, registered(NUMBER), EVENT)
    again = served.send(COMMITTEE, registered(NUMBER), EVENT)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    batch = served.send(
        COMMITTEE, [registered(NUMBER), {**registered("x"), "type": ""}, registered(NUMBER[:-2] + "2号")], BATCH
    )
    assert [item["status"] for item in batch.json()["items"]] == [200, 422, 201]
    case = served.get("/v1/cases", COMMITTEE).json()["items"][0]
    steps = [
        ("request-consent", {}),
        ("record-consent", {"side": "applicant", "given": True}),
        ("record-consent", {"side": "respondent", "given": True}),
        ("refer", {}),
    ]
    for number, (action, body) in enumerate(steps):
        path = f"/v1/cases/{case['case_id']}/{action}"
        assert served.command(path, CENTRE, f"k-{number}", body).status_code == 200
    letter = served.get("/v1/referrals", COMMITTEE).json()["items"][0]
    seen = served.get(f"/v1/cases/{case['case_id']}", COMMITTEE).headers["ETag"]
    answers = []
    barrier = threading.Barrier(2)

    def answer(action: str, body: dict[str, str]) -> None:
        barrier.wait()
        path = f"/v1/referrals/{letter['referral_id']}/{action}"
        answers.append(served.command(path, COMMITTEE, f"race-{action}", body, If_Match=seen).status_code)

    calls: list[tuple[str, dict[str, str]]] = [("accept", {}), ("decline", {"reason": "OTHER"})]
    threads = [threading.Thread(target=answer, args=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 412]
    assert len(served.get(f"/v1/cases/{case['case_id']}/parties", COMMITTEE).json()["items"][0]["mentions"]) == 2
    assert served.get("/v1/feed?limit=500", COMMITTEE).json()["items"]
    assert served.get("/v1/cases", "court").json()["items"] == []
    looks = served.get(f"/v1/disclosures?case={case['case_no']}", CENTRE, "audit", actor="auditor").json()["items"]
    assert {look["view"] for look in looks} >= {"parties", "case", "cases"}
    assert "santiao_store_up 1.0" in served.client.get("/metrics").text


def test_nothing_leaves_when_the_look_cannot_be_recorded(on_postgres: Served) -> None:
    on_postgres.send(COMMITTEE, registered(NUMBER), EVENT)
    with on_postgres.hub.database.writable() as connection:
        connection.exec_driver_sql("DROP TABLE disclosures")
    answer = on_postgres.get("/v1/cases", COMMITTEE)
    assert (answer.status_code, answer.json()["code"]) == (503, "disclosure.not_recorded")
    assert NUMBER not in answer.text
