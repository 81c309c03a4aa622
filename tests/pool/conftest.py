"""A home of its own for the pool's tests: store and keys in a temporary folder, the city's own rows of access."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from santiao.pool.access import AccessPolicy
from santiao.pool.access_file import load_access
from santiao.pool.disclose import Door
from santiao.pool.disclosures import DisclosureBook
from santiao.pool.passwords import Cost
from santiao.pool.registry import Registry
from santiao.pool.sessions import Sessions
from santiao.store.database import Database
from santiao.store.keys import KeyStore
from santiao.store.opening import migrate
from tests.architecture.sources import ROOT

CITY = ROOT / "deploy" / "city"
CHEAP = Cost(n=2, r=1, p=1)
SECRET = bytes(range(32))


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 12, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_time(self, span: timedelta) -> None:
        self.moment += span


class Pool(msgspec.Struct, frozen=True, eq=False):
    """What the tests work with."""

    database: Database
    keys: KeyStore
    clock: Hands
    policy: AccessPolicy
    registry: Registry
    sessions: Sessions
    book: DisclosureBook
    door: Door


def build_pool(store_url: str, folder: Path) -> Pool:
    database, keys_database = Database(store_url), Database(f"sqlite:///{folder / 'keys.db'}")
    migrate(database)
    keys = KeyStore(keys_database, bytes(32))
    keys.prepare()
    clock = Hands()
    access = load_access(CITY)
    policy = AccessPolicy(access, {"peoples-mediation": frozenset({"lzh-pmc"})})
    registry = Registry(
        database, secret=SECRET, clock=clock, separate_duties=access.separate_duties, password_cost=CHEAP
    )
    book = DisclosureBook(database)
    return Pool(
        database=database,
        keys=keys,
        clock=clock,
        policy=policy,
        registry=registry,
        sessions=Sessions(registry, secret=SECRET, clock=clock, lifetime=timedelta(hours=12)),
        book=book,
        door=Door(policy, keys, book, clock),
    )


def close_pool(pool: Pool) -> None:
    pool.database.dispose()
    pool.keys.database.dispose()


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Pool]:
    built = build_pool(f"sqlite:///{tmp_path / 'santiao.db'}", tmp_path)
    yield built
    close_pool(built)


@pytest.fixture
def pool_on_postgres(postgres_url: str, tmp_path: Path) -> Iterator[Pool]:
    built = build_pool(postgres_url, tmp_path)
    yield built
    close_pool(built)
