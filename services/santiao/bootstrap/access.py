"""The pool's part of a home opened: who may call, the one door, and the bundle the API stands on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from santiao.domain.directory import Body
from santiao.hub.engine import Engine
from santiao.pool.access import AccessPolicy
from santiao.pool.access_file import load_access
from santiao.pool.disclose import Door
from santiao.pool.disclosures import DisclosureBook
from santiao.pool.registry import Registry
from santiao.pool.sessions import Sessions


class Access(msgspec.Struct, frozen=True, eq=False):
    """Everything about who may see what."""

    policy: AccessPolicy
    registry: Registry
    sessions: Sessions
    disclosures: DisclosureBook
    door: Door


def build_access(engine: Engine, city: Path, bodies: tuple[Body, ...], token_hours: int) -> Access:
    """Read the city's rows and build what keeps them.

    Sessions and keys live by the machine's time; disclosures by the hub's, so that they compare with what the log says.

    Raises:
        Rejection: `access.invalid`, naming file, place and mend.
    """
    book = load_access(city)
    policy = AccessPolicy(book, bodies_by_agency(bodies))
    secret = engine.keys.secret("access")
    registry = Registry(engine.database, secret=secret, clock=_machine_time, separate_duties=book.separate_duties)
    disclosures = DisclosureBook(engine.database)
    return Access(
        policy=policy,
        registry=registry,
        sessions=Sessions(registry, secret=secret, clock=_machine_time, lifetime=timedelta(hours=token_hours)),
        disclosures=disclosures,
        door=Door(policy, engine.keys, disclosures, engine.clock.now, engine.observer),
    )


def bodies_by_agency(bodies: tuple[Body, ...]) -> dict[str, frozenset[str]]:
    """The directory's bodies of each agency."""
    found: dict[str, set[str]] = {}
    for body in bodies:
        if body.agency:
            found.setdefault(body.agency, set()).add(body.id)
    return {agency: frozenset(names) for agency, names in found.items()}


def _machine_time() -> datetime:
    return datetime.now(UTC)
