"""Every alert fires on what it is for and keeps silent on what looks like it; every one is explained, and nothing else is."""

import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.architecture.sources import ROOT
from tests.deploy.promises import DEPLOY

RULES_FILE = DEPLOY / "prometheus" / "alerts.yaml"
RULES = {rule["alert"]: rule for group in yaml.safe_load(RULES_FILE.read_text())["groups"] for rule in group["rules"]}
PAGE = (ROOT / "docs" / "alerts.md").read_text()
Series = dict[str, str]
JOB = 'job="santiao",instance="a"'


class Case(NamedTuple):
    """Series that make an alert fire at `at`, and series that leave it silent; a sample every `step`, in Prometheus' notation."""

    fires: Series
    silent: Series
    at: str = "2h"
    step: str = "1m"


def buckets(metric: str, quick: str, slow: str) -> Series:
    """A histogram whose answers are quick or slow, as increments a minute."""
    steps = {"0.01": quick, "5.0": slow, "+Inf": slow}
    return {f'{metric}_bucket{{le="{bound}"}}': f"0+{step}x200" for bound, step in steps.items()}


CASES: dict[str, Case] = {
    "SantiaoDown": Case({f"up{{{JOB}}}": "0x200"}, {f"up{{{JOB}}}": "1x200"}),
    "SantiaoStoreUnreachable": Case({"santiao_store_up": "0x200"}, {"santiao_store_up": "1x200"}),
    "SantiaoStuck": Case(
        {'santiao_stuck{part="partition",name="santiao.records/3",reason="offset.conflict"}': "1x200"},
        {'santiao_stuck{part="connector",name="court",reason="source.timeout"}': "1x200"},
    ),
    "SantiaoRestarts": Case(
        {f"process_start_time_seconds{{{JOB}}}": "1x75 2x9 3x9 4x9 5x20"},
        {f"process_start_time_seconds{{{JOB}}}": "1x200"},
    ),
    "SantiaoMemory": Case(
        {f"process_resident_memory_bytes{{{JOB}}}": "2000000000x200"},
        {f"process_resident_memory_bytes{{{JOB}}}": "1000000000x200"},
    ),
    "SantiaoPartitionLag": Case(
        {'santiao_partition_lag_records{topic="t",partition="1"}': "20000+10x200"},
        {'santiao_partition_lag_records{topic="t",partition="1"}': "90000-100x200"},
    ),
    "SantiaoCommitSlow": Case(buckets("santiao_commit_seconds", "0", "9"), buckets("santiao_commit_seconds", "9", "9")),
    "SantiaoQuarantineShare": Case(
        {
            'santiao_items_total{connector="court",fate="quarantined"}': "0+1x200",
            'santiao_items_total{connector="court",fate="received"}': "0+10x200",
        },
        {
            'santiao_items_total{connector="court",fate="quarantined"}': "0+1x200",
            'santiao_items_total{connector="court",fate="received"}': "0+100x200",
        },
    ),
    "SantiaoFeedFailing": Case(
        {'santiao_stuck{part="connector",name="court",reason="source.timeout"}': "1x200"},
        {'santiao_stuck{part="connector",name="court",reason="source.timeout"}': "1x20 _x90 1x20"},
    ),
    "SantiaoFeedSilent": Case(
        {'santiao_feed_news_seconds{connector="court"}': "300000x200"},
        {'santiao_feed_news_seconds{connector="court"}': "200000x200"},
    ),
    "SantiaoWalGrows": Case({"santiao_wal_bytes": "600000000x200"}, {"santiao_wal_bytes": "60000000x200"}),
    "SantiaoTimersLate": Case({"santiao_timers_late_seconds": "1000x200"}, {"santiao_timers_late_seconds": "60x200"}),
    "SantiaoTimersRaising": Case({"santiao_timers_raising": "1x200"}, {"santiao_timers_raising": "0x200"}),
    "SantiaoDeadLetters": Case(
        {'santiao_dead_letters{kind="record"}': "2x200"}, {'santiao_dead_letters{kind="record"}': "0x200"}
    ),
    "SantiaoViewLag": Case(
        {'santiao_view_lag_events{view="timeline"}': "9000x200"}, {'santiao_view_lag_events{view="timeline"}': "90x200"}
    ),
    "SantiaoRelayLag": Case(
        {'santiao_relay_lag_events{shard="3403"}': "9000x200"}, {'santiao_relay_lag_events{shard="3403"}': "90x200"}
    ),
    "SantiaoFeedbackStands": Case(
        {
            'santiao_outbox{state="due"}': "3x300",
            'santiao_feedback_rows_total{agency="court",outcome="delivered"}': "5x300",
        },
        {
            'santiao_outbox{state="due"}': "3x300",
            'santiao_feedback_rows_total{agency="court",outcome="delivered"}': "5+1x300",
        },
        "4h",
    ),
    "SantiaoRequestsFail": Case(
        {
            'santiao_request_seconds_count{status="500"}': "0+1x200",
            'santiao_request_seconds_count{status="200"}': "0+50x200",
        },
        {
            'santiao_request_seconds_count{status="404"}': "0+1x200",
            'santiao_request_seconds_count{status="200"}': "0+50x200",
        },
    ),
    "SantiaoRequestsSlow": Case(
        {
            'santiao_request_seconds_bucket{route="/v1/cases",le="1.0"}': "0+1x200",
            'santiao_request_seconds_bucket{route="/v1/cases",le="10.0"}': "0+2x200",
            'santiao_request_seconds_bucket{route="/v1/cases",le="+Inf"}': "0+2x200",
        },
        {
            'santiao_request_seconds_bucket{route="/metrics",le="1.0"}': "0+1x200",
            'santiao_request_seconds_bucket{route="/metrics",le="10.0"}': "0+2x200",
            'santiao_request_seconds_bucket{route="/metrics",le="+Inf"}': "0+2x200",
        },
    ),
    "SantiaoDisclosuresUnusual": Case(
        {"santiao_disclosed_rows_total": "0+10x900 9000+1000x20"},
        {"santiao_disclosed_rows_total": "0+100x900 90000+200x20"},
        "9120m",
        "10m",
    ),
}


