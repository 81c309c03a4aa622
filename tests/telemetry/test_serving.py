"""The embedded hub being served tells of itself on its own port: its routes by pattern, its work, and what is stuck in it."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
import yaml

from santiao.bootstrap.api import build_api
from santiao.bootstrap.hub import Hub
from santiao.bootstrap.serving import build_application, build_runtime, standing_of
from santiao.bootstrap.telemetry import Telemetry
from santiao.connectors.transports.polling import FeedHealth
from santiao.settings import Settings
from santiao.telemetry.figures import Figures
from santiao.telemetry.logs import JsonLines
from santiao.telemetry.standing import Part, Stuck
from tests.api.conftest import serving
from tests.deploy.promises import DEPLOY
from tests.stories.telling import Story
from tests.stories.test_one_quarrel import POLICE, referred

EMBEDDED = Settings(sources={"police-110": "sqlite:////nowhere/there.db"})


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    figures = Figures(role="serve")
    settings = msgspec.structs.replace(EMBEDDED, home=tmp_path, clock="follow")
    told = Story(tmp_path, hub=Hub(settings, observer=figures))
    yield told
    told.hub.close()


def ask(story: Story, *paths: str) -> str:
    """Ask the served hub for these, then for its figures."""
    figures = story.hub.engine.observer
    assert isinstance(figures, Figures)
    runtime = build_runtime(story.hub, story.hub.settings)
    telemetry = Telemetry(figures=figures, observer=figures, tracing=None)
    with serving(build_application(story.hub, runtime, lambda: False, telemetry)) as address:
        for path in paths:
            httpx.get(f"{address}{path}")
        return httpx.get(f"{address}/metrics").text


def test_routes_are_told_by_pattern_wherever_they_are_mounted(story: Story) -> None:
    text = ask(
        story, "/console/login", "/console/cases/樊标记", "/console/static/base.css", "/v1/cases/樊标记", "/樊标记"
    )
    for route in ("/console/login", "/console/cases/{name}", "/console/static", "/v1/cases/{id}", "(no route)"):
        assert f'route="{route}"' in text, route
    assert "樊" not in text


def test_the_alert_on_slow_answers_leaves_out_what_is_meant_to_last(story: Story) -> None:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"]
    rule = next(rule for group in groups for rule in group["rules"] if rule["alert"] == "SantiaoRequestsSlow")
    assert "/console/worklist/events" in rule["expr"]
    assert 'route="/console/worklist/events"' in ask(story, "/console/worklist/events")


def test_its_work_is_told(story: Story) -> None:
    referred(story)
    story.hub.catch_up()
    story.hub.courier.deliver_due()
    story.let_time_pass("2026-03-20")
    text = ask(story)
    for line in (
        'santiao_intake_items_total{connector="police-110",state="accepted"} 1.0',
        "santiao_batch_seconds_count 1.0",
        "santiao_commit_seconds_count 1.0",
        'santiao_commands_total{kind="SendReferral"} 1.0',
        'santiao_folded_events_total{view="case_overview"}',
        'santiao_feedback_rows_total{agency="police-110",outcome="delivered"} 1.0',
        'santiao_outbox{state="due"}',
        'santiao_dead_letters{kind="record"} 0.0',
    ):
        assert line in text, line
    assert "santiao_timers_fired_total 0.0" not in text
    assert POLICE not in text


def test_what_is_stuck_is_named_with_its_reason(story: Story) -> None:
    runtime = build_runtime(story.hub, story.hub.settings)
    story.hub.projector.stalled["timeline"] = "KeyError"
    runtime.pollers[0].health = FeedHealth(failures=3, reason="source.timeout")
    stuck = standing_of(runtime).stuck
    assert Stuck(Part.VIEW, "timeline", "KeyError") in stuck
    assert Stuck(Part.CONNECTOR, "police-110", "source.timeout") in stuck


def test_a_requests_log_lines_carry_what_its_problem_names(story: Story) -> None:
    """So that what a caller reads aloud finds the line."""
    stream, own = io.StringIO(), logging.getLogger("santiao")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    before = own.level
    own.addHandler(handler)
    own.setLevel("INFO")
    try:
        with serving(build_api(story.hub)) as address:
            problem = httpx.get(f"{address}/v1/cases/x").json()
    finally:
        own.removeHandler(handler)
        own.setLevel(before)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    (answered,) = [line for line in lines if line["message"] == "a request was answered"]
    assert problem["instance"].endswith(answered["request"])
    assert (answered["route"], answered["status"]) == ("/v1/cases/{id}", problem["status"])
