"""A file per batch and agency: `<folder>/<agency>/<batch>.<form>`, complete when `<batch>.<form>.ok` stands beside it (文件交换).

The rule kept here: bytes reach the disk before the marker does, and a batch whose marker stands is never written again: the agency may be
reading it.
"""

import contextlib
import os
import re
from pathlib import Path

from santiao.delivery.contract import Parcel
from santiao.domain.errors import DeliveryFailed

MARKER = ".ok"
REPLIES = "replies"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class FileDrop:
    """Carries parcels to folders below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def folder_of(self, destination: str) -> Path:
        """The agency's folder.

        Raises:
            DeliveryFailed: the agency's name is none that a folder may bear.
        """
        if not _NAME.fullmatch(destination):
            raise DeliveryFailed(
                "feedback.destination",
                "the agency's name is no folder's name; mend its declaration",
                "机构代号不能作目录名",
            )
        return self.folder / destination

    def carry(self, parcel: Parcel) -> None:
        folder = self.folder_of(parcel.destination)
        path = folder / f"{parcel.batch}.{parcel.form}"
        marker = path.with_name(path.name + MARKER)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if marker.exists():
                return
            _write_through(path, parcel.data)
            _write_through(marker, b"")
            _sync_folder(folder)
        except OSError as error:
            raise DeliveryFailed(
                "feedback.folder",
                f"{folder} cannot be written ({error.strerror}); check owner, mount and space",
                f"反馈目录无法写入（{error.strerror}），请检查权限、挂载与空间",
            ) from None


def _write_through(path: Path, data: bytes) -> None:
    """Write under a name nobody reads, then give it its own: a reader never sees half a file."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with hidden.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        hidden.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            hidden.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
