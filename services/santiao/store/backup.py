"""Backup and restore of the embedded default's home.

A backup is a consistent copy of the log's database and of the keys' database, with a manifest of digests and the ledger of erasures. The
log is copied before the keys: keys commit before the log that uses them, so the later copy of the keys lacks none. The master key is
copied only when asked for, because whoever holds it and the backup can read everything; the manifest says where it was.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from santiao.domain.errors import Rejection, StoreFailure
from santiao.store import erasure_ledger

MANIFEST = "manifest.json"
MASTER_KEY = "master.key"
FILES = {"log": "santiao.db", "keys": "keys.db"}
Progress = Callable[[str, int, int], None]
"""(what, done, of how many)"""


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds: SM3 digests by file name, when it was made, by which version, and where the master key was."""

    made_at: str
    version: str
    digests: dict[str, str]
    master_key_file: str = ""


def back_up(
    paths: dict[str, Path],
    folder: Path,
    *,
    made_at: datetime,
    version: str,
    master_key: Path,
    with_key: bool = False,
    ledger: Path | None = None,
    progress: Progress = lambda _what, _done, _all: None,
) -> Manifest:
    """Copy the databases `paths` (by the names of `FILES`) into an empty folder, while they are in use.

    Raises:
        Rejection: the folder is not empty.
        StoreFailure: a copy failed; what was made of it stays, without a manifest, and is no backup.
    """
    digests: dict[str, str] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise Rejection(
                "backup.not_empty", f"{folder} is not empty; name a new folder", "备份目录非空，请指定新目录"
            )
        for name, file in FILES.items():
            _copy_database(paths[name], folder / file, partial(progress, name))
            digests[file] = _digest(folder / file)
        if ledger is not None and ledger.exists():
            shutil.copyfile(ledger, folder / erasure_ledger.FILE_NAME)
        if with_key:
            copy_private(master_key, folder / MASTER_KEY)
            digests[MASTER_KEY] = _digest(folder / MASTER_KEY)
        manifest = Manifest(made_at.isoformat(), version, digests, str(master_key.resolve()))
        (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    except OSError as error:
        raise StoreFailure(
            "backup.failed", f"{folder} cannot be written: {error.strerror}; name another place", "备份目录无法写入"
        ) from None
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """A backup's manifest, its files checked against it.

    Raises:
        StoreFailure: it is no backup, incomplete, or was changed.
    """
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        raise StoreFailure(
            "restore.manifest", f"{folder} holds no readable {MANIFEST}; it is no backup", "目录中没有有效的备份清单"
        ) from None
    for name in {*FILES.values(), *manifest.digests}:
        known = name in {*FILES.values(), MASTER_KEY} and name in manifest.digests
        if not known or not (folder / name).is_file() or _digest(folder / name) != manifest.digests[name]:
            raise StoreFailure(
                "restore.changed", f"{name} is missing or not what the manifest says", f"备份文件 {name} 缺失或被改动"
            )
    return manifest


def restore(folder: Path, home: Path, *, progress: Progress = lambda _what, _done, _all: None) -> Manifest:
    """Put a backup's databases into a home that has none. Erasures are the caller's to apply again.

    Raises:
        Rejection: the home has a store already.
        StoreFailure: the backup is incomplete or was changed, or the home cannot be written; then the home has no store.
    """
    manifest = read_manifest(folder)
    made: list[Path] = []
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any((home / name).exists() for name in FILES.values()):
            raise Rejection(
                "restore.occupied", f"{home} has a store already; name an empty home", "目标目录已有数据，请指定空目录"
            )
        for number, name in enumerate(FILES.values(), 1):
            made.append(home / name)
            copy_private(folder / name, home / name)
            progress(name, number, len(FILES))
    except OSError as error:
        for path in made:
            path.unlink(missing_ok=True)
        raise StoreFailure(
            "restore.failed",
            f"{home} cannot be written: {error.strerror}; nothing was restored",
            "目标目录无法写入，未恢复",
        ) from None
    return manifest


def copy_private(source: Path, target: Path) -> None:
    """Copy a file so that only its owner can read it, all of it on the disk when this returns."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out, source.open("rb") as handle:
        shutil.copyfileobj(handle, out, 1 << 20)
        out.flush()
        os.fsync(out.fileno())


def _copy_database(source: Path, target: Path, progress: Callable[[int, int], None]) -> None:
    try:
        reader = sqlite3.connect(f"file:{source}?mode=ro", uri=True, isolation_level=None)
        writer = sqlite3.connect(target)
        try:
            # One read held from the first page to the last: writers go on, and the copy need not begin anew after each of them.
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
            reader.backup(writer, pages=2048, progress=lambda _status, left, all_: progress(all_ - left, all_), sleep=0)
        finally:
            writer.close()
            reader.close()
    except sqlite3.Error as error:
        raise StoreFailure("backup.failed", f"{source.name} could not be copied: {error}", "备份失败") from None


def _digest(path: Path) -> str:
    digest = hashlib.new("sm3")
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
