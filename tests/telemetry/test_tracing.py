"""Traces lead from a delivery to the views and to the feedback, cost the log no byte, and hold nobody."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from santiao.bootstrap import Hub
from santiao.bootstrap.api import build_api
from santiao.bootstrap.telemetry import Telemetry, open_telemetry
from santiao.domain.errors import Rejection
from santiao.settings import Settings
from santiao.telemetry.trace_ids import is_kept, read_traceparent, root_span_of, trace_id_of, traceparent_of
from tests.api.conftest import serving
from tests.api.deliveries import EVENT, registered
from tests.stories.telling import LI, ZHANG, Story
from tests.stories.test_one_quarrel import POLICE, referred
from tests.telemetry.collector import Collected, attributes, collecting

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Put the process's logging back, which `open_telemetry` configures."""
    root, own = logging.getLogger(), logging.getLogger("santiao")
    before = root.handlers[:], root.level, own.level
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])


def traced(home: Path, collected: Collected, **more: object) -> Settings:
    return msgspec.convert(
        {"home": str(home), "clock": "follow", "traces": collected.url, "traces_ratio": 1.0, **more},
        Settings,
        strict=False,
        dec_hook=lambda _kind, value: Path(str(value)),
    )


def opened(settings: Settings, telemetry: Telemetry) -> Hub:
    hub = Hub(settings, observer=telemetry.observer)
    telemetry.read_from(hub.engine.log)
    return hub


def test_from_delivery_to_view_and_feedback(tmp_path: Path) -> None:
    with collecting() as collected:
        settings = traced(tmp_path, collected)
        with open_telemetry(settings, "serve") as telemetry:
            story = Story(tmp_path, hub=opened(settings, telemetry))
            referred(story)
            receipt = story.report("police-110", POLICE, on="2026-03-02", stage="reported")
            story.hub.catch_up()
            assert story.hub.courier.deliver_due().delivered
            story.hub.close()
        trace = collected.trace_of(receipt.receipt_id)
    assert {"take", "fold", "feedback"} <= set(trace)
    root = root_span_of(trace_id_of(receipt.receipt_id)).to_bytes(8)
    assert {trace["fold"].parent_span_id, trace["feedback"].parent_span_id} == {root}
    assert "case_overview" in str(attributes(trace["fold"])["santiao.views"])
    assert attributes(trace["feedback"])["santiao.agency"] == "police-110"
    assert attributes(trace["feedback"])["santiao.outcome"] == "delivered"
    (cause,) = trace["feedback"].links
    causes = [span for span in collected.spans() if span.trace_id == cause.trace_id and not span.parent_span_id]
    assert [span.name for span in causes] == ["command"], "what owed the feedback was somebody's command"


def test_a_first_taking_is_the_root_and_a_repeat_stands_below_it(tmp_path: Path) -> None:
    with collecting() as collected:
        settings = traced(tmp_path, collected)
        with open_telemetry(settings, "serve") as telemetry:
            story = Story(tmp_path, hub=opened(settings, telemetry))
            first = story.report("police-110", POLICE, on="2026-03-02")
            again = story.report("police-110", POLICE, on="2026-03-02")
            story.hub.close()
        assert first.receipt_id == again.receipt_id
        wanted = trace_id_of(first.receipt_id).to_bytes(16)
        taken = [span for span in collected.spans() if span.trace_id == wanted and span.name == "take"]
    assert [attributes(span)["santiao.state"] for span in taken] == ["accepted", "repeated"]
    assert [span.parent_span_id for span in taken] == [b"", taken[0].span_id]
    assert all(span.start_time_unix_nano <= span.end_time_unix_nano for span in taken)


def test_a_request_stands_in_its_callers_trace_and_taking_links_to_it(tmp_path: Path) -> None:
    with collecting() as collected:
        settings = traced(tmp_path, collected, clock="system")
        with open_telemetry(settings, "api") as telemetry:
            hub = opened(settings, telemetry)
            hub.registry.add_agency("peoples-mediation", "人民调解")
            key = hub.registry.issue_key("peoples-mediation").key
            with serving(build_api(hub, telemetry=telemetry)) as address:
                answer = httpx.post(
                    f"{address}/v1/records/peoples-mediation",
                    headers={"Authorization": f"Bearer {key}", "Content-Type": EVENT, "traceparent": CALLER},
                    content=msgspec.json.encode(registered("治淮路街道人调〔2026〕第1号")),
                )
                assert answer.status_code == 201
                httpx.get(f"{address}/v1/cases/樊标记", headers={b"traceparent": "00-樊标记".encode()})
            hub.close()
        take = collected.trace_of(answer.json()["receipt_id"])["take"]
        request = next(span for span in collected.spans() if span.name.startswith("POST"))
    assert request.name == "POST /v1/records/{connector}"
    assert [request.trace_id.hex(), request.parent_span_id.hex()] == CALLER.split("-")[1:3]
    assert [(link.trace_id, link.span_id) for link in take.links] == [(request.trace_id, request.span_id)]
    assert "樊标记".encode() not in b"".join(collected.bodies)


