"""A finding: what was looked at, how it is, why in both languages, and the command that mends it."""

from enum import StrEnum

import msgspec


class Level(StrEnum):
    """How a thing is: as it should be, worth knowing, or wrong."""

    GOOD = "good"
    NOTICE = "notice"
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. `mend` is a command, or what to do where no command can."""

    what: str
    level: Level = Level.GOOD
    why: str = ""
    why_zh: str = ""
    mend: str = ""

    @property
    def is_good(self) -> bool:
        """True unless something is wrong."""
        return self.level is not Level.WRONG


def good(what: str, why: str, why_zh: str) -> Finding:
    """As it should be."""
    return Finding(what=what, why=why, why_zh=why_zh)


def notice(what: str, why: str, why_zh: str, mend: str) -> Finding:
    """Nothing is wrong, but somebody should know."""
    return Finding(what=what, level=Level.NOTICE, why=why, why_zh=why_zh, mend=mend)


def wrong(what: str, why: str, why_zh: str, mend: str) -> Finding:
    """Wrong, and how it is mended."""
    return Finding(what=what, level=Level.WRONG, why=why, why_zh=why_zh, mend=mend)
