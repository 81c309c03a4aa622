"""Commands: once only, on the version that was seen, by who may; a case that one may not know looks like none."""

import threading
from typing import Any

import httpx
import pytest

from santiao.store import tables
from tests.api.conftest import Numbering, Served
from tests.api.deliveries import EVENT, registered

CENTRE, COMMITTEE = "mediation-centre", "peoples-mediation"


def open_case(served: Served, file_no: Numbering) -> str:
    """A case of a committee's own file; its number."""
    number = file_no()
    assert served.send(COMMITTEE, registered(number), EVENT).status_code == 201
    with served.hub.database.readable() as connection:
        names = connection.execute(tables.case_names.select()).all()
    return str(max(row.name for row in names if row.name.startswith("SD")))


def refer(served: Served, file_no: Numbering) -> str:
    """A case that was referred to the committee; the referral's id."""
    case = open_case(served, file_no)
    for number, (action, body) in enumerate(
        (
            ("request-consent", {}),
            ("record-consent", {"side": "applicant", "given": True}),
            ("record-consent", {"side": "respondent", "given": True}),
            ("refer", {}),
        )
    ):
        answer = served.command(f"/v1/cases/{case}/{action}", CENTRE, f"{case}-{number}", body)
        assert answer.status_code == 200, answer.text
    return f"{case}-01"


def test_a_command_answers_with_the_new_version(served: Served, file_no: Numbering) -> None:
    referral = refer(served, file_no)
    answer = served.command(f"/v1/referrals/{referral}/accept", COMMITTEE, f"accept-{referral}", {"mediator": "M-1"})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    assert answer.headers["Santiao-Position"]
    assert "Idempotency-Replayed" not in answer.headers


def test_the_same_request_again_is_answered_the_same(served: Served, file_no: Numbering) -> None:
    referral = refer(served, file_no)
    path, key = f"/v1/referrals/{referral}/accept", f"again-{referral}"
    first = served.command(path, COMMITTEE, key)
    again = served.command(path, COMMITTEE, key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Santiao-Position"] == first.headers["Santiao-Position"]


def test_a_key_used_for_another_command_is_refused(served: Served, file_no: Numbering) -> None:
    referral = refer(served, file_no)
    key = f"other-{referral}"
    assert served.command(f"/v1/referrals/{referral}/accept", COMMITTEE, key).status_code == 200
    for path, body in (
        (f"/v1/referrals/{referral}/accept", {"mediator": "M-2"}),
        (f"/v1/referrals/{referral}/decline", {"reason": "OTHER"}),
    ):
        answer = served.command(path, COMMITTEE, key, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.reused")


def test_another_caller_may_use_the_same_key(served: Served, file_no: Numbering) -> None:
    referral = refer(served, file_no)
    answer = served.command(f"/v1/referrals/{referral}/accept", COMMITTEE, f"{referral.rpartition('-')[0]}-0")
    assert answer.status_code == 200


def test_a_command_needs_a_key_of_its_own(served: Served, file_no: Numbering) -> None:
    case = open_case(served, file_no)
    headers = {**served.headers(CENTRE), "Content-Type": "application/json"}
    missing = served.client.post(f"/v1/cases/{case}/request-consent", headers=headers, content=b"{}")
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency.missing")
    assert missing.json()["errors"][0]["parameter"] == "Idempotency-Key"
    long = served.command(f"/v1/cases/{case}/request-consent", CENTRE, "k" * 121)
    assert (long.status_code, long.json()["code"]) == (400, "idempotency.form")


def at_once(calls: list[Any]) -> list[httpx.Response]:
    """Make the calls at the same moment."""
    answers: list[httpx.Response] = []
    barrier = threading.Barrier(len(calls))

    def run(call: Any) -> None:
        barrier.wait()
        answers.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_concurrent_repeats_do_it_once(served: Served, file_no: Numbering) -> None:
    referral = refer(served, file_no)
    path = f"/v1/referrals/{referral}/accept"
    answers = at_once([lambda: served.command(path, COMMITTEE, f"many-{referral}")] * 6)
    good = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert all(answer.json()["code"] == "idempotency.in_flight" for answer in answers if answer.status_code == 409)
    assert sum("Idempotency-Replayed" not in answer.headers for answer in good) == 1
    assert len({answer.text for answer in good}) == 1


def test_of_two_who_saw_the_same_version_one_wins(served: Served, file_no: Numbering) -> None:
    referral = refer(served, file_no)
    case = referral.rpartition("-")[0]
    seen = served.command(f"/v1/cases/{case}/refer", CENTRE, f"{case}-3", {}).headers["ETag"]
    bodies: list[tuple[str, dict[str, Any]]] = [("accept", {}), ("decline", {"reason": "OTHER"})]
    calls = [
        lambda action=action, body=body: served.command(
            f"/v1/referrals/{referral}/{action}", COMMITTEE, f"race-{action}-{case}", body, If_Match=seen
        )
        for action, body in bodies
    ]
    answers = at_once(calls)
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    loser = next(answer for answer in answers if answer.status_code == 412)
    assert loser.json()["code"] == "case.version"


@pytest.mark.parametrize("told", ["12", '"abc"', '"1", "2"'])
def test_an_etag_is_given_back_as_it_was_given(served: Served, file_no: Numbering, told: str) -> None:
    case = open_case(served, file_no)
    answer = served.command(f"/v1/cases/{case}/request-consent", CENTRE, f"etag-{case}", If_Match=told)
    assert (answer.status_code, answer.json()["code"]) == (400, "if_match.form")


def test_a_command_that_overrides_others_needs_name_and_version(served: Served, file_no: Numbering) -> None:
    case = open_case(served, file_no)
    path, body = f"/v1/cases/{case}/set-aside-gate", {"reason": "复核后确认可以调解"}
    unnamed = served.command(path, CENTRE, f"aside-{case}", body)
    assert (unnamed.status_code, unnamed.json()["code"]) == (403, "command.not_granted")
    blind = served.command(path, CENTRE, f"aside-{case}", body, actor="supervisor")
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match.missing")
    named = served.command(path, CENTRE, f"aside-{case}", body, actor="supervisor", If_Match='"3"')
    assert (named.status_code, named.json()["code"]) == (409, "case.state")


def test_another_agency_cannot_tell_a_case_from_none(served: Served, file_no: Numbering) -> None:
    referral = refer(served, file_no)
    told = served.command(f"/v1/referrals/{referral}/accept", "court", f"court-{referral}")
    none = served.command("/v1/referrals/SD202601013403020000010-01/accept", "court", f"court-none-{referral}")
    assert (told.status_code, none.status_code) == (404, 404)
    assert {**told.json(), "instance": ""} == {**none.json(), "instance": ""}


def test_a_command_that_no_row_grants_is_denied(served: Served, file_no: Numbering) -> None:
    case = open_case(served, file_no)
    answer = served.command(f"/v1/cases/{case}/close", COMMITTEE, f"close-{case}", {"reason": "done"})
    assert (answer.status_code, answer.json()["code"]) == (403, "command.not_granted")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/reason", "field.missing"),
        ({"reason": 5}, "/reason", "field.value"),
        ({"reason": "NO_SUCH"}, "/reason", "reason.unknown"),
        ({"reason": "OTHER", "answered_at": "2026-03-10T10:00:00"}, "/answered_at", "field.time"),
        ({"reason": "OTHER", "answered_at": "9999-12-31T10:00:00+08:00"}, "/answered_at", "field.time"),
        ({"reason": "OTHER", "text": "长" * 501}, "/text", "text.too_long"),
        ({"reason": "OTHER", "text": "身份证340398198503151238"}, "/text", "text.personal"),
        ({"reason": "OTHER", "text": "电话13800000011"}, "/text", "text.personal"),
        ({"reason": "OTHER", "surprise": 1}, "", "field.unknown"),
        ([], "", "body.not_object"),
    ],
)
def test_a_body_that_does_not_fit_says_where(
    served: Served, file_no: Numbering, body: Any, pointer: str, code: str
) -> None:
    referral = refer(served, file_no)
    headers = {**served.headers(COMMITTEE), "Idempotency-Key": f"body-{referral}", "Content-Type": "application/json"}
    answer = served.client.post(f"/v1/referrals/{referral}/decline", headers=headers, json=body)
    assert answer.status_code == 422, answer.text
    fault = answer.json()["errors"][0]
    assert (fault["pointer"], fault["code"]) == (pointer, code)


