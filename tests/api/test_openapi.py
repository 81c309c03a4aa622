"""The description: complete, without dangling references, shown by a page that needs nothing from anywhere else."""

import re
from collections.abc import Iterator
from typing import Any

from santiao.api.commands import ROWS
from santiao.pool.access import COMMANDS
from tests.api.conftest import Numbering, Served
from tests.api.deliveries import EVENT, registered


def description(served: Served) -> dict[str, Any]:
    told: dict[str, Any] = served.client.get("/v1/openapi.json").json()
    return told


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_address_of_the_contract_is_described(served: Served) -> None:
    paths = description(served)["paths"]
    for path in (
        "/v1/records/{connector}",
        "/v1/hooks/{connector}",
        "/v1/cases",
        "/v1/cases/{id}",
        "/v1/cases/{id}/timeline",
        "/v1/referrals",
        "/v1/referrals/{id}/accept",
        "/v1/referrals/{id}/decline",
        "/v1/referrals/{id}/return",
        "/v1/referrals/{id}/forward",
        "/v1/feed",
        "/v1/statistics",
        "/health/live",
        "/health/ready",
        "/metrics",
    ):
        assert path in paths, path


def test_every_command_has_an_address() -> None:
    assert {row.kind for row in ROWS} == set(COMMANDS.values())


def test_every_reference_leads_somewhere(served: Served) -> None:
    told = description(served)
    schemas = told["components"]["schemas"]
    dangling = {each for each in references(told) if each.rpartition("/")[2] not in schemas}
    assert not dangling


def test_every_operation_says_what_it_does_and_how_it_fails(served: Served) -> None:
    for path, operations in description(served)["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            if path.startswith("/v1/") and "hooks" not in path:
                problems = [each for each in operation["responses"] if each not in ("200", "201")]
                assert "401" in problems, path
                assert operation["security"] == [{"key": []}], path


def test_a_command_describes_its_body(served: Served) -> None:
    schema = description(served)["paths"]["/v1/referrals/{id}/decline"]["post"]["requestBody"]["content"]
    told = schema["application/json"]["schema"]
    assert set(told["properties"]) == {"reason", "text", "answered_at"}
    assert told["required"] == ["reason"]
    links = description(served)["paths"]["/v1/links/dissolve"]["post"]["requestBody"]["content"]
    assert set(links["application/json"]["schema"]["properties"]) == {"case", "a", "b", "reason"}


def test_answers_hold_what_is_described(served: Served, file_no: Numbering) -> None:
    served.send("peoples-mediation", registered(file_no()), EVENT)
    told = description(served)
    schemas = told["components"]["schemas"]
    item = served.get("/v1/cases", "peoples-mediation").json()["items"][0]
    assert set(item) == set(schemas["CaseItem"]["properties"])
    one = served.get(f"/v1/cases/{item['case_id']}", "peoples-mediation").json()
    assert set(schemas["CaseAnswer"]["required"]) <= set(one)
    event = served.get(f"/v1/cases/{item['case_id']}/timeline", "peoples-mediation").json()["items"][0]
    assert set(event) == set(schemas["TimelineAnswer"]["properties"])


def test_the_page_loads_nothing_from_elsewhere(served: Served) -> None:
    answer = served.client.get("/v1/docs")
    assert answer.status_code == 200
    assert not re.search(r"(?:src|href)=\"(?!openapi\.json)", answer.text)
    assert "http" not in answer.text.replace("http-equiv", "")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