def judge(alert: str, *, fires: bool) -> dict[str, Any]:
    """A test as promtool reads it: whether the alert fires then."""
    case = CASES[alert]
    series = case.fires if fires else case.silent
    count = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})'
    return {
        "name": f"{alert} {'fires' if fires else 'keeps silent'}",
        "interval": case.step,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {"expr": count, "eval_time": case.at, "exp_samples": [{"labels": "{}", "value": 1}] if fires else []}
        ],
    }


def run_promtool(promtool: str, folder: Path, tests: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
    path = folder / "alerts_test.yaml"
    path.write_text(yaml.safe_dump({"rule_files": [str(RULES_FILE)], "evaluation_interval": "10m", "tests": tests}))
    return subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False)


def test_every_alert_has_its_cases() -> None:
    assert set(CASES) == set(RULES)


def test_every_alert_fires_and_keeps_silent(promtool: str, tmp_path: Path) -> None:
    tests = [judge(alert, fires=fires) for alert in CASES for fires in (True, False)]
    done = run_promtool(promtool, tmp_path, tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_would_say_no(promtool: str, tmp_path: Path) -> None:
    wrong = judge("SantiaoDown", fires=False)
    wrong["promql_expr_test"] = judge("SantiaoDown", fires=True)["promql_expr_test"]
    assert run_promtool(promtool, tmp_path, [wrong]).returncode != 0


def test_every_alert_is_explained_and_leads_there() -> None:
    told = re.findall(r"^### (Santiao\w+)$", PAGE, re.MULTILINE)
    assert sorted(told) == sorted(RULES)
    for alert, rule in RULES.items():
        assert rule["annotations"]["runbook"] == f"docs/alerts.md#{alert.lower()}"
        assert rule["labels"]["severity"] in ("critical", "warning"), alert


def test_every_entry_says_what_it_means_and_what_to_do() -> None:
    entries = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
    for entry in entries:
        name, _, text = entry.partition("\n")
        assert "**Means.**" in text, name
        assert "**Do.**" in text, name
