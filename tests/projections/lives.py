"""Invented lives of a city: records in any order, people's commands, timers, erasures, as random choices decide.

What a choice comes to depends on the hub's state alone, so that a list of numbers is a whole history.
"""

import itertools
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec

from santiao.bootstrap import Hub
from santiao.domain import commands
from santiao.domain.errors import Conflict, Rejection
from santiao.domain.files import CaseFile
from santiao.domain.messages import Batch, Delivered, Fault, FaultKind
from santiao.domain.records import AgencyRecord, Relation
from santiao.domain.vocabulary import Op
from santiao.hub.refold import MemoryWorld
from santiao.settings import Settings
from santiao.simulation.canonical import canonical_stream
from santiao.simulation.settings import SimulationSettings


@cache
def records_of(disputes: int, seed: int = 1) -> tuple[AgencyRecord, ...]:
    """An invented city's records."""
    return tuple(canonical_stream(SimulationSettings(disputes=disputes, seed=seed)))


def delivered(record: AgencyRecord) -> Delivered:
    """A record as its connector hands it over."""
    return Delivered(
        connector=record.connector,
        feed=record.feed,
        where=record.key,
        received_at=record.received_at,
        raw=record.raw or record.content_hash,
        record=record,
    )


class Life:
    """A hub and what was done to it."""

    def __init__(self, home: Path, *, disputes: int = 12, store: str = "") -> None:
        self.hub = Hub(Settings(home=home, store_url=store, clock="follow"))
        self.records = list(records_of(disputes))
        self.taken: list[AgencyRecord] = []
        self.serial = itertools.count(1)

    def receive(self, *records: AgencyRecord) -> None:
        self.hub.receiver.receive(Batch(tuple(delivered(record) for record in records)))
        self.taken.extend(records)

    def world(self) -> MemoryWorld:
        """Files as the log folds to them."""
        with self.hub.database.readable() as connection:
            shards = list(self.hub.engine.log.shards(connection))
            return self.hub.refolder.fold(connection, shards[0]) if shards else MemoryWorld()

    def live(self, choices: Sequence[int]) -> None:
        """Let each choice act."""
        for choice in choices:
            act = ACTS[choice % len(ACTS)]
            act(self, choice // len(ACTS))

    # --- acts ----------------------------------------------------------------------------------------------------------

    def come(self, number: int) -> None:
        """Some records come, from anywhere in the city's order."""
        for _ in range(1 + number % 5):
            if self.records:
                self.receive(self.records.pop(number % len(self.records)))

    def correct(self, number: int) -> None:
        """A version nobody saw: another hash, perhaps an older version."""
        if self.taken:
            record = self.taken[number % len(self.taken)]
            older = number % 3 == 0
            self.receive(
                msgspec.structs.replace(
                    record,
                    content_hash=number.to_bytes(32, "big"),
                    source_version=record.source_version + (-1 if older else 1),
                    received_at=self._later(),
                )
            )

    def relate(self, number: int) -> None:
        """A source is withdrawn, merged into another, or unmerged, also one that never came."""
        everything = [*self.taken, *self.records[:3]]
        if not everything:
            return
        record, other = everything[number % len(everything)], everything[(number // 7) % len(everything)]
        op = (Op.WITHDRAW, Op.MERGE, Op.UNMERGE, Op.SNAPSHOT_ABSENT)[number % 4]
        self.receive(
            msgspec.structs.replace(
                record,
                part="",
                op=op,
                body=Relation(others=(other.key,)),
                content_hash=(number + 1).to_bytes(32, "little"),
                source_version=record.source_version + number % 3,
                received_at=self._later(),
                references=(),
            )
        )

    def seal_off(self, number: int) -> None:
        """Informer's material is learned of."""
        if self.taken and number % 3 == 0:
            record = self.taken[number % len(self.taken)]
            fault = Fault(
                kind=FaultKind.REFUSED, code="informer", path="", detail="refused", detail_zh="拒收", key=record.key
            )
            item = msgspec.structs.replace(delivered(record), record=None, fault=fault)
            self.hub.receiver.receive(Batch((item,)))

    def link(self, number: int) -> None:
        """A person says something about two sources."""
        sources = sorted(self.world().sources)
        if len(sources) > 1:
            a, b = sorted((sources[number % len(sources)], sources[(number // 5) % len(sources)]))
            case = self.world().sources[a].case_id or ""
            if number % 2:
                known = sorted(self.world().links)
                if known:
                    a, b = known[number % len(known)]
                    case = self.world().sources[a].case_id or ""
            kind = (commands.ConfirmLink, commands.RejectLink, commands.ProposeLink)[number % 3]
            self._command(kind(case=case, a=a, b=b))
            if number % 5 == 0:
                self._command(commands.DissolveLink(case=case, a=a, b=b, reason="wrong"))

    def work(self, number: int) -> None:
        """Somebody works on a case."""
        cases = [case for case in self.world().cases.values() if case.merged_into is None]
        if cases:
            for command in next_steps(cases[number % len(cases)], number // len(cases)):
                self._command(command)

    def tick(self, number: int) -> None:
        """Time passes and timers fire."""
        self.hub.timers.fire_due(until=self._later(days=number % 40), limit=20)

    def erase(self, number: int) -> None:
        """A person is erased."""
        if self.taken and number % 2 == 0:
            record = self.taken[number % len(self.taken)]
            try:
                self.hub.eraser.erase([(f"{record.connector}:{record.key}", number % 2)], reason="request", actor="P1")
            except Rejection:
                return

    def project(self, number: int) -> None:
        """The projector comes by; one that was killed between two transactions is simply another one."""
        self.hub.projector.run_once()

    def _later(self, days: int = 0) -> datetime:
        last = max((record.received_at for record in self.taken), default=self.records[0].received_at)
        return max(last, self.hub.engine.clock.now()) + timedelta(days=days, seconds=1)

    def _command(self, command: commands.Command) -> None:
        try:
            self.hub.commander.command(
                command,  # type: ignore[arg-type]
                actor="P1",
                idempotency_key=str(next(self.serial)),
                received_at=self._later(),
            )
        except (Rejection, Conflict):
            return


def next_steps(case: CaseFile, number: int) -> list[commands.Command]:
    """Commands that may fit where the case stands; those that do not are refused by the hub."""
    name, letter = case.id, case.referral.id if case.referral else ""
    day = date(2026, 3, 1)
    ways: tuple[tuple[commands.Command, ...], ...] = (
        (
            commands.RequestConsent(case=name),
            commands.RecordConsent(case=name, side="applicant", given=True),
            commands.RecordConsent(case=name, side="respondent", given=number % 7 != 0),
            commands.SendReferral(case=name),
        ),
        (commands.AcceptReferral(case=name, referral=letter), commands.StartMediation(case=name)),
        (commands.DeclineReferral(case=name, referral=letter, reason="OUT_OF_SCOPE"),),
        (commands.ReturnReferral(case=name, referral=letter, missing=("FACTS",)),),
        (commands.ForwardReferral(case=name, referral=letter, to="lzh-pmc", reason="WRONG_JURISDICTION"),),
        (commands.RecallReferral(case=name, referral=letter, reason="mistake"),),
        (commands.DesignateBody(case=name, body="lzh-pmc", mode="GO", reason="nearest"),),
        (commands.SuspendMediation(case=name, reason="APPRAISAL"), commands.ResumeMediation(case=name)),
        (commands.ConcludeMediation(case=name, outcome=("O10", "O11", "O12", "O32")[number % 4]),),
        (commands.RecordPerformance(case=name, performed_on=day), commands.FollowUp(case=name, performed=True)),
        (commands.RecordBreach(case=name, reason="unpaid"),),
        (
            commands.ApplyConfirmation(case=name, court="lzh-court", applied_on=day),
            commands.DecideConfirmation(case=name, confirmed=True, ruling_no="1"),
        ),
        (
            commands.CloseCase(case=name, reason="done"),
            *((commands.ReopenCase(case=name, reason="again"),) * (number % 2)),
        ),
        (commands.SetAsideGate(case=name, reason="checked"),),
    )
    return list(ways[number % len(ways)])


ACTS: tuple[Callable[[Life, int], None], ...] = (
    Life.come,
    Life.come,
    Life.come,
    Life.correct,
    Life.relate,
    Life.seal_off,
    Life.link,
    Life.work,
    Life.work,
    Life.work,
    Life.tick,
    Life.erase,
    Life.project,
)
