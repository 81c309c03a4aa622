"""Where a home lives: its folder, the disk below it, the master key. Looked at before anything is opened."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from santiao.runtimes.doctor.finding import Finding, good, notice, wrong

_FREE_WRONG = 256 * 1024 * 1024
_FREE_NOTICE = 2 * 1024 * 1024 * 1024
_KEY_BYTES = 32


def examine_premises(home: Path, master_key: Path) -> Iterator[Finding]:
    """Findings about the folder, the disk and the master key's file."""
    yield _folder(home)
    yield from _disk(home)
    yield from _master_key(home, master_key)


def _folder(home: Path) -> Finding:
    if not home.exists():
        return notice(
            "home",
            f"{home} is not there yet; it is made at the first start",
            "数据目录尚未创建，首次启动时创建",
            "santiao serve",
        )
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        return wrong(
            "home",
            f"{home} cannot be written: {error.strerror}",
            "数据目录不可写",
            f"chown -R {os.geteuid()} {home}  # or mount it writable, or set SANTIAO_HOME",
        )
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o077:
        return notice(
            "home", f"others on this machine may look into {home}", "其他用户可访问数据目录", f"chmod 700 {home}"
        )
    return good("home", f"{home} can be written and is its owner's alone", "数据目录可写且仅属主可访问")


def _disk(home: Path) -> Iterator[Finding]:
    place = next((each for each in (home, *home.resolve().parents) if each.exists()), Path("/"))
    free = shutil.disk_usage(place).free
    told = f"{free / 1024**3:.1f} GiB free"
    told_zh = f"剩余空间 {free / 1024**3:.1f} GiB"
    if free < _FREE_WRONG:
        yield wrong(
            "disk",
            told,
            told_zh,
            f"df -h {place}  # free some space; nothing is lost meanwhile, nothing is taken either",
        )
    elif free < _FREE_NOTICE:
        yield notice("disk", told, told_zh, f"df -h {place}")
    else:
        yield good("disk", told, told_zh)


def _master_key(home: Path, path: Path) -> Iterator[Finding]:
    if not path.exists():
        has_keys = (home / "keys.db").exists()
        if has_keys:
            yield wrong(
                "master key",
                f"{path} is missing; without it nothing sealed can be read",
                "主密钥文件缺失，密封内容无法读取",
                f"cp /safe/place/master.key {path} && chmod 600 {path}",
            )
        return
    try:
        size, mode = path.stat().st_size, stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        yield wrong("master key", f"{path}: {error.strerror}", "主密钥文件无法读取", f"ls -l {path}")
        return
    if size != _KEY_BYTES:
        yield wrong(
            "master key",
            f"{path} holds {size} bytes instead of 32",
            "主密钥文件长度不符",
            f"cp /safe/place/master.key {path}",
        )
    elif mode & 0o077:
        yield wrong("master key", f"others may read {path}", "其他用户可读取主密钥", f"chmod 600 {path}")
    else:
        yield good("master key", "32 bytes, its owner's alone", "主密钥 32 字节，仅属主可读")
