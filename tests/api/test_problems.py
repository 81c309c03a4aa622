"""Every error has one form, whoever found it, and repeats nothing that was sent."""

import io
import logging
from typing import Any

import httpx
import pytest

from santiao.api.app import create_app
from santiao.api.problems import problem_of, status_of
from santiao.bootstrap.api import build_services
from santiao.domain.errors import Conflict, NotFound, Rejection, StoreFailure
from santiao.telemetry.logs import JsonLines
from tests.api.conftest import Served, serving

MEMBERS = {"type", "title", "status", "detail", "detail_zh", "code", "errors"}


def check_form(answer: httpx.Response) -> dict[str, Any]:
    """Every member of a problem, and the status it says."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert set(told) >= MEMBERS
    assert told["status"] == answer.status_code
    assert told["type"].endswith(told["code"])
    assert told["instance"].startswith("urn:santiao:request:")
    assert told["detail"]
    assert any("\u4e00" <= char <= "\u9fff" for char in told["detail_zh"])
    return told


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/case", "/v2/cases", "/v1/cases/a/b/c", "/%E5%BC%A0", "/v1/../etc/passwd"]
)
def test_an_address_that_is_none(served: Served, path: str) -> None:
    told = check_form(served.client.get(path))
    assert told["code"] == "route.unknown"


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/v1/cases"), ("PUT", "/v1/records/court"), ("POST", "/v1/feed")]
)
def test_a_method_that_is_not_taken(served: Served, method: str, path: str) -> None:
    answer = served.client.request(method, path)
    assert check_form(answer)["code"] == "route.method"
    assert answer.headers["Allow"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("case.unknown", "x", "无"), 404),
        (Rejection("case.state", "x", "无"), 409),
        (Rejection("cursor.invalid", "x", "无", "after"), 400),
        (Conflict("case.version", "x", "无"), 412),
        (Conflict("store.conflict", "x", "无"), 409),
        (StoreFailure("store.disk_full", "x", "无"), 503),
    ],
)
def test_each_failure_has_its_status(error: Rejection, status: int) -> None:
    assert status_of(error) == status
    assert (problem_of(error).headers.get("Retry-After") is not None) is (status == 503)


def test_the_stores_own_words_stay_inside() -> None:
    told = problem_of(
        StoreFailure("store.read_only", "the database /secret/path cannot be written", "数据库 /secret/path")
    ).body()
    assert "/secret/path" not in str(told)


def test_a_handler_that_raises_is_one_answer_and_one_line(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(build_services(served.hub))
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())

    @app.get("/v1/broken")
    def broken() -> None:
        raise ValueError("章测试 340398198503151238")

    with serving(app) as address, caplog.at_level("DEBUG"):
        logging.getLogger().addHandler(handler)
        answer = httpx.get(f"{address}/v1/broken")
        logging.getLogger().removeHandler(handler)
    told = check_form(answer)
    assert (answer.status_code, told["code"]) == (500, "internal")
    lines = written.getvalue().splitlines()
    request = told["instance"].rpartition(":")[2]
    assert len([line for line in lines if "ValueError" in line and f'"request":"{request}"' in line]) == 1
    for text in (answer.text, *lines, *(repr(vars(record)) for record in caplog.records)):
        assert "340398198503151238" not in text
        assert "章测试" not in text