def test_traces_hold_nobody(tmp_path: Path) -> None:
    with collecting() as collected:
        settings = traced(tmp_path, collected)
        with open_telemetry(settings, "serve") as telemetry:
            story = Story(tmp_path, hub=opened(settings, telemetry))
            referred(story)
            story.hub.catch_up()
            story.hub.courier.deliver_due()
            case = story.case_of("police-110", POLICE)
            story.hub.close()
        sent = b"".join(collected.bodies)
    assert b"police-110" in sent
    for mark in (*ZHANG, *LI, POLICE, case.id, "治淮路街道", "楼上漏水"):
        assert mark.encode() not in sent, mark


def test_traced_or_not_the_log_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """The same order is told again under the same keys: once watched by nobody, once with every message traced."""
    first, again = tmp_path / "first", tmp_path / "again"
    plain = told_log(Settings(home=first, clock="follow"))
    again.mkdir()
    for name in ("keys.db", "master.key"):
        (again / name).write_bytes((first / name).read_bytes())
    with collecting() as collected:
        watched = told_log(traced(again, collected))
        assert len(collected.spans()) > 3
    assert len(plain) > 3
    assert watched == plain


def told_log(settings: Settings) -> list[tuple[int, bytes]]:
    """The rows of the log after two reports and a look at the views."""
    with open_telemetry(settings, "serve") as telemetry:
        story = Story(settings.home, hub=opened(settings, telemetry))
        story.report("police-110", POLICE, on="2026-03-02")
        story.report("petitions", "340300202603040021", on="2026-03-04", quotes=POLICE)
        story.hub.catch_up()
        with story.hub.database.readable() as connection:
            rows = connection.exec_driver_sql("SELECT id, data FROM events ORDER BY id").all()
        story.hub.close()
    return [(row.id, bytes(row.data)) for row in rows]


def test_off_means_that_nothing_is_loaded(tmp_path: Path) -> None:
    """In a process of its own, because others here have loaded it."""
    program = f"""
import pathlib, sys
from santiao.bootstrap.telemetry import open_telemetry
from santiao.bootstrap.api import build_api
from santiao.bootstrap.hub import Hub
from santiao.settings import Settings
settings = Settings(home=pathlib.Path({str(tmp_path)!r}))
with open_telemetry(settings, "serve") as telemetry:
    hub = Hub(settings, observer=telemetry.observer)
    build_api(hub, telemetry=telemetry)
    hub.close()
ours = ("opentelemetry.sdk", "opentelemetry.exporter", "santiao.telemetry.tr")
print([name for name in sys.modules if name.startswith(ours)])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("ratio", [-0.1, 1.5])
def test_a_share_that_is_none_is_refused(tmp_path: Path, ratio: float) -> None:
    settings = Settings(home=tmp_path, traces="http://127.0.0.1:1", traces_ratio=ratio)
    with pytest.raises(Rejection, match="SANTIAO_TRACES_RATIO"), open_telemetry(settings, "serve"):
        pass


def test_a_collector_that_is_gone_holds_nothing_up(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, clock="follow", traces="http://127.0.0.1:1", traces_ratio=1.0)
    with open_telemetry(settings, "serve") as telemetry:
        story = Story(tmp_path, hub=opened(settings, telemetry))
        assert story.report("police-110", POLICE, on="2026-03-02").receipt_id
        story.hub.close()


def test_the_same_share_everywhere() -> None:
    ids = [trace_id_of(f"{number:032x}") for number in range(4000)]
    kept = [trace_id for trace_id in ids if is_kept(trace_id, 0.25)]
    assert 800 < len(kept) < 1200
    assert set(kept) >= {trace_id for trace_id in ids if is_kept(trace_id, 0.1)}
    assert not any(is_kept(trace_id, 0.0) for trace_id in ids)
    assert all(is_kept(trace_id, 1.0) for trace_id in ids)


def test_a_traceparent_is_the_same_whenever_it_is_asked_for() -> None:
    correlation = bytes(range(16))
    told = traceparent_of(correlation, 1.0)
    assert told == traceparent_of(correlation, 1.0)
    assert read_traceparent(told) == (
        trace_id_of(correlation.hex()),
        root_span_of(trace_id_of(correlation.hex())),
        True,
    )
    assert traceparent_of(correlation, 0.0).endswith("-00")
    for wrong in ("", "00-0-0-01", f"00-{'0' * 32}-{'1' * 16}-01", "樊标记"):
        assert read_traceparent(wrong) is None
