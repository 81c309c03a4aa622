"""A local folder as a shelf of dropped files.

The rule kept here: only plain files that lie in the folder itself are seen; a link is not followed, because who may drop files may also
drop links to what is not theirs.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from santiao.connectors.transports.dropped import Entry
from santiao.domain.errors import DeliveryFailed


class Folder:
    """An open folder."""

    def __init__(self, path: str, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def entries(self) -> Iterator[Entry]:
        with _told_as_delivery_failure(self._path), os.scandir(self._descriptor) as listed:
            for each in listed:
                if each.is_file(follow_symlinks=False):
                    told = each.stat(follow_symlinks=False)
                    yield Entry(each.name, told.st_size, int(told.st_mtime))

    def read(self, name: str, limit: int) -> bytes | None:
        with _told_as_delivery_failure(self._path):
            try:
                opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._descriptor)
            except FileNotFoundError:
                return None
            with os.fdopen(opened, "rb") as stream:
                return stream.read(limit) if stat.S_ISREG(os.fstat(opened).st_mode) else None


@contextmanager
def open_folder(source: str) -> Iterator[Folder]:
    """Open the folder at a path.

    Raises:
        DeliveryFailed: `drop.folder`, when there is none or it may not be read.
    """
    with _told_as_delivery_failure(source):
        descriptor = os.open(source, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield Folder(source, descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told_as_delivery_failure(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise DeliveryFailed(
            "drop.folder",
            f"the folder {path} cannot be read ({problem.strerror}); check that it is there and may be read",
            f"无法读取目录 {path}，请检查目录是否存在及权限",
        ) from None
