"""Where files are while events are folded."""

from typing import Protocol

from santiao.domain.files import CaseFile, LinkFile, SourceFile
from santiao.domain.ids import CaseId, SourceId


class World(Protocol):
    """Files by name. `source`, `case` and `link` answer None for what is unknown; `put_*` keep the new state."""

    def source(self, name: SourceId) -> SourceFile | None: ...
    def case(self, name: CaseId) -> CaseFile | None: ...
    def link(self, a: SourceId, b: SourceId) -> LinkFile | None: ...
    def put_source(self, file: SourceFile) -> None: ...
    def put_case(self, file: CaseFile) -> None: ...
    def put_link(self, file: LinkFile) -> None: ...


def known_source(world: World, name: str) -> SourceFile:
    """A source that an earlier event made.

    Raises:
        KeyError: none did; the log was cut or mixed up.
    """
    file = world.source(SourceId(name))
    if file is None:
        raise KeyError(name)
    return file
