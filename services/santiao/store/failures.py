"""What a database driver's error means, in the hub's words: disk full, read-only, locked, out of reach, or a faster writer."""

from santiao.domain.errors import Conflict, StoreFailure

_SAID_BY_SQLITE = (
    (("locked", "busy"), "store.locked", "the database is locked by another process: {}", "数据库被其他进程占用"),
    (
        ("full", "no space"),
        "store.disk_full",
        "no space left for the database: {}; free some space, nothing was lost",
        "磁盘已满，请清理后重试，数据未丢失",
    ),
    (
        ("readonly", "read-only", "unable to open"),
        "store.read_only",
        "the database cannot be written: {}; check the home's owner and mount",
        "数据库不可写，请检查目录权限与挂载",
    ),
)


_ABOUT_THE_SERVER = frozenset({"08", "53", "57", "58"})
"""Classes of SQL states: connection, resources, operator's intervention, system. None of them is the statement's fault."""
_IDLE_TOO_LONG = "25P03"


def failure_of(error: BaseException | None, *, is_operational: bool) -> StoreFailure | Conflict | None:
    """What a driver's error means to us, if anything. Its text may quote parameters, so only the first line is kept."""
    state = getattr(error, "sqlstate", "") or ""
    if state.startswith("40"):
        return Conflict("store.conflict", "another writer was faster; retried", "写入冲突，将重试")
    if state == "53100":
        return StoreFailure("store.disk_full", "no space left for the database", "磁盘已满，请清理后重试")
    if state[:2] in _ABOUT_THE_SERVER or state == _IDLE_TOO_LONG:
        return StoreFailure("store.unreachable", f"the database ended the work (state {state})", "数据库中断了操作")
    if not is_operational:
        return None
    text = next(iter(str(error).splitlines()), "unknown")
    for words, code, told, told_zh in _SAID_BY_SQLITE:
        if any(word in text.lower() for word in words):
            return StoreFailure(code, told.format(text), told_zh)
    return StoreFailure("store.unreachable", f"the database did not answer: {text}", "数据库无法访问")
