"""Backup and restore of the embedded default's home.

A backup is a consistent copy of the log's database, the views' database is left out (it is folded again), and of the keys' database,
with a manifest of digests. Keys are copied before the log, so that no event in the backup lacks its key; the master key is copied only
when asked for, because whoever holds it and the backup can read everything.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from santiao.domain.errors import Rejection, StoreFailure

MANIFEST = "manifest.json"
FILES = {"keys": "keys.db", "log": "santiao.db"}


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds: SM3 digests by file name, when it was made, and by which version."""

    made_at: str
    version: str
    digests: dict[str, str]


def back_up(
    paths: dict[str, Path], folder: Path, *, made_at: datetime, version: str, progress: Callable[[str], None]
) -> Manifest:
    """Copy the databases `paths` (by the names of `FILES`) into an empty folder.

    Raises:
        Rejection: the folder is not empty.
        StoreFailure: a copy failed; the folder is left as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Rejection("backup.not_empty", f"{folder} is not empty; name a new folder", "备份目录非空，请指定新目录")
    digests = {}
    for name in ("keys", "log"):
        progress(name)
        _copy_database(paths[name], folder / FILES[name])
        digests[FILES[name]] = _digest(folder / FILES[name])
    manifest = Manifest(made_at.isoformat(), version, digests)
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def restore(folder: Path, home: Path, *, progress: Callable[[str], None]) -> Manifest:
    """Put a backup's databases into a home that has none.

    Raises:
        Rejection: the home has a store already.
        StoreFailure: the backup is incomplete or was changed.
    """
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        raise StoreFailure(
            "restore.manifest", f"{folder} holds no readable {MANIFEST}; it is no backup", "目录中没有有效的备份清单"
        ) from None
    for name in manifest.digests:
        if (
            name not in FILES.values()
            or not (folder / name).is_file()
            or _digest(folder / name) != manifest.digests[name]
        ):
            raise StoreFailure(
                "restore.changed", f"{name} is missing or not what the manifest says", f"备份文件 {name} 缺失或被改动"
            )
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any((home / name).exists() for name in FILES.values()):
        raise Rejection(
            "restore.occupied", f"{home} has a store already; name an empty home", "目标目录已有数据，请指定空目录"
        )
    for name in manifest.digests:
        progress(name)
        shutil.copyfile(folder / name, home / name)
    return manifest


def _copy_database(source: Path, target: Path) -> None:
    try:
        with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as reader, sqlite3.connect(target) as writer:
            reader.backup(writer, pages=4096)
    except sqlite3.Error as error:
        raise StoreFailure("backup.failed", f"{source.name} could not be copied: {error}", "备份失败") from None


def _digest(path: Path) -> str:
    digest = hashlib.new("sm3")
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
