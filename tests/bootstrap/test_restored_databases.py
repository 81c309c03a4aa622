"""A PostgreSQL that was restored by its own means: erasures of after the backup are done again before anybody is served."""

import json
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from santiao.bootstrap import Hub, settle_restored_home
from santiao.cli import app
from santiao.settings import Settings
from santiao.store import erasure_ledger
from tests.runtimes.test_erasing import readable_names
from tests.services.postgres import PostgresServer
from tests.stories.telling import LI, WANG, ZHANG, Story

POLICE = "20260302340302000187"


@pytest.mark.parametrize("ledger", ["in the home", "kept elsewhere"])
def test_what_was_erased_after_the_backup_stays_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer, ledger: str
) -> None:
    home, store, keys = tmp_path / "home", postgres.create(), postgres.create()
    settings = Settings(home=home, store_url=store, keys_url=keys, clock="follow")
    story = Story(home, settings=settings)
    story.report("police-110", POLICE, on="2026-03-02")
    story.report("court", "8a8182f59e370001", on="2026-03-05", by=WANG, against=LI)
    story.hub.catch_up()
    story.hub.close()
    # Another database with what one holds now is what a restored backup is.
    backups = [postgres.create(str(make_url(url).database)) for url in (store, keys)]
    restored = dict(zip(("STORE_URL", "KEYS_URL"), backups, strict=True))

    hub = Hub(settings)
    hub.erasing.erase(number=ZHANG[1], reason="申请 2026-01")
    assert "张三" not in readable_names(hub)
    hub.close()
    kept = tmp_path / "kept.jsonl"
    if ledger == "kept elsewhere":
        (home / erasure_ledger.FILE_NAME).rename(kept)

    again = Settings(home=home, store_url=restored["STORE_URL"], keys_url=restored["KEYS_URL"], clock="follow")
    hub = Hub(again)
    assert "张三" in readable_names(hub), "the restored keys read again what was erased since"
    hub.close()
    for name, value in {**restored, "HOME": str(home), "CLOCK": "follow"}.items():
        monkeypatch.setenv(f"SANTIAO_{name}", value)
    report = settle_restored_home(ledger=kept if ledger == "kept elsewhere" else None)
    assert report.erasures == 1
    hub = Hub(again)
    assert readable_names(hub) == ["李四", "李四", "王五"]
    assert all(each.agrees for each in hub.projector.verify())
    hub.close()


def test_migrate_makes_what_is_missing_and_says_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer
) -> None:
    for name, value in {"HOME": str(tmp_path / "home"), "STORE_URL": postgres.create()}.items():
        monkeypatch.setenv(f"SANTIAO_{name}", value)
    told = [CliRunner().invoke(app, ["migrate", "--json"]) for _ in range(2)]
    assert [each.exit_code for each in told] == [0, 0], told[0].output
    first, second = (json.loads(each.stdout) for each in told)
    assert first == second
    assert first["views"] > 5


@pytest.mark.parametrize("words", [["restore"], ["restore", "somewhere", "--databases"]])
def test_a_restore_is_of_files_or_of_databases(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2
