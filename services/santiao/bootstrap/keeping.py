"""What keeps a home in order: backup, restore with erasures applied again, and the doctor."""

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from sqlalchemy import update

from santiao import __version__
from santiao.bootstrap.hub import Hub, machine_time, open_hub
from santiao.domain.errors import Rejection, SantiaoError, StoreFailure
from santiao.runtimes.doctor.finding import Finding, wrong
from santiao.runtimes.doctor.premises import examine_premises
from santiao.runtimes.doctor.records import examine_records
from santiao.runtimes.doctor.work import examine_work
from santiao.settings import Settings, load_settings
from santiao.store import backup, erasure_ledger, tables
from santiao.store.backup import MASTER_KEY, Manifest

logger = logging.getLogger(__name__)
Progress = Callable[[str, int, int], None]


class RestoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore came to: when the backup was made, erasures applied again, events folded into views, files folded anew."""

    made_at: str
    erasures: int
    shards_folded: int
    events: int
    master_key: str


def _nothing(_what: str, _done: int, _all: int) -> None:
    """Nobody watches."""


def back_up_home(folder: Path, *, with_key: bool = False, progress: Progress = _nothing) -> Manifest:
    """Copy log and keys into an empty folder while the hub runs.

    Raises:
        Rejection: the folder is not empty, or the home is no SQLite home.
        StoreFailure: the copy failed.
    """
    settings = load_settings()
    with open_hub(settings) as hub:
        paths = {"log": _sqlite_path(hub.database.path), "keys": _sqlite_path(hub.databases[-1].path)}
        hub.erasing.complete_ledger()
        manifest = backup.back_up(
            paths,
            folder,
            made_at=machine_time(),
            version=__version__,
            master_key=settings.master_key,
            with_key=with_key,
            ledger=hub.erasing.ledger,
            progress=progress,
        )
        erasure_ledger.remember_backup(settings.home, folder)
    return manifest


def _sqlite_path(path: Path | None) -> Path:
    if path is None:
        raise Rejection(
            "backup.not_sqlite",
            "this home's databases are not SQLite: copy them by their own means, the log first and the keys after it "
            "(pg_dump of SANTIAO_STORE_URL, then of SANTIAO_KEYS_URL); views are folded again, the ledger of erasures is a file",
            "本系统数据库不是 SQLite，请用数据库自带工具备份：先备份日志库，再备份密钥库；视图可重建，删除台账为目录下的文件",
        )
    return path


def restore_home(folder: Path, *, ledger: Path | None = None, progress: Progress = _nothing) -> RestoreReport:
    """Put a backup into an empty home, do every erasure again that any ledger in reach knows of, fold files and views.

    Args:
        folder: the backup.
        ledger: a ledger of erasures of the lost home, where one was kept elsewhere.

    Raises:
        Rejection: the home has a store already.
        StoreFailure: the backup is incomplete or was changed; the master key is missing or another.
    """
    settings = load_settings()
    for url in (settings.store, settings.keys):
        if not url.startswith("sqlite"):
            _sqlite_path(None)
    manifest = backup.read_manifest(folder)
    lines = _erasures_known(settings, folder, ledger)
    key = _find_master_key(settings, folder, manifest)
    backup.restore(folder, settings.home, progress=progress)
    erasure_ledger.remember_backup(settings.home, folder)
    return _settle(settings, lines, manifest.made_at, str(key), progress)


def settle_restored_home(*, ledger: Path | None = None, progress: Progress = _nothing) -> RestoreReport:
    """After the databases were restored by their own means: do every erasure again that any ledger in reach knows of, fold files and views.

    Args:
        ledger: a ledger of erasures that was kept elsewhere than in the home.

    Raises:
        Rejection: there is no such ledger.
        StoreFailure: the master key is missing or another.
    """
    settings = load_settings()
    lines = _erasures_known(settings, settings.home, ledger)
    return _settle(settings, lines, "", str(settings.master_key), progress)


def _settle(
    settings: Settings, lines: Sequence[erasure_ledger.ErasureLine], made_at: str, key: str, progress: Progress
) -> RestoreReport:
    with open_hub(settings, is_restoring=True) as hub:
        hub.eraser.finish_erasures(again=True)
        hub.erasing.apply_again(lines)
        hub.erasing.complete_ledger()
        with hub.database.writable() as connection:
            connection.execute(update(tables.case_files).values(fingerprint=""))
        shards = hub.refolder.refold_stale()
        hub.projector.rebuild(list(hub.projector.projections), progress)
        events = sum(sum(state.positions.values()) for state in hub.projector.states()[:1])
    backup.finish_restore(settings.home)
    return RestoreReport(made_at=made_at, erasures=len(lines), shards_folded=shards, events=events, master_key=key)


class Migrated(msgspec.Struct, frozen=True, kw_only=True):
    """What `migrate_home` came to: the schema's revision and how many views stand."""

    revision: str
    views: int


