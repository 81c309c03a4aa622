"""Health and figures: what is not ready is named, and no figure tells of anybody."""

from collections.abc import Sequence

import httpx

from santiao.api.services import NotReady
from santiao.bootstrap.api import build_api
from tests.api.conftest import Numbering, Served, serving
from tests.api.deliveries import EVENT, registered


def test_the_process_lives(served: Served) -> None:
    assert served.client.get("/health/live").json() == {"status": "live"}


def test_ready_means_nothing_is_missing(served: Served) -> None:
    answer = served.client.get("/health/ready")
    assert (answer.status_code, answer.json()["not_ready"]) == (200, [])


def test_what_is_not_ready_is_named_with_its_cause(served: Served) -> None:
    def missing() -> Sequence[NotReady]:
        return (NotReady(name="connectors.court", why="the service does not answer", why_zh="服务无应答"),)

    with serving(build_api(served.hub, missing)) as address:
        answer = httpx.get(f"{address}/health/ready")
    assert answer.status_code == 503
    assert answer.json()["not_ready"] == [
        {"name": "connectors.court", "why": "the service does not answer", "why_zh": "服务无应答"}
    ]


def test_a_store_that_is_gone_is_named(fresh: Served) -> None:
    home = fresh.hub.settings.home
    fresh.hub.database.dispose()
    (home / "santiao.db").rename(home / "away.db")
    (home / "santiao.db").mkdir()
    answer = fresh.client.get("/health/ready")
    assert (answer.status_code, answer.json()["not_ready"][0]["name"]) == (503, "store")
    assert str(home) not in answer.text
    assert "santiao_store_up 0.0" in fresh.client.get("/metrics").text
    assert fresh.client.get("/health/live").status_code == 200


def test_figures_tell_intake_log_views_timers_and_requests(served: Served, file_no: Numbering) -> None:
    served.send("peoples-mediation", registered(file_no()), EVENT)
    text = served.client.get("/metrics").text
    for figure in (
        'santiao_items_total{connector="peoples-mediation",fate="accepted"}',
        'santiao_events_total{shard="3403"}',
        'santiao_view_lag_events{view="case_overview"}',
        "santiao_timers_due",
        "santiao_timers ",
        "santiao_wal_bytes",
        "santiao_parked_records",
        "santiao_store_up 1.0",
        'santiao_request_seconds_count{method="POST",route="/v1/records/{connector}",status="201"}',
    ):
        assert figure in text, figure
    served.hub.catch_up()
    assert 'santiao_view_lag_events{view="case_overview"} 0.0' in served.client.get("/metrics").text