def test_names_do_not_go_where_ids_belong(served: Served, file_no: Numbering) -> None:
    referral = refer(served, file_no)
    answer = served.command(f"/v1/referrals/{referral}/accept", COMMITTEE, f"name-{referral}", {"mediator": "章测试"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "text.not_a_code")
    assert "章测试" not in answer.text


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "body.not_json"),
        (b"{}", "text/plain", 415, "body.media_type"),
        (b" " * 70_000, "application/json", 413, "body.too_large"),
    ],
)
def test_a_body_of_no_command_is_turned_away(
    served: Served, file_no: Numbering, content: bytes, content_type: str, status: int, code: str
) -> None:
    case = open_case(served, file_no)
    headers = {**served.headers(CENTRE), "Idempotency-Key": f"form-{case}", "Content-Type": content_type}
    answer = served.client.post(f"/v1/cases/{case}/request-consent", headers=headers, content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_two_sources_are_said_to_be_one_dispute_and_not(served: Served, file_no: Numbering) -> None:
    first, second = file_no(), file_no()
    for number, other in ((first, "周"), (second, "吴")):
        parties = [{"role": "申请人", "name": f"{other}测试", "kind": "自然人"}]
        served.send(
            COMMITTEE, registered(number, parties=parties, facts=f"{other}家门口停车。", region="340303"), EVENT
        )
    with served.hub.database.readable() as connection:
        names = [row.name for row in connection.execute(tables.case_names.select())]
    case = max(name for name in names if name.startswith("SD"))
    pair = {"case": case, "a": f"{COMMITTEE}:{first}", "b": f"{COMMITTEE}:{second}"}
    joined = served.command("/v1/links/confirm", CENTRE, f"join-{case}", pair)
    assert joined.status_code == 200, joined.text
    apart = served.command("/v1/links/dissolve", CENTRE, f"apart-{case}", {**pair, "case": case, "reason": "两件事"})
    assert apart.status_code == 200, apart.text
    unknown = served.command("/v1/links/confirm", CENTRE, f"un-{case}", {**pair, "b": "court:none"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "link.unknown_source")
