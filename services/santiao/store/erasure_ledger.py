"""The erasure ledger (删除台账): one line of JSON for every erasure, beside the databases and in every backup that can be reached.

The rule kept here: a backup is older than erasures that came after it, so what was erased must be known outside the databases; a restore
applies every line again. Lines hold ids and digests only, and are only ever added.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from santiao.domain.errors import StoreFailure

FILE_NAME = "erasures.jsonl"
BACKUPS = "backups.json"


class ErasureLine(msgspec.Struct, frozen=True, kw_only=True):
    """One erasure: its keys' ids, the mentions as (source id, slot), the reason, and when it was done."""

    id: str
    key_ids: tuple[bytes, ...]
    mentions: tuple[tuple[str, int], ...]
    reason: str
    at: datetime


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ErasureLine).decode


def append_line(path: Path, line: ErasureLine) -> None:
    """Add a line, on the disk when this returns.

    Raises:
        StoreFailure: it could not be written; the erasure itself stands.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as handle:
            _end_last_line(path)
            handle.write(_encode(line) + b"\n")
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        raise StoreFailure(
            "erasure.ledger",
            f"{path} cannot be written ({error.strerror}); the erasure stands, but a restore of an older backup would not know of it: "
            "mend the place; the next erasure or backup writes what is missing",
            f"删除台账 {path.name} 无法写入（{error.strerror}），删除已生效，但旧备份恢复时不会得知",
        ) from None


def _end_last_line(path: Path) -> None:
    """A line that a crash cut short is taken away, or else the next one would grow onto it."""
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    if whole < len(text):
        os.truncate(path, whole)


def read_lines(path: Path) -> list[ErasureLine]:
    """All lines, each erasure once; a last line that a crash cut short is left out. Nothing when there is no ledger.

    Raises:
        StoreFailure: a line other than the last cannot be read: somebody changed the ledger.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreFailure(
            "erasure.ledger", f"{path} cannot be read ({error.strerror})", f"删除台账 {path.name} 无法读取"
        ) from None
    found: dict[str, ErasureLine] = {}
    for number, line in enumerate(text[: text.rfind(b"\n") + 1].splitlines(), 1):
        try:
            told = _decode(line)
        except msgspec.MsgspecError:
            raise StoreFailure(
                "erasure.ledger",
                f"{path}, line {number} is no erasure; restore the ledger",
                f"删除台账第 {number} 行无效",
            ) from None
        found[told.id] = told
    return list(found.values())


def remember_backup(home: Path, folder: Path) -> None:
    """Note where a backup lies, so that later erasures can be told to it."""
    known = {*known_backups(home), str(folder.resolve())}
    (home / BACKUPS).write_bytes(msgspec.json.format(msgspec.json.encode(sorted(known))))


def known_backups(home: Path) -> list[str]:
    """Folders of backups made of this home, those that are gone too."""
    try:
        return msgspec.json.decode((home / BACKUPS).read_bytes(), type=list[str])
    except (OSError, msgspec.MsgspecError):
        return []


def tell_backups(home: Path, lines: Iterable[ErasureLine]) -> list[str]:
    """Add lines to every backup that can be reached and lacks them; the folders that could not be reached."""
    wanted = list(lines)
    missed = []
    for folder in known_backups(home):
        path = Path(folder)
        try:
            if not path.is_dir():
                missed.append(folder)
                continue
            there = {line.id for line in read_lines(path / FILE_NAME)}
            for line in wanted:
                if line.id not in there:
                    append_line(path / FILE_NAME, line)
        except (StoreFailure, OSError):
            missed.append(folder)
    return missed
