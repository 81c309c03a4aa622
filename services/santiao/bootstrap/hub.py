"""A home opened: the store, the keys, the policy, and everything that works on them, built at start."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path

from santiao.bootstrap import showing
from santiao.bootstrap.access import Access, build_access
from santiao.connectors.registry import Connectors, load_connectors
from santiao.delivery.answers import AnswerBook
from santiao.delivery.courier import Courier
from santiao.delivery.files import FileDrop
from santiao.delivery.outbox import Outbox
from santiao.delivery.reconciliation import AgencyAccount, reconcile
from santiao.delivery.schedule import load_schedule
from santiao.delivery.writing import FeedbackWriter
from santiao.domain.files import CaseFile, LinkFile, SourceFile
from santiao.domain.folding import evolve
from santiao.domain.links.features import ProfileReader
from santiao.domain.messages import Counts, Receipt
from santiao.domain.observing import UNOBSERVED, Observer
from santiao.domain.rulebook_policy import RulebookPolicy
from santiao.hub.command import Commander
from santiao.hub.engine import Engine
from santiao.hub.erase import Eraser
from santiao.hub.examine import Examiner
from santiao.hub.receive import Receiver
from santiao.hub.refold import Refolder
from santiao.hub.release import Releaser
from santiao.hub.timers import TimerKeeper
from santiao.pool.registry import Registry
from santiao.projections.batch_queries import BatchItem
from santiao.projections.case_queries import CaseItem
from santiao.projections.linking import LinkItem
from santiao.projections.projector import Projector
from santiao.runtimes.dead_letters import DeadLetterDesk
from santiao.runtimes.embedded.loops import Bell
from santiao.runtimes.erasing import ErasureDesk
from santiao.runtimes.intake import Intake
from santiao.runtimes.quarantine import QuarantineDesk
from santiao.schemas.code_fingerprint import code_fingerprint
from santiao.settings import Settings, load_secrets, load_settings
from santiao.store.backup import require_whole
from santiao.store.blind import BlindIndex
from santiao.store.clock import Clock
from santiao.store.database import Database
from santiao.store.keys import KeyStore, holds_keys, read_master_key
from santiao.store.linking_files import load_linking_policy
from santiao.store.log import Log
from santiao.store.opening import make_home, make_private, migrate
from santiao.store.resources import resource_dir
from santiao.store.rulebook_files import load_rulebook
from santiao.store.workflow_files import load_workflow

logger = logging.getLogger(__name__)


class Hub:
    """A home opened: the store, the keys, the policy, and everything that works on them."""

    def __init__(
        self,
        settings: Settings,
        *,
        secrets: Mapping[str, str] | None = None,
        sources_clock: Callable[[], datetime] | None = None,
        observer: Observer = UNOBSERVED,
        is_restoring: bool = False,
    ) -> None:
        """Open it. A demo brings its own feeds' secrets, and the clock that its agencies live by; who runs for long is observed."""
        self.settings = settings
        self._secrets = secrets or {}
        self._sources_clock = sources_clock
        make_home(settings.home)
        if not is_restoring:
            require_whole(settings.home)
        for url in (settings.store, settings.keys):
            make_private(url)
        self.database = Database(settings.store, cache_mib=settings.cache_mib)
        migrate(self.database)
        self.bell = Bell()
        self.views = (
            self.database
            if settings.views == settings.store
            else Database(settings.views, cache_mib=settings.cache_mib)
        )
        self._keys_database = Database(settings.keys)
        create = not holds_keys(self._keys_database)
        self.keys = KeyStore(self._keys_database, read_master_key(settings.master_key, create=create))
        self.keys.prepare()
        self.city = settings.city if settings.city != Path() else resource_dir("city")
        linking = load_linking_policy(self.city)
        self.rulebook = load_rulebook(self.city)
        policy = RulebookPolicy(self.rulebook, load_workflow(self.city), linking, self.keys.secret("case"))
        blind = BlindIndex(self.keys.secret("blind"))
        self.engine = Engine(
            database=self.database,
            keys=self.keys,
            blind=blind,
            policy=policy,
            clock=Clock(settings.clock),
            examiner=Examiner(policy),
            fingerprint=_fold_fingerprint(),
            log=Log(self.database),
            reader=ProfileReader(linking, blind.token),
            committed=self.bell.ring,
            observer=observer,
        )
        self._hear_the_log()
        self.receiver = Receiver(self.engine)
        self.commander = Commander(self.engine)
        self.timers = TimerKeeper(self.engine)
        self.eraser = Eraser(self.engine)
        self.refolder = Refolder(self.engine)
        self.refolder.refold_stale()
        self.eraser.finish_erasures()
        self.timers.firm_up()

    def _hear_the_log(self) -> None:
        """The clock is no earlier than what was recorded: a replay's goes on where it stood, a machine's does not go back.

        The last event of a shard was recorded last; it need not be the one received last.
        """
        with self.database.readable() as connection:
            for shard, position in self.engine.log.shards(connection).items():
                for meta, _ in self.engine.log.read(connection, shard, position - 1, limit=1):
                    self.engine.clock.hear(meta.recorded_at)

    @cached_property
    def connectors(self) -> Connectors:
        """The declarations, read when first asked for."""
        return self.load_connectors(self._secrets)

    def load_connectors(self, secrets: Mapping[str, str]) -> Connectors:
        """The declarations, with these secrets before those of the settings."""
        folder = self.settings.connectors if self.settings.connectors != Path() else resource_dir("connectors")
        known, clock = {**load_secrets(), **secrets}, self.engine.clock
        return load_connectors(
            folder,
            regions=self.city / "regions.csv",
            clock=self._sources_clock or (clock.now if clock.is_fixed else machine_time),
            arrival=clock.arrival,
            secrets=lambda name: known.get(name, ""),
        )

    @cached_property
    def intake(self) -> Intake:
        """Connectors to receiver."""
        return Intake(self.engine, self.receiver, self.connectors)

    @cached_property
    def quarantine(self) -> QuarantineDesk:
        """Items not understood."""
        return QuarantineDesk(self.intake)

    @cached_property
    def outbox(self) -> Outbox:
        """What is owed to agencies."""
        return Outbox(self.database)

    @cached_property
    def dead_letters(self) -> DeadLetterDesk:
        """What could not be decided or delivered."""
        return DeadLetterDesk(self.engine, Releaser(self.engine), self.outbox)

    @cached_property
    def courier(self) -> Courier:
        """Hands feedback to agencies."""
        writer = FeedbackWriter(self.database, self.connectors, self._body_name)
        carrier, schedule = FileDrop(self.feedback_folder), load_schedule(self.city)
        return Courier(self.outbox, writer, carrier, schedule, machine_time, self.engine.observer)

    def _body_name(self, body: str) -> str:
        return next((each.name for each in self.rulebook.bodies if each.id == body), body)

    @property
    def feedback_folder(self) -> Path:
        """Where agencies' files stand, a folder for each."""
        return self.settings.home / "feedback"

    @cached_property
    def answers(self) -> AnswerBook:
        """What agencies answered to feedback."""
        return AnswerBook(self.database, machine_time)

    def reconcile(self) -> list[AgencyAccount]:
        """Every agency's account of what is owed to it."""
        return reconcile(self.database)

    @cached_property
    def erasing(self) -> ErasureDesk:
        """Erasing people, by number or by mention."""
        return ErasureDesk(self.engine, self.eraser, self.settings.home)

    @property
    def databases(self) -> tuple[Database, ...]:
        """Every database of the home, each once."""
        return tuple({id(each): each for each in (self.database, self.views, self._keys_database)}.values())

    @cached_property
    def access(self) -> Access:
        """Who may call and see what, and the one door."""
        return build_access(self.engine, self.city, self.rulebook.bodies, self.settings.token_hours)

    @property
    def registry(self) -> Registry:
        """Agencies, keys, people."""
        return self.access.registry

    @cached_property
    def projector(self) -> Projector:
        """The views."""
        from santiao.projections.catalogue import PROJECTIONS

        projector = Projector(self.engine.log, self.views, PROJECTIONS, self.engine.observer)
        projector.prepare()
        return projector

    def receive_once(
        self,
        connector: str,
        sources: list[str],
        progress: Callable[[int], None],
        tell: Callable[[Receipt], None] = lambda _receipt: None,
    ) -> Counts:
        """Read deliveries once through the same path as live ones; `tell` hears what became of each item."""
        return self.intake.receive_once(connector, sources, progress, tell)

    def list_cases(self, *, everything: bool) -> list[CaseItem]:
        """Open cases, or all that live, in the contract's form."""
        with self.views.readable() as connection:
            return list(showing.every_case(self.views, connection, everything=everything))

    def list_links(self) -> list[LinkItem]:
        """What stands between sources."""
        with self.views.readable() as connection:
            return list(showing.every_link(self.views, connection))

    def list_batches(self) -> list[BatchItem]:
        """Parent batches with their children."""
        with self.views.readable() as connection:
            return list(showing.every_batch(self.views, connection))

    def show_case(self, name: str, as_of: str | None) -> showing.CaseShown:
        """One case, now or as it was recorded then."""
        with self.views.readable() as connection:
            return showing.show_case(self.views, connection, name, as_of)

    def catch_up(self) -> int:
        """Fold the views to the head of the log."""
        return self.projector.catch_up()

    def close(self) -> None:
        """Let go of every connection."""
        self.keys.close()
        for database in self.databases:
            database.dispose()


def machine_time() -> datetime:
    """The machine's own clock: leases, retries and polls have nothing to do with what a replay's clock says."""
    return datetime.now(UTC)


@cache
def _fold_fingerprint() -> str:
    """What the code that folds files is known by; it does not change while a process runs."""
    return code_fingerprint((SourceFile, CaseFile, LinkFile, evolve))


@contextmanager
def open_hub(
    settings: Settings | None = None, observer: Observer = UNOBSERVED, *, is_restoring: bool = False
) -> Iterator[Hub]:
    """A hub for one command; what is missing in its home is made."""
    hub = Hub(settings or load_settings(), observer=observer, is_restoring=is_restoring)
    try:
        yield hub
    finally:
        hub.close()
