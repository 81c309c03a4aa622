"""The partners' and auditors' pages say what is true: every example is run against a real hub, every code and address is listed."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from santiao.api.commands import ADDED, ROWS
from santiao.pool.access import Resource
from tests.api.conftest import HOOK_SECRET, Served, served_hub
from tests.architecture.sources import ROOT

PROTOCOL, GUIDE = ROOT / "docs" / "partner-protocol.md", ROOT / "docs" / "auditors-guide.md"
EXAMPLE = re.compile(r"```sh\n(.*?)```\n\nAnswer: `(\d+)`", re.DOTALL)
CENTRE, COMMITTEE = "mediation-centre", "peoples-mediation"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANTIAO_SECRET_HOTLINE_12345", HOOK_SECRET)
        with served_hub(tmp_path_factory.mktemp("home")) as found:
            yield found


def run(script: str, folder: Path, environment: dict[str, str]) -> tuple[str, str]:
    """Run an example as a partner would; the status and the body of its answer."""
    told = script.replace("curl -sS", "curl -sS -o body -w '%{http_code}'")
    done = subprocess.run(
        ["bash", "-euc", told], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout, (folder / "body").read_text(encoding="utf-8")


def refer_first(hub: Served) -> tuple[str, str]:
    """The committee's first case and its referral."""
    items = hub.get("/v1/cases?agency=peoples-mediation&limit=1", CENTRE, "dispatch").json()["items"]
    case = items[0]["case_no"]
    steps = [
        ("request-consent", {}),
        *(("record-consent", {"side": s, "given": True}) for s in ("applicant", "respondent")),
    ]
    for number, (action, body) in enumerate([*steps, ("refer", {})]):
        answer = hub.command(f"/v1/cases/{case}/{action}", CENTRE, f"doc-{number}", body)
        assert answer.status_code == 200, answer.text
    hub.hub.catch_up()
    return case, f"{case}-01"


def test_every_example_answers_as_written(hub: Served, tmp_path: Path) -> None:
    environment = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "HUB": str(hub.client.base_url).rstrip("/"),
        "KEY": hub.keys[COMMITTEE],
        "SECRET": HOOK_SECRET,
    }
    examples = EXAMPLE.findall(PROTOCOL.read_text(encoding="utf-8"))
    assert len(examples) >= 12
    for script, expected in examples:
        if "$CASE" in script and "CASE" not in environment:
            environment["CASE"], environment["REFERRAL"] = refer_first(hub)
        told = script
        if "answered_at" in script:
            # The example's day lies before the letter of this test; an answer is never dated before its question by us.
            told = script.replace(', "answered_at": "2026-03-12T09:30:00+08:00"', "")
        status, body = run(told, tmp_path, environment)
        assert status == expected, (script, body)
    hub.hub.catch_up()
    environment |= {"KEY": hub.keys[CENTRE], "AUDITOR": hub.people["auditor"]}
    for script, expected in EXAMPLE.findall(GUIDE.read_text(encoding="utf-8")):
        status, body = run(script, tmp_path, environment)
        assert status == expected, (script, body)
        assert '"subjects"' in body


def test_every_command_is_listed_with_its_fields() -> None:
    page = PROTOCOL.read_text(encoding="utf-8")
    for row in ROWS:
        found = re.search(rf"^\| `{re.escape(row.path)}` \| (.*?) \|", page, re.MULTILINE)
        assert found, row.path
        given = {"case", "referral"} if "referrals" in row.path else {"case"} if "{id}" in row.path else set()
        fields = [field for field in msgspec.structs.fields(row.kind) if field.name not in {*given, *ADDED}]
        told = [f"`{field.name}`\\*" if field.required else f"`{field.name}`" for field in fields]
        assert found[1].split(", ") == (told or ["–"]), row.path


def test_every_code_of_the_api_is_listed() -> None:
    page = PROTOCOL.read_text(encoding="utf-8")
    codes: set[str] = set()
    for path in (ROOT / "services" / "santiao" / "api").glob("*.py"):
        codes |= set(re.findall(r'"([a-z_]+\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    missing = {code for code in codes if f"`{code}`" not in page} - {"docs.html", "session.wrong", "session.too_many"}
    assert not missing


def test_every_kind_of_answer_is_explained() -> None:
    page = PROTOCOL.read_text(encoding="utf-8") + GUIDE.read_text(encoding="utf-8")
    for resource in (
        Resource.CASES,
        Resource.PARTIES,
        Resource.TIMELINE,
        Resource.DEADLINES,
        Resource.REFERRALS,
        Resource.FEED,
    ):
        assert str(resource) in page
