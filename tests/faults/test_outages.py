"""What an operator meets when the ground gives way: disk full, home read-only, database locked, clock set back.

Each is said in Chinese and English with what, where and what to do; nothing is lost; the hub goes on once it is mended.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.disks import Disk, ForbiddenFolder, LimitedFiles, SmallDisk
from tests.faults.moved_clock import OFFSET_FILE
from tests.faults.served import AGENCY, Operator, deliveries
from tests.services.component import missing

MEBIBYTES = 40
LOOP = f"loop.feed:{AGENCY}"


@pytest.fixture
def operating(tmp_path: Path) -> Iterator[Callable[..., Operator]]:
    """Makes operators, and ends what they leave running."""
    made: list[Operator] = []

    def make(home: Path, **more: str) -> Operator:
        made.append(Operator(home, tmp_path / f"stage-{len(made)}" / "drops", **more))
        return made[-1]

    yield make
    for each in made:
        each.kill()


@pytest.fixture(params=["small disk", "limited files"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A disk that can be filled."""
    made: Disk
    try:
        made = (
            SmallDisk(tmp_path / "disk", MEBIBYTES)
            if request.param == "small disk"
            else LimitedFiles(tmp_path / "disk")
        )
    except PermissionError as refusal:
        pytest.skip(f"nobody may mount here ({refusal.strerror}); limits on files stand for it")
    yield made
    made.close()


@pytest.fixture
def locked_disk(tmp_path: Path) -> Iterator[SmallDisk | ForbiddenFolder]:
    """A disk that can be made read-only."""
    made: SmallDisk | ForbiddenFolder
    try:
        made = SmallDisk(tmp_path / "disk", MEBIBYTES)
    except PermissionError:
        try:
            made = ForbiddenFolder(tmp_path / "other-disk")
        except PermissionError:
            missing("a home that cannot be written", "root may not mount here", "run the tests as another user")
    yield made
    made.close()


def assert_told(text: str, *words: str) -> None:
    """In Chinese and in English, with these words."""
    assert any("一" <= sign <= "鿿" for sign in text), text
    for word in words:
        assert word in text, text


def test_a_full_disk_is_told_and_work_goes_on_when_there_is_room(
    operating: Callable[..., Operator], disk: Disk
) -> None:
    operator = operating(disk.path / "home")
    hub = operator.serve()
    operator.drop()
    operator.until(lambda: operator.messages() != set())
    disk.fill(hub)

    def is_told() -> bool:
        operator.drop()
        return LOOP in (operator.readiness() or {})

    operator.until(is_told)
    code = "store.disk_full" if isinstance(disk, SmallDisk) else "store.io"
    assert_told((operator.readiness() or {})[LOOP], code)
    line = next(line for line in operator.logged(code) if line["loop"] == f"feed:{AGENCY}")
    for told in (line["detail"], line["detail_zh"]):
        assert str(operator.home) in told
        assert "df -h" in told
    if isinstance(disk, SmallDisk):
        beside = operator.run("receive", AGENCY, str(deliveries()[-1]))
        assert beside.returncode == 1
        assert_told(beside.stderr, code, str(operator.home), "磁盘已满", "df -h")
    disk.free(hub)
    operator.drop(len(deliveries()))
    operator.until(lambda: operator.readiness() == {} and operator.has_taken_all())
    operator.stop()
    operator.assert_nothing_is_lost()


def test_a_home_that_cannot_be_written_is_told_and_serves_again(
    operating: Callable[..., Operator], locked_disk: SmallDisk | ForbiddenFolder
) -> None:
    operator = operating(locked_disk.path / "home")
    operator.drop(3)
    assert operator.run("receive", AGENCY, str(operator.stage)).returncode == 0
    locked_disk.lock()
    for command in (["serve"], ["cases"], ["receive", AGENCY, str(operator.stage)]):
        told = operator.run(*command)
        assert told.returncode == 1, command
        assert "Traceback" not in told.stderr
        assert_told(told.stderr, str(operator.home), "不可写", "check")
    doctor = operator.run("doctor")
    assert doctor.returncode == 1
    assert_told(doctor.stdout, "✗ home", str(operator.home), "→", "SANTIAO_HOME")
    other = operating(locked_disk.path / "new-home")
    assert_told(other.run("serve").stderr, str(other.home), "home.unwritable", "SANTIAO_HOME")
    locked_disk.unlock()
    operator.serve()
    operator.drop(len(deliveries()))
    operator.until(lambda: operator.readiness() == {} and operator.has_taken_all())
    operator.stop()
    operator.assert_nothing_is_lost()


def test_a_locked_database_is_told_and_work_goes_on_when_it_is_free(
    operating: Callable[..., Operator], tmp_path: Path
) -> None:
    operator = operating(tmp_path / "home")
    operator.serve()
    operator.drop()
    operator.until(lambda: operator.messages() != set())
    with closing(sqlite3.connect(operator.home / "santiao.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        operator.drop(3)
        beside = operator.run("receive", AGENCY, str(deliveries()[-1]))
        assert beside.returncode == 1
        assert_told(beside.stderr, "store.locked", str(operator.home / "santiao.db"), "fuser", "请停止该进程")
        operator.until(lambda: LOOP in (operator.readiness() or {}))
        assert_told((operator.readiness() or {})[LOOP], "store.locked")
        (line, *_) = operator.logged("store.locked")
        assert str(operator.home) in line["detail"]
        assert str(operator.home) in line["detail_zh"]
        other.execute("ROLLBACK")
    operator.drop(len(deliveries()))
    operator.until(lambda: operator.readiness() == {} and operator.has_taken_all())
    operator.stop()
    operator.assert_nothing_is_lost()


def test_a_clock_set_back_is_told_and_recorded_times_stand_still(
    operating: Callable[..., Operator], tmp_path: Path
) -> None:
    operator = operating(tmp_path / "home", start="from tests.faults.moved_clock import main; main()")
    operator.home.mkdir()
    operator.serve()
    operator.drop(2)
    operator.until(operator.has_taken_all)
    (operator.home / OFFSET_FILE).write_text("-3600")
    operator.until(lambda: "clock" in (operator.readiness() or {}))
    told = (operator.readiness() or {})["clock"]
    assert_told(told, "set it right", "请校准", "recorded")
    before = operator.messages()
    operator.drop(2)
    operator.until(operator.has_taken_all)
    assert operator.messages() > before, "what comes is taken all the same"
    (operator.home / OFFSET_FILE).unlink()
    operator.until(lambda: operator.readiness() == {})
    operator.drop(len(deliveries()))
    operator.until(operator.has_taken_all)
    operator.stop()
    operator.assert_nothing_is_lost()
