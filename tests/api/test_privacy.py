"""Marked personal values are sent everywhere; no log line, no error and no figure may hold one."""

import logging
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

from tests.api.conftest import Numbering, Served
from tests.api.deliveries import BATCH, EVENT, registered

NAME, NUMBER, PHONE, PLACE = "樊标记", "340398199001010011", "18899990123", "标记路九弄七号"
MARKS = (NAME, NUMBER, PHONE, PLACE)
EVERYTHING = " ".join(MARKS)


def latin(headers: dict[str, str]) -> dict[bytes, bytes]:
    """Headers as bytes, as a careless client sends them."""
    return {name.encode(): value.encode() for name, value in headers.items()}


def marked(file_no: str) -> dict[str, Any]:
    party = {"role": "申请人", "kind": "自然人", "name": NAME, "idNo": NUMBER, "phone": PHONE, "address": PLACE}
    return registered(file_no, facts=EVERYTHING, parties=[party], note=EVERYTHING)


def told_everywhere(served: Served, file_no: Numbering) -> list[httpx.Response]:
    """Requests that carry the marks in every place a request has."""
    client, headers = served.client, served.headers("peoples-mediation", "handle")
    coded = quote(EVERYTHING)
    answers = [
        served.send("peoples-mediation", marked(file_no()), EVENT),
        served.send("peoples-mediation", [marked(file_no()), {**marked(file_no()), NAME: NUMBER}], BATCH),
        served.send("peoples-mediation", {**marked(file_no()), "type": EVERYTHING}, EVENT),
        served.send("peoples-mediation", {**marked(file_no()), "time": NUMBER}, EVENT),
        served.send("peoples-mediation", {**marked(""), "data": {"fileNo": "", "facts": EVERYTHING}}, EVENT),
        served.send("peoples-mediation", EVERYTHING.encode(), EVENT),
        served.send("peoples-mediation", EVERYTHING.encode(), "text/plain"),
        served.send("peoples-mediation", EVERYTHING.encode(), f"application/{PHONE}"),
        served.send("court", marked(file_no()), EVENT, connector="peoples-mediation"),
        client.post(f"/v1/records/{coded}", headers=headers, content=b"{}"),
        client.post(f"/v1/hooks/{coded}", content=EVERYTHING.encode()),
        client.post(
            "/v1/hooks/hotline-12345", headers={"X-Nonce": NUMBER, "X-Sign": PHONE}, content=EVERYTHING.encode()
        ),
        client.get(f"/{coded}"),
        client.get(f"/v1/cases/{coded}", headers=headers),
        client.get(f"/v1/cases/{PHONE}", headers=headers),
        client.get(f"/v1/cases/{PHONE}/timeline", headers=headers),
        client.get("/v1/quarantine/" + NUMBER, headers=served.headers("mediation-centre", actor="operator")),
        client.get("/v1/cases", headers={"Authorization": f"Bearer {NUMBER}"}),
        client.get("/v1/cases", headers={**headers, "Santiao-Purpose": PHONE}),
        client.get("/v1/cases", headers={**headers, "Santiao-Actor": PHONE + "@"}),
        client.get("/v1/cases", headers=latin({**headers, "User-Agent": EVERYTHING, "X-Other": EVERYTHING})),
        client.request("GET", "/v1/cases", headers=headers, content=EVERYTHING.encode()),
        client.request(f"X{PHONE}", "/v1/cases", headers=headers),
    ]
    names = ("status", "region", "as_of", "after", "limit", "order", "min_position", "risk", "body", "other")
    answers += [client.get(f"/v1/cases?{name}={coded}", headers=headers) for name in names]
    return answers + commands_with_marks(served, headers)


def commands_with_marks(served: Served, headers: dict[str, str]) -> list[httpx.Response]:
    path, coded = "/v1/referrals/SD202603103403020000010-01/decline", quote(EVERYTHING)
    sent = {**headers, "Content-Type": "application/json", "Idempotency-Key": "k-privacy"}
    bodies: list[Any] = [
        {"reason": EVERYTHING},
        {"reason": "OTHER", "text": EVERYTHING},
        {"reason": "OTHER", NAME: NUMBER},
        {"reason": [NAME]},
        {"reason": "OTHER", "answered_at": NUMBER},
        EVERYTHING,
    ]
    answers = [served.client.post(path, headers=sent, content=msgspec.json.encode(body)) for body in bodies]
    answers += [
        served.client.post(path, headers=sent, content=EVERYTHING.encode()),
        served.client.post(f"/v1/referrals/{coded}/accept", headers=sent, content=b"{}"),
        served.client.post(path, headers={**sent, "If-Match": PHONE}, content=b'{"reason": "OTHER"}'),
        served.client.post(path, headers=latin({**sent, "Idempotency-Key": NAME}), content=b'{"reason": "OTHER"}'),
        served.client.post(
            "/v1/links/confirm",
            headers={**sent, **served.headers("mediation-centre")},
            content=msgspec.json.encode({"case": PHONE, "a": f"court:{NAME}", "b": f"court:{NUMBER}"}),
        ),
    ]
    return answers


def test_no_log_no_error_and_no_figure_holds_a_personal_value(
    served: Served, file_no: Numbering, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        answers = told_everywhere(served, file_no)
        served.hub.catch_up()
        headers = served.headers("peoples-mediation", "handle")
        case = served.client.get("/v1/cases?order=newest&limit=1", headers=headers).json()["items"][0]["case_id"]
        answers += [
            served.client.get(f"/v1/cases/{case}{path}", headers=headers) for path in ("", "/timeline", "/parties")
        ]
        answers.append(served.client.get("/metrics"))
    assert len(answers) > 40
    assert {answer.status_code for answer in answers} >= {200, 201, 400, 401, 403, 404, 405, 415, 422}
    assert all(answer.status_code != 500 for answer in answers), [a.text for a in answers if a.status_code == 500]
    for answer in answers:
        told = answer.text + repr(answer.headers)
        assert not [mark for mark in MARKS if mark in told or quote(mark) in told], (str(answer.url), answer.text)
    # The client logs in this process too and is no part of the hub; the server's access log is off, and pytest alone listens to it.
    assert not logging.getLogger("uvicorn.access").propagate
    others = ("httpx", "httpcore", "uvicorn.access")
    own = [record for record in caplog.records if not record.name.startswith(others)]
    assert any(record.name == "santiao.api.observing" for record in own)
    for record in own:
        told = record.getMessage() + repr(vars(record))
        assert not [mark for mark in MARKS if mark in told or quote(mark) in told], told
