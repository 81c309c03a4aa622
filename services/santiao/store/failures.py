"""What a database driver's error means, in the hub's words: disk full, read-only, locked, out of reach, or a faster writer.

Each says what, where and what to do, in English and in Chinese; a driver's own text may quote parameters, so only its first line is kept.
"""

from santiao.domain.errors import Conflict, StoreFailure

_SAID_BY_DRIVERS = (
    (
        ("locked", "busy"),
        "store.locked",
        "{where} is locked by another process ({text}); `fuser` names it: stop it or wait; nothing was lost, the hub goes on by itself",
        "数据库 {where} 被其他进程占用，请停止该进程（fuser {where} 可查）或稍候；数据未丢失，解除后自动继续",
    ),
    (
        ("full", "no space"),
        "store.disk_full",
        "no space is left for {where} ({text}); free some (`df -h` shows the disk): nothing was lost, the hub goes on by itself",
        "磁盘已满，无法写入 {where}，请清理空间（df -h 可查）；数据未丢失，清理后自动继续",
    ),
    (
        ("readonly", "read-only", "unable to open"),
        "store.read_only",
        "{where} cannot be written ({text}); check the owner of its folder and its mount: nothing was lost",
        "数据库 {where} 不可写，请检查所在目录的属主、权限与挂载；数据未丢失",
    ),
    (
        ("disk i/o error",),
        "store.io",
        "the disk does not take or give what belongs to {where} ({text}): full, over a quota, or failing; look at `df -h` and `dmesg`",
        "磁盘读写 {where} 出错：空间、配额不足或硬件故障，请查看 df -h 与 dmesg",
    ),
)


_ABOUT_THE_SERVER = frozenset({"08", "53", "57", "58"})
"""Classes of SQL states: connection, resources, operator's intervention, system. None of them is the statement's fault."""
_IDLE_TOO_LONG = "25P03"
_MADE_TWICE = "23505"
"""A row that two writers made at once, of two cities say: whoever tries again finds it."""


def failure_of(error: BaseException | None, where: str, *, is_operational: bool) -> StoreFailure | Conflict | None:
    """What a driver's error means to us, if anything. `where` is the database's file or address."""
    state = getattr(error, "sqlstate", "") or ""
    if state.startswith("40") or state == _MADE_TWICE:
        return Conflict("store.conflict", "another writer was faster; retried", "写入冲突，将重试")
    text = next(iter(str(error).splitlines()), "unknown")
    if state == "53100":
        text = "no space left on device"
    elif state[:2] in _ABOUT_THE_SERVER or state == _IDLE_TOO_LONG:
        text = f"it ended the work, state {state}"
    elif not is_operational:
        return None
    for words, code, told, told_zh in _SAID_BY_DRIVERS:
        if any(word in text.lower() for word in words):
            return StoreFailure(code, told.format(where=where, text=text), told_zh.format(where=where))
    return StoreFailure(
        "store.unreachable",
        f"{where} did not answer: {text}; see that it runs and can be reached",
        f"数据库 {where} 无法访问，请检查其是否运行、网络是否可达",
    )
