"""Views are what the log folds to, and what the hub's own files say, whatever happened in whatever order."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from santiao.domain.files import CaseFile, SourceFile
from santiao.domain.folding import evolve
from santiao.hub.refold import MemoryWorld
from santiao.projections.case_history import get_case_as_of, list_cases_as_of
from santiao.projections.case_queries import EVERYTHING, CaseItem, CaseSummary, get_case, list_cases
from santiao.projections.deadlines import deadlines_of
from santiao.projections.linking import LinkDetail, list_links
from santiao.projections.moments import due_at
from santiao.projections.reading import Reading, ViewReader
from santiao.store.log import to_millis
from tests.projections.lives import Life

CHOICES = st.lists(st.integers(0, 1 << 24), min_size=5, max_size=45)


@pytest.fixture(scope="module")
def postgres_store(postgres_module_url: str) -> str:
    return postgres_module_url


@settings(max_examples=12)
@given(choices=CHOICES)
def test_live_views_are_what_the_log_folds_to_and_what_the_files_say(choices: list[int]) -> None:
    with TemporaryDirectory() as folder:
        life = Life(Path(folder))
        life.live(choices)
        life.hub.catch_up()
        assert not life.hub.projector.stalled
        differing = [each.view for each in life.hub.projector.verify() if not each.agrees]
        assert differing == []
        world = life.world()
        with ViewReader(life.hub.views).reading() as reading:
            compare_with_files(reading, world)
        compare_with_the_past(life)
        life.hub.close()


def test_the_same_views_stand_in_postgresql(tmp_path: Path, postgres_store: str) -> None:
    lives = [Life(tmp_path / "sqlite"), Life(tmp_path / "postgres", store=postgres_store)]
    choices = [(7919 * number * number) % (1 << 24) for number in range(60)]
    for life in lives:
        life.live(choices)
        life.hub.catch_up()
        assert [each.view for each in life.hub.projector.verify() if not each.agrees] == []
        with ViewReader(life.hub.views).reading() as reading:
            compare_with_files(reading, life.world())
        rebuilt = life.hub.projector.rebuild()
        assert all(each.agreed for each in rebuilt)
        assert [each.view for each in life.hub.projector.verify() if not each.agrees] == []
        life.hub.close()


def compare_with_files(reading: Reading, world: MemoryWorld) -> None:
    """Overview, deadlines and links against the files that deciders see."""
    listed = {summary.item.case_id: summary for summary in every_case(reading)}
    assert set(listed) == {case.id for case in world.cases.values() if case.merged_into is None}
    for case_id, summary in listed.items():
        case = world.cases[case_id]  # type: ignore[index]
        assert summary.item == item_of(case, world)
        assert told_of(summary) == kept_of(case)
        clocks = {clock.id: clock for clock in case.clocks}
        shown = {item.deadline_id: item for item in deadlines_of(reading, [case_id]) if item.deadline_id in clocks}
        assert {
            name: (item.entry.state, item.entry.effective_end, item.entry.provisional) for name, item in shown.items()
        } == {name: (clock.state, clock.effective_end, clock.provisional) for name, clock in clocks.items()}
    for case in world.cases.values():
        if case.merged_into is not None:
            assert get_case(reading, case.id).item.case_id == survivor_of(case, world).id
            assert get_case(reading, case.no).item.case_id == survivor_of(case, world).id
    links = {(detail.a, detail.b): detail.item for detail in every_link(reading)}
    assert set(links) == set(world.links)
    for pair, item in links.items():
        file = world.links[pair]  # type: ignore[index]
        assert (item.state, item.score, item.reasons) == (file.state, file.score, file.reasons)
        assert item.a.key == world.sources[file.a].key
        assert item.b.key == world.sources[file.b].key


def compare_with_the_past(life: Life) -> None:
    """As of any recorded time the overview is what the log up to then folds to."""
    with life.hub.database.readable() as connection:
        log = life.hub.engine.log
        events = [entry for shard in log.shards(connection) for entry in log.stream(connection, shard)]
    moments = sorted({meta.recorded_at for meta, _ in events})
    for moment in moments[:: max(1, len(moments) // 6)]:
        world = MemoryWorld()
        for meta, event in events:
            if meta.recorded_at <= moment:
                evolve(world, meta, event)
        with ViewReader(life.hub.views).reading() as reading:
            as_of = to_millis(moment)
            items = {item.case_id: item for item in every_case_as_of(reading, as_of)}
            living = {case.id: case for case in world.cases.values() if case.merged_into is None}
            assert set(items) == set(living)
            for case_id, item in items.items():
                case = living[case_id]  # type: ignore[index]
                assert item == item_of(case, world)
                found = get_case_as_of(reading, case.no, as_of)
                assert found.item == item
                assert (found.aliases, found.outcome, found.closed_reason) == (
                    case.aliases,
                    case.outcome,
                    case.closed_reason,
                )


def every_case(reading: Reading) -> Iterator[CaseSummary]:
    after = None
    while True:
        page = list_cases(reading, EVERYTHING, after=after, limit=3)
        yield from page.items
        after = page.next
        if after is None:
            return


def every_case_as_of(reading: Reading, as_of: int) -> Iterator[CaseItem]:
    after = None
    while True:
        page = list_cases_as_of(reading, as_of, EVERYTHING, after=after, limit=3)
        yield from page.items
        after = page.next
        if after is None:
            return


def every_link(reading: Reading) -> Iterator[LinkDetail]:
    after: str | None = None
    while True:
        page = list_links(reading, after=after, limit=3)
        yield from page.items
        after = page.next
        if after is None:
            return


def survivor_of(case: CaseFile, world: MemoryWorld) -> CaseFile:
    while case.merged_into is not None:
        case = world.cases[case.merged_into]
    return case


def item_of(case: CaseFile, world: MemoryWorld) -> object:
    """The contract's item, from the files."""
    files: list[SourceFile] = [world.sources[name] for name in case.sources if name in world.sources]
    told = [
        (file.agency, file.key, str(file.state), tuple(sorted({hit.gate for hit in file.hits})))
        for file in files
        if not file.is_waiting
    ]
    return _Item(case, told)