def migrate_home() -> Migrated:
    """Make what is missing (home, schema, keys, views) and bring what is there up to this version, before anything else runs on it.

    Raises:
        StoreFailure: a database is out of reach, or of a newer version.
    """
    with open_hub(load_settings()) as hub:
        views = hub.projector.states()
        with hub.database.readable() as connection:
            revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    return Migrated(revision=revision, views=len(views))


def _erasures_known(settings: Settings, folder: Path, ledger: Path | None) -> list[erasure_ledger.ErasureLine]:
    """Every erasure that a ledger in reach tells of: the home's, the backup's, and one that was named."""
    places = [settings.home / erasure_ledger.FILE_NAME, folder / erasure_ledger.FILE_NAME]
    if ledger is not None:
        if not ledger.is_file():
            raise Rejection("restore.ledger", f"there is no ledger {ledger}", f"没有删除台账 {ledger}")
        places.append(ledger)
    lines = {line.id: line for place in places for line in erasure_ledger.read_lines(place)}
    return sorted(lines.values(), key=lambda line: (line.at, line.id))


def _find_master_key(settings: Settings, folder: Path, manifest: Manifest) -> Path:
    """The master key's file, copied from where the backup knows it to be when this home has none."""
    target = settings.master_key
    if target.exists():
        return target
    for place in (folder / MASTER_KEY, Path(manifest.master_key_file)):
        if manifest.master_key_file and place.is_file():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            backup.copy_private(place, target)
            return target
    raise StoreFailure(
        "restore.master_key",
        f"the master key is not in the backup: put it at {target} (32 bytes, mode 600), or name it in SANTIAO_MASTER_KEY_FILE, "
        "and restore again",
        f"备份不含主密钥，请将其放到 {target} 后重试",
    )


def examine_home() -> list[Finding]:
    """Everything the doctor looks at; what cannot be opened is a finding too."""
    settings = load_settings()
    findings = list(examine_premises(settings.home, settings.master_key))
    if any(not finding.is_good for finding in findings):
        return findings
    try:
        with open_hub(settings) as hub:
            findings += _examine(hub, settings)
    except SantiaoError as error:
        findings.append(_of_error(error))
    return findings


def _examine(hub: Hub, settings: Settings) -> Iterator[Finding]:
    yield from examine_records(hub.engine, hub.refolder, hub.projector, settings.home)
    yield from examine_work(hub.engine, hub.connectors, hub.databases, settings.sources)
    if settings.kafka:
        yield from _examine_bus(hub, settings)


def _examine_bus(hub: Hub, settings: Settings) -> Iterator[Finding]:
    from santiao.runtimes.doctor.bus import examine_bus
    from santiao.runtimes.kafka.offsets import EndOffsets
    from santiao.runtimes.kafka.topics import TopicNames

    names = TopicNames(settings.topic_prefix)
    ends = EndOffsets(settings.kafka, names.records)
    try:
        yield from examine_bus(hub.database, names.records, names.events, ends)
    finally:
        ends.close()


def _of_error(error: SantiaoError) -> Finding:
    return wrong(
        error.code,
        error.detail,
        error.detail_zh,
        _MENDS.get(error.code, "santiao doctor  # again, after the cause is mended"),
    )


_MENDS = {
    "store.locked": "fuser $SANTIAO_HOME/santiao.db  # who holds it? stop that process, or wait",
    "store.disk_full": "df -h $SANTIAO_HOME  # free some space",
    "store.read_only": "ls -ld $SANTIAO_HOME $SANTIAO_HOME/*.db  # owner and mount must let this user write",
    "restore.unfinished": "santiao restore DIR  # the same backup once more",
    "store.newer": "pip install --upgrade santiao",
    "keys.wrong_master": "cp /safe/place/master.key $SANTIAO_HOME/master.key",
}
