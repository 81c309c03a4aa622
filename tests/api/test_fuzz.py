"""Whatever is sent, the answer is one of those described: no handler raises, and every error has its form."""

from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from santiao.api.commands import ROWS
from tests.api.conftest import Served
from tests.api.deliveries import BATCH, EVENT, registered

SLOW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
DATA_FIELDS = [*registered("x")["data"], "place", "amount", "origin", "committee"]


def check(answer: httpx.Response) -> None:
    assert answer.status_code != 429, "the test hurries the hub and tries nothing"
    assert answer.status_code < 500 or answer.json()["code"] == "position.not_reached", answer.text
    if answer.status_code >= 400:
        told = answer.json()
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert told["status"] == answer.status_code
        assert told["code"]


def encode(value: Any) -> bytes:
    """JSON, with what is none of it told as null."""
    return msgspec.json.encode(value)


@SLOW
@given(
    event=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("specversion", "id", "source", "type", "time", "data", "x"), JSON)
    )
)
def test_any_event(served: Served, event: dict[str, Any]) -> None:
    whole = {**registered("治淮路街道人调〔2026〕第900号"), **event}
    check(served.send("peoples-mediation", encode(whole), EVENT))
    check(served.send("peoples-mediation", encode([whole, event]), BATCH))


@SLOW
@given(data=st.dictionaries(st.sampled_from(DATA_FIELDS), JSON, max_size=5))
def test_any_data(served: Served, data: dict[str, Any]) -> None:
    check(served.send("peoples-mediation", encode(registered("治淮路街道人调〔2026〕第901号", **data)), EVENT))


@SLOW
@given(
    body=st.binary(max_size=200),
    content_type=st.sampled_from([EVENT, BATCH, "application/json", "text/csv", "x/y", ""]),
)
def test_any_bytes(served: Served, body: bytes, content_type: str) -> None:
    check(served.send("peoples-mediation", body, content_type))


@pytest.fixture(scope="module")
def case_no(served: Served) -> str:
    """A case whose referral is out."""
    served.send("peoples-mediation", registered("治淮路街道人调〔2026〕第902号"), EVENT)
    items = served.get("/v1/cases?order=newest&limit=1", "mediation-centre", "dispatch").json()["items"]
    name = str(items[0]["case_no"])
    for action, body in (
        ("request-consent", {}),
        ("record-consent", {"side": "applicant", "given": True}),
        ("record-consent", {"side": "respondent", "given": True}),
        ("refer", {}),
    ):
        served.command(f"/v1/cases/{name}/{action}", "mediation-centre", f"{action}-{body.get('side')}", body)
    return name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.kind.__name__)
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_command(served: Served, case_no: str, row: Any, data: st.DataObject) -> None:
    names = [name for name in row.kind.__struct_fields__ if name != "seen"]
    plausible = st.sampled_from(
        ["applicant", "OTHER", "2026-03-10", "2026-03-10T10:00:00+08:00", "lzh-pmc", "", "O10", True, 3, []]
    )
    body = data.draw(st.dictionaries(st.sampled_from(names), plausible | JSON, max_size=len(names)))
    path = row.path.replace("{id}", f"{case_no}-01" if "referrals" in row.path else case_no)
    key = f"fuzz-{data.draw(st.integers(0, 10**9))}"
    check(served.command(path, "mediation-centre", key, msgspec.Raw(encode(body)), actor="supervisor"))


QUERY = st.text(max_size=12) | st.sampled_from(
    ["-1", "0", "999999999999999999999", "2026-02-30", "9999-12-31", "NaN", "%00"]
)
PARAMETERS = [
    "status",
    "region",
    "as_of",
    "after",
    "limit",
    "order",
    "min_position",
    "body",
    "all",
    "first",
    "last",
    "by",
    "case",
    "since",
]


@SLOW
@given(
    path=st.sampled_from(
        ["/v1/cases", "/v1/referrals", "/v1/links", "/v1/feed", "/v1/statistics", "/v1/disclosures", "/v1/quarantine"]
    ),
    query=st.dictionaries(st.sampled_from(PARAMETERS), QUERY, max_size=3),
)
def test_any_query(served: Served, path: str, query: dict[str, str]) -> None:
    query = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    purpose = {"/v1/statistics": "statistics", "/v1/disclosures": "audit"}.get(path, "dispatch")
    actor = "operator" if path == "/v1/quarantine" else "auditor"
    headers = served.headers("mediation-centre", purpose, actor=actor)
    check(served.client.get(path, params=query, headers=headers))


@SLOW
@given(name=st.text(min_size=1, max_size=30).filter(lambda text: text not in (".", "..")))
def test_any_name(served: Served, name: str) -> None:
    from urllib.parse import quote  # noqa: PLC0415 (used here alone)

    coded = quote(name.encode("utf-8", "replace"), safe="")
    headers = served.headers("mediation-centre", "dispatch")
    for path in (f"/v1/cases/{coded}", f"/v1/cases/{coded}/timeline"):
        check(served.client.get(path, headers=headers))
    check(
        served.client.post(f"/v1/referrals/{coded}/accept", headers={**headers, "Idempotency-Key": "x"}, content=b"{}")
    )
