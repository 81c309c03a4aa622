"""A simulated city's deliveries in the order in which they happened, so that they can be played as the agencies would.

The rule kept here: what happened is read from the folder that was written, `truth.json` for the order alone; nothing of what is true is
told to whoever receives.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec

_SHANGHAI = timezone(timedelta(hours=8))


class Act(msgspec.Struct, frozen=True, order=True):
    """One delivery: when it reached the hub, of whom, the file, and the line of it (0 for the whole file)."""

    at: datetime
    agency: str
    file: str
    line: int = 0


class _Delivery(msgspec.Struct):
    agency: str
    file: str
    delivered_at: str
    line: int = 0


class _Truth(msgspec.Struct):
    deliveries: list[_Delivery]


def read_acts(folder: Path) -> list[Act]:
    """Everything that was delivered in a city, in order of time."""
    truth = msgspec.json.decode((folder / "truth.json").read_bytes(), type=_Truth)
    return sorted(
        Act(
            at=datetime.fromisoformat(each.delivered_at).replace(tzinfo=_SHANGHAI),
            agency=each.agency,
            file=each.file,
            line=each.line,
        )
        for each in truth.deliveries
    )


class Lines:
    """The lines of a city's files, each file read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, list[bytes]] = {}

    def read(self, act: Act) -> bytes:
        """The line of an act."""
        if act.file not in self._files:
            self._files[act.file] = (self._folder / act.file).read_bytes().split(b"\n")
        return self._files[act.file][act.line - 1]


def in_scenes(acts: list[Act]) -> Iterator[list[Act]]:
    """Acts that happened at one moment and in one agency together: the tables of one day are one scene."""
    scene: list[Act] = []
    for act in acts:
        if scene and (act.at, act.agency) != (scene[0].at, scene[0].agency):
            yield scene
            scene = []
        scene.append(act)
    if scene:
        yield scene
