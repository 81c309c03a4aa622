"""Links a folder of deliveries straight from the connectors, without a store, and says how right it was.

What the hub does with versions is done here in its plainest form: of every part the newest version counts, a merge and its undoing
stand apart from content, an absent or withdrawn file keeps what it told.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bench.linking_eval import Pair, Source, evaluate, read_truth, tell
from santiao.connectors.registry import Connectors, load_connectors
from santiao.domain.links.engine import Linker
from santiao.domain.links.features import ProfileReader
from santiao.domain.links.pairs import PairState
from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.links.profile import Profile, combine
from santiao.domain.links.working import EmptyView
from santiao.domain.records import AgencyRecord, Relation
from santiao.domain.vocabulary import LinkState, Op
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate
from santiao.store.blind import BlindIndex
from santiao.store.linking_files import load_linking_policy
from santiao.store.resources import resource_dir

SOURCES = {
    "police-110": ".",
    "court": ".",
    "petitions": ".",
    "human-resources": ".",
    "hotline-12345": "deliveries.jsonl",
    "peoples-mediation": "events.jsonl",
}
"""Below a connector's own folder, what it is given to read."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_MERGES = frozenset({Op.MERGE, Op.UNMERGE})


class Linked(NamedTuple):
    """A city after linking."""

    profiles: dict[Source, Profile]
    states: dict[Pair, PairState]

    def in_state(self, state: LinkState) -> set[Pair]:
        """The pairs in one state."""
        return {pair for pair, found in self.states.items() if found.state is state}


def connectors_of_the_checkout() -> Connectors:
    """The declared connectors, with the hotline's test secret."""
    return load_connectors(
        resource_dir("connectors"),
        regions=resource_dir("city") / "regions.csv",
        clock=lambda: datetime.now(UTC),
        secrets=lambda _name: "TEST-SECRET-12345",
    )


def read_records(folder: Path, connectors: Connectors) -> Iterator[AgencyRecord]:
    """All records of a city's deliveries."""
    for name, below in SOURCES.items():
        source = folder / name / below
        if not source.exists():
            continue
        for batch in connectors[name].read(str(source)):
            yield from (item.record for item in batch.items if item.record is not None)


def standing_parts(records: Iterable[AgencyRecord]) -> dict[Source, list[AgencyRecord]]:
    """The newest version of every part of every source, by the key that others see."""
    newest: dict[tuple[str, str], dict[str, AgencyRecord]] = {}
    lowest: dict[tuple[str, str], AgencyRecord] = {}
    for record in records:
        if isinstance(record.body, Relation) and record.op not in _MERGES:
            continue
        name = (record.connector, record.key)
        part = "~merge" if record.op in _MERGES else record.part
        parts = newest.setdefault(name, {})
        if part not in parts or _order(record) >= _order(parts[part]):
            parts[part] = record
        if part == "" and (name not in lowest or _order(record) < _order(lowest[name])):
            lowest[name] = record
    shown = _shown_keys(lowest)
    return {shown[name]: list(newest[name].values()) for name in lowest}


def _order(record: AgencyRecord) -> tuple[int, datetime, bytes]:
    return record.source_version, record.source_updated_at or _NEVER, record.content_hash


def _shown_keys(lowest: dict[tuple[str, str], AgencyRecord]) -> dict[tuple[str, str], Source]:
    """The earliest matter under a number is shown under it, a later one with what its lowest version says of it."""
    matters: dict[Source, list[tuple[str, tuple[str, str], str]]] = {}
    for name, record in lowest.items():
        base = (name[0], record.key_base or record.key)
        matters.setdefault(base, []).append((record.key_rank, name, record.key_qualifier))
    shown = {}
    for base, found in matters.items():
        for place, (_, name, qualifier) in enumerate(sorted(found)):
            shown[name] = base if place == 0 else (base[0], f"{base[1]}|{qualifier}")
    return shown


def link(parts: dict[Source, list[AgencyRecord]], policy: LinkingPolicy) -> Linked:
    """Link a city's sources, in the order given."""
    reader = ProfileReader(policy, BlindIndex(b"bench" * 8).token)
    profiles = {
        source: combine(*(reader.derive_profile(record, 100 * place) for place, record in enumerate(records)))
        for source, records in parts.items()
    }
    linker = Linker(EmptyView(), policy)
    names = {":".join(source): source for source in profiles}
    for name, source in names.items():
        linker.upsert(name, profiles[source])
    states = {
        frozenset({source, names[other]}): state
        for name, source in names.items()
        for other, state in linker.working.links_of(name).items()
    }
    return Linked(profiles, states)


def judge_folder(folder: Path, policy: LinkingPolicy, connectors: Connectors) -> dict[str, object]:
    """Link one folder of deliveries and compare with its `truth.json`."""
    linked = link(standing_parts(read_records(folder, connectors)), policy)
    truth = read_truth(folder / "truth.json")
    return tell(evaluate(truth, linked.in_state(LinkState.ACCEPTED), linked.in_state(LinkState.PROPOSED)))


def main() -> None:
    """Print one report a line: of each folder given, or of simulated cities by seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="folders of deliveries with a truth.json")
    parser.add_argument("--seeds", type=int, nargs="*", default=(), help="simulate a city for each of these seeds")
    parser.add_argument("--disputes", type=int, default=300)
    parser.add_argument("--city", default="bengbu")
    given = parser.parse_args()
    policy, connectors = load_linking_policy(resource_dir("city")), connectors_of_the_checkout()
    for folder in given.folders:
        report = judge_folder(folder, policy, connectors)
        sys.stdout.write(json.dumps({"folder": folder.name, **report}, ensure_ascii=False) + "\n")
    for seed in given.seeds:
        with tempfile.TemporaryDirectory() as out:
            city = Path(out) / "city"
            simulate(SimulationSettings(disputes=given.disputes, seed=seed, city=given.city), city)
            report = judge_folder(city, policy, connectors)
        sys.stdout.write(json.dumps({"seed": seed, **report}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
