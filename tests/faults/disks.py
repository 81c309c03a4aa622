"""Disks that are full or may not be written: a small one of its own where mounting is allowed, else limits on a process or a folder."""

import errno
import os
import resource
import subprocess
from pathlib import Path
from typing import Protocol

_CHUNK = bytes(64 * 1024)


class Disk(Protocol):
    """Where a home lies. `path` is its folder."""

    path: Path

    def fill(self, pid: int) -> None:
        """From now on no file of that process can grow."""
        ...

    def free(self, pid: int) -> None:
        """Files can grow again."""
        ...

    def close(self) -> None: ...


class SmallDisk:
    """A file system in memory, mounted for the test: full when it is filled, read-only when it is told."""

    def __init__(self, path: Path, mebibytes: int) -> None:
        """Raises PermissionError where nobody may mount."""
        self.path = path
        path.mkdir()
        self._mount("-t", "tmpfs", "-o", f"size={mebibytes}m,mode=700", "tmpfs")

    def _mount(self, *how: str) -> None:
        done = subprocess.run(["mount", *how, str(self.path)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise PermissionError(errno.EPERM, done.stderr.strip())

    def fill(self, pid: int) -> None:
        with (self.path / "filler").open("ab", buffering=0) as filler:
            for chunk in (_CHUNK, _CHUNK[:4096], _CHUNK[:1]):
                try:
                    while filler.write(chunk):
                        pass
                except OSError as error:
                    assert error.errno == errno.ENOSPC  # noqa: PT017 - any other means that the disk is not full

    def free(self, pid: int) -> None:
        (self.path / "filler").unlink()

    def lock(self) -> None:
        """Nothing can be written from now on."""
        self._mount("-o", "remount,ro")

    def unlock(self) -> None:
        """It can be written again."""
        self._mount("-o", "remount,rw")

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.path)], check=True)


class LimitedFiles:
    """An ordinary folder; the limit on the size of a process's files (RLIMIT_FSIZE) makes its disk look full to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()

    def fill(self, pid: int) -> None:
        size = max(path.stat().st_size for path in self.path.rglob("*-wal"))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def free(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self) -> None:
        """It goes with the test's folder."""


class ForbiddenFolder:
    """A folder whose owner took the right to write away from himself. It means nothing to root."""

    def __init__(self, path: Path) -> None:
        """Raises PermissionError when it would mean nothing."""
        if os.geteuid() == 0:
            raise PermissionError(errno.EPERM, "root may write anywhere")
        self.path = path
        path.mkdir()

    def lock(self) -> None:
        """Nothing can be written from now on."""
        self._allow(0o500, 0o400)

    def unlock(self) -> None:
        """It can be written again."""
        self._allow(0o700, 0o600)

    def _allow(self, folder: int, file: int) -> None:
        self.path.chmod(0o700)
        for path in [*self.path.rglob("*"), self.path]:
            path.chmod(folder if path.is_dir() else file)

    def close(self) -> None:
        self.unlock()