class _Item:
    """Compares with a `CaseItem` and says what differs."""

    def __init__(self, case: CaseFile, sources: list[tuple[str, str, str, tuple[str, ...]]]) -> None:
        self.told = (case.id, case.no, str(case.status), case.dispute_type, case.region, str(case.risk), sources)
        self.opened_at = case.opened_at

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, CaseItem)
        sources = [(source.agency, source.key, source.state, source.gates) for source in other.sources]
        told = (other.case_id, other.case_no, other.status, other.dispute_type, other.region, other.risk, sources)
        assert told == self.told
        assert datetime.fromisoformat(other.opened_at).astimezone(UTC) == self.opened_at
        assert other.opened_at.endswith("+08:00")
        return True

    __hash__ = None  # type: ignore[assignment]


def told_of(summary: CaseSummary) -> dict[str, object]:
    return {
        "aliases": summary.aliases,
        "outcome": summary.outcome,
        "closed_reason": summary.closed_reason,
        "blocked_by": summary.blocked_by,
        "officer": summary.officer,
        "version": summary.version,
        "designation": summary.designation,
        "bounces": summary.bounces,
        "consents": summary.consents,
        "referral": (summary.referral_id, summary.referral_state),
        "mediation": (summary.mediation_id, summary.mediation_state),
        "agreement": summary.agreement_no,
        "notices": summary.notices,
        "next_due": summary.next_due.end if summary.next_due else None,
    }


def kept_of(case: CaseFile) -> dict[str, object]:
    running = [clock for clock in case.clocks if clock.state in ("running", "warned") and not clock.party_right]
    first = min(running, key=lambda clock: due_at(clock.effective_end)) if running else None
    return {
        "aliases": case.aliases,
        "outcome": case.outcome,
        "closed_reason": case.closed_reason,
        "blocked_by": case.blocked_by,
        "officer": case.override,
        "version": case.version,
        "designation": case.designation,
        "bounces": case.bounces,
        "consents": case.consents,
        "referral": (case.referral.id, case.referral.state) if case.referral else ("", ""),
        "mediation": (case.mediation.id, case.mediation.state) if case.mediation else ("", ""),
        "agreement": case.agreement.no if case.agreement else "",
        "notices": case.notices,
        "next_due": first.effective_end if first else None,
    }
