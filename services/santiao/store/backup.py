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
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from santiao.domain.errors import Rejection, StoreFailure
from santiao.store import erasure_ledger

MANIFEST = "manifest.json"
MASTER_KEY = "master.key"
FILES = {"log": "santiao.db", "keys": "keys.db"}
UNFINISHED = "restore.unfinished"
"""Stands in a home from a restore's first byte until every erasure was done again; it names the backup."""
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
                "backup.not_empty", f"{folder} is not empty; name a new folder", f"备份目录 {folder} 非空，请指定新目录"
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
            "backup.failed",
            f"{folder} cannot be written: {error.strerror}; name another place",
            f"备份目录 {folder} 无法写入，请更换位置",
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
            "restore.manifest",
            f"{folder} holds no readable {MANIFEST}; it is no backup: name another",
            f"目录 {folder} 中没有有效的备份清单 {MANIFEST}，请另选备份",
        ) from None
    for name in {*FILES.values(), *manifest.digests}:
        known = name in {*FILES.values(), MASTER_KEY} and name in manifest.digests
        if not known or not (folder / name).is_file() or _digest(folder / name) != manifest.digests[name]:
            raise StoreFailure(
                "restore.changed",
                f"{folder / name} is missing or not what the manifest says: restore another backup",
                f"备份文件 {folder / name} 缺失或被改动，请改用其他备份",
            )
    return manifest


def restore(folder: Path, home: Path, *, progress: Progress = lambda _what, _done, _all: None) -> Manifest:
    """Put a backup's databases into a home that has none. Erasures are the caller's to apply again, who then calls `finish_restore`.

    Raises:
        Rejection: the home has a store already.
        StoreFailure: the backup is incomplete or was changed, or the home cannot be written; then the home has no store.
    """
    manifest = read_manifest(folder)
    mark = home / UNFINISHED
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not mark.exists() and any((home / name).exists() for name in FILES.values()):
            raise Rejection(
                "restore.occupied",
                f"{home} has a store already; name an empty home",
                f"目标目录 {home} 已有数据，请指定空目录",
            )
        _write_durably(mark, str(folder.resolve()).encode())
        _clear(home)
        for number, name in enumerate(FILES.values(), 1):
            copy_private(folder / name, home / name)
            progress(name, number, len(FILES))
    except OSError as error:
        with suppress(OSError):
            _clear(home)
            mark.unlink(missing_ok=True)
        raise StoreFailure(
            "restore.failed",
            f"{home} cannot be written: {error.strerror}; nothing was restored: mend its owner, mount or space, and restore again",
            f"目标目录 {home} 无法写入，未恢复任何数据，请检查权限、挂载与空间后重试",
        ) from None
    return manifest


def finish_restore(home: Path) -> None:
    """Every erasure was done again: the home may be used."""
    (home / UNFINISHED).unlink(missing_ok=True)


def require_whole(home: Path) -> None:
    """Make sure that no restore into this home was cut short.

    Raises:
        StoreFailure: one was; people who were erased may be readable in it.
    """
    mark = home / UNFINISHED
    if mark.exists():
        folder = mark.read_text(encoding="utf-8")
        raise StoreFailure(
            "restore.unfinished",
            f"a restore into {home} was cut short, and erasures may not be done again in it: run `santiao restore {folder}` once more",
            f"数据目录 {home} 的恢复中途中断，已删除的内容可能尚未重新删除，请再次执行 santiao restore {folder}",
        )


def _clear(home: Path) -> None:
    """Take away databases cut short, and what belonged to databases that are gone: an old write-ahead log would be read into the new."""
    for name in FILES.values():
        for suffix in ("", "-wal", "-shm"):
            (home / f"{name}{suffix}").unlink(missing_ok=True)


def _write_durably(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
        raise StoreFailure(
            "backup.failed",
            f"{source} could not be copied to {target}: {error}; look at the disk, and back up into a new folder",
            f"{source} 无法复制到 {target}，请检查磁盘后备份到新目录",
        ) from None


def _digest(path: Path) -> str:
    digest = hashlib.new("sm3")
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
