"""Every case event there is. A new one is added to its file and is found from here; nothing else lists them."""

from typing import get_type_hints

from santiao.domain.events import cases, deadlines, links, mediations, privacy, referrals, sources
from santiao.domain.events.envelope import Event, Mention, Meta, Sealed

__all__ = ["EVENT_TYPES", "REGISTRY", "Event", "Mention", "Meta", "Sealed", "event_name"]


def _discover() -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    for module in (sources, links, cases, referrals, mediations, deadlines, privacy):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Event) and value.__module__ == module.__name__:
                get_type_hints(value)
                found[value.__name__] = value
    return found


EVENT_TYPES: dict[str, type[Event]] = _discover()
"""Wire name to present type."""

REGISTRY: dict[tuple[str, int], type[Event]] = {(name, kind.version): kind for name, kind in EVENT_TYPES.items()}
"""(wire name, major version) to type; older majors join through the schemas room's upcasters."""


def event_name(event: Event) -> str:
    """The name an event is stored and published under."""
    return type(event).__name__
