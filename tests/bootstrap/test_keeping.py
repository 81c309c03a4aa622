"""Backup and restore as a drill: what was erased after the backup stays erased, and the restored hub goes on."""

import json
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest

from santiao.bootstrap import Hub
from santiao.bootstrap.keeping import back_up_home, examine_home, restore_home
from santiao.domain.errors import Rejection, StoreFailure
from santiao.runtimes.doctor.finding import Finding, Level
from santiao.settings import Settings
from santiao.store import backup, erasure_ledger
from tests.bootstrap.conftest import POLICE
from tests.runtimes.test_erasing import readable_names
from tests.stories.telling import ZHANG, Story


def open_again(home: Path) -> Hub:
    return Hub(Settings(home=home, clock="follow"))


@pytest.mark.parametrize(
    "cut",
    ["santiao.store.backup._clear", "santiao.hub.erase.Eraser.erase_again", "santiao.hub.refold.Refolder.refold_stale"],
)
def test_a_restore_that_was_cut_short_is_told_and_done_once_more(
    story: Story, home: Path, tmp_path: Path, cut: str
) -> None:
    back_up_home(tmp_path / "backup")
    story.hub.erasing.erase(number=ZHANG[1], reason="申请 2026-01")
    story.hub.close()
    for name in ("santiao.db", "keys.db"):
        (home / name).unlink()
        (home / f"{name}-wal").write_bytes(b"left by a hub that was killed")
    with patch(cut, side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        restore_home(tmp_path / "backup")
    with pytest.raises(StoreFailure, match=r"restore\.unfinished") as told:
        open_again(home)
    for text in (told.value.detail, told.value.detail_zh):
        assert f"santiao restore {tmp_path / 'backup'}" in text
    assert "restore.unfinished" in {finding.what for finding in examine_home()}
    assert restore_home(tmp_path / "backup").erasures == 1
    again = open_again(home)
    assert readable_names(again) == ["李四", "李四", "李四", "王五"]
    again.close()


def test_a_restored_home_is_what_it_was(story: Story, home: Path, tmp_path: Path) -> None:
    before = story.happened(), readable_names(story.hub)
    manifest = back_up_home(tmp_path / "backup")
    assert set(manifest.digests) == {"santiao.db", "keys.db"}
    story.hub.close()
    for name in ("santiao.db", "keys.db"):
        (home / name).unlink()
    report = restore_home(tmp_path / "backup")
    assert (report.erasures, report.shards_folded) == (0, 1)
    again = Story(home)
    assert (again.happened(), readable_names(again.hub)) == before
    assert list(again.hub.refolder.differences()) == []
    assert all(each.agrees for each in again.hub.projector.verify())
    again.report("police-110", POLICE, on="2026-03-09", version=4, says="又漏水了。")
    again.hub.close()


@pytest.mark.parametrize("where", ["in the home", "in the backup", "kept elsewhere"])
def test_what_was_erased_after_the_backup_stays_erased(
    story: Story, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Whichever copy of the ledger survives."""
    back_up_home(tmp_path / "backup")
    story.hub.erasing.erase(number=ZHANG[1], reason="申请 2026-01")
    assert "张三" not in readable_names(story.hub)
    story.hub.close()
    kept = tmp_path / "kept.jsonl"
    shutil.copyfile(home / erasure_ledger.FILE_NAME, kept)
    if where != "in the backup":
        (tmp_path / "backup" / erasure_ledger.FILE_NAME).unlink()
    if where == "in the home":
        for name in ("santiao.db", "keys.db"):
            (home / name).unlink()
    else:
        monkeypatch.setenv("SANTIAO_HOME", str(tmp_path / "new"))
        home = tmp_path / "new"
    report = restore_home(tmp_path / "backup", ledger=kept if where == "kept elsewhere" else None)
    assert report.erasures == 1
    again = open_again(home)
    assert readable_names(again) == ["李四", "李四", "李四", "王五"]
    with again.database.readable() as connection:
        told = [type(event).__name__ for _, event in again.engine.log.stream(connection, 3403)]
    assert told.count("SubjectErased") == 1
    assert all(each.agrees for each in again.projector.verify())
    assert all(finding.is_good for finding in examine_home())
    again.close()
    assert (home / "master.key").read_bytes()


def test_an_erasure_before_the_backup_is_done_again_with_old_keys(story: Story, home: Path, tmp_path: Path) -> None:
    """Somebody puts older keys beside a newer log: the erasures in the log are applied to them."""
    with closing(sqlite3.connect(home / "keys.db")) as old, closing(sqlite3.connect(tmp_path / "old.db")) as kept:
        old.backup(kept)
    story.hub.erasing.erase(number=ZHANG[1], reason="申请")
    folder = tmp_path / "backup"
    back_up_home(folder)
    shutil.copyfile(tmp_path / "old.db", folder / "keys.db")
    changed = json.loads((folder / backup.MANIFEST).read_text(encoding="utf-8"))
    changed["digests"]["keys.db"] = backup._digest(folder / "keys.db")
    (folder / backup.MANIFEST).write_text(json.dumps(changed), encoding="utf-8")
    story.hub.close()
    for name in ("santiao.db", "keys.db", erasure_ledger.FILE_NAME):
        (home / name).unlink()
    restore_home(folder)
    again = open_again(home)
    assert "张三" not in readable_names(again)
    again.close()


def test_a_backup_is_consistent_while_records_come_in(story: Story, home: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def go_on() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            story.report(
                "police-110",
                f"2026030234030201{number:04d}",
                on="2026-03-06",
                by=(f"赵{number}", f"34039819650505{number:04d}"),
            )

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        folders = [tmp_path / f"backup-{number}" for number in range(3)]
        for folder in folders:
            back_up_home(folder)
    finally:
        stop.set()
        writer.join()
    story.hub.close()
    for folder in folders:
        for name in ("santiao.db", "keys.db"):
            (home / name).unlink(missing_ok=True)
            for suffix in ("-wal", "-shm"):
                (home / (name + suffix)).unlink(missing_ok=True)
        restore_home(folder)
        again = open_again(home)
        names = readable_names(again)
        with again.database.readable() as connection:
            reported = [
                event
                for _, event in again.engine.log.stream(connection, 3403)
                if type(event).__name__ == "SourceReported"
            ]
        assert len(names) == 2 * len(reported), "every event of the backup has its keys"
        again.close()


@pytest.mark.parametrize("damage", ["manifest.json", "santiao.db", "keys.db"])
def test_a_backup_that_is_incomplete_or_changed_is_refused(
    story: Story, home: Path, tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "backup"
    back_up_home(folder)
    (folder / damage).write_bytes((folder / damage).read_bytes()[:-7] + b"changed")
    story.hub.close()
    (home / "santiao.db").unlink()
    (home / "keys.db").unlink()
    with pytest.raises(StoreFailure, match="restore"):
        restore_home(folder)
    assert not (home / "santiao.db").exists()


def test_a_home_that_has_a_store_and_a_folder_that_is_not_empty_are_refused(
    story: Story, home: Path, tmp_path: Path
) -> None:
    back_up_home(tmp_path / "backup")
    with pytest.raises(Rejection, match=r"restore\.occupied"):
        restore_home(tmp_path / "backup")
    with pytest.raises(Rejection, match=r"backup\.not_empty"):
        back_up_home(tmp_path / "backup")


def test_without_the_master_key_nothing_is_restored_and_nothing_is_made_anew(
    story: Story, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up_home(tmp_path / "backup")
    story.hub.close()
    key = (home / "master.key").read_bytes()
    shutil.rmtree(home)
    with pytest.raises(StoreFailure, match=r"restore\.master_key"):
        restore_home(tmp_path / "backup")
    assert not (home / "santiao.db").exists()
    home.mkdir(exist_ok=True)
    (home / "master.key").write_bytes(key)
    restore_home(tmp_path / "backup")
    again = open_again(home)
    assert readable_names(again).count("张三") == 2
    again.close()


def test_a_lost_or_wrong_master_key_is_told_and_never_replaced(story: Story, home: Path) -> None:
    story.hub.close()
    key = home / "master.key"
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(StoreFailure, match=r"keys\.master"):
        open_again(home)
    assert not key.exists()
    key.write_bytes(bytes(32))
    with pytest.raises(StoreFailure, match=r"keys\.wrong_master"):
        open_again(home)
    key.write_bytes(kept)
    open_again(home).close()


def test_a_backup_with_the_key_can_be_read_by_itself(
    story: Story, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = back_up_home(tmp_path / "backup", with_key=True)
    assert backup.MASTER_KEY in manifest.digests
    story.hub.close()
    shutil.rmtree(home)
    restore_home(tmp_path / "backup")
    again = open_again(home)
    assert readable_names(again).count("张三") == 2
    assert (home / "master.key").stat().st_mode & 0o077 == 0
    again.close()


def wrong(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings if finding.level is Level.WRONG}


def test_the_doctor_finds_nothing_wrong_with_a_good_home(story: Story) -> None:
    findings = examine_home()
    assert wrong(findings) == {}
    assert {"home", "disk", "master key", "log", "files", "views", "totals", "erasures", "timers", "clock"} <= {
        f.what for f in findings
    }


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("DELETE FROM events WHERE id = (SELECT MIN(id) + 2 FROM events)", "log"),
        ("UPDATE shards SET position = position + 1", "log"),
        ("UPDATE counters SET value = value + 1 WHERE name = 'court|received'", "totals"),
        ("UPDATE case_files SET data = (SELECT data FROM case_files ORDER BY pk DESC LIMIT 1)", "files"),
        ("UPDATE timers SET attempts = 3", "timers"),
    ],
)
def test_the_doctor_says_what_is_wrong_why_and_what_mends_it(story: Story, home: Path, damage: str, what: str) -> None:
    if what == "timers":
        with story.hub.database.writable() as connection:
            connection.exec_driver_sql(
                "INSERT INTO timers (id, shard, due_ms, case_pk, kind, about, attempts) VALUES ('t', 3403, 1, 0, 'x', 'y', 0)"
            )
    with story.hub.database.writable() as connection:
        connection.exec_driver_sql(damage)
    found = wrong(examine_home())
    assert set(found) == {what}
    for finding in found.values():
        assert finding.why
        assert finding.why_zh
        assert "santiao" in finding.mend


def test_the_doctor_speaks_of_a_home_that_cannot_be_opened(story: Story, home: Path) -> None:
    story.hub.close()
    (home / "master.key").unlink()
    assert set(wrong(examine_home())) == {"master key"}
    (home / "master.key").write_bytes(bytes(32))
    (home / "master.key").chmod(0o600)
    assert set(wrong(examine_home())) == {"keys.wrong_master"}
    (home / "master.key").chmod(0o644)
    assert set(wrong(examine_home())) == {"master key"}
