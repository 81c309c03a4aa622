"""How right a hub is about a folder of deliveries with a `truth.json`: linking, what was taken, what facts came of it.

Nothing personal is told: keys, counts and codes only.
"""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from bench.acceptance import Acceptance, Agreement, judge_acceptance, judge_agreement
from bench.deliveries import Held, Progress, Received, Source, receive_folder
from bench.figures import Figure, Rated, at_most, rate
from bench.homes import settle_for
from bench.linking_eval import CERTAIN_KINDS, Pair, Share, Truth, evaluate, read_truth
from santiao.domain.links.comparison import compare
from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.links.profile import EMPTY, Profile
from santiao.domain.messages import Counts
from santiao.domain.vocabulary import LinkState
from santiao.store.linking_files import load_linking_policy
from santiao.store.resources import resource_dir

PRECISION, CERTAIN_RECALL, COVERAGE, PROPOSALS = 0.995, 0.90, 0.80, 0.5


class WrongPair(msgspec.Struct, frozen=True, kw_only=True):
    """Two records that stand otherwise than the truth says: what each tells (counts, no values), what the rules make of them."""

    a: str
    b: str
    kind: str
    is_proposed: bool
    told: tuple[str, str]
    reasons: tuple[str, ...]
    vetoes: tuple[str, ...]
    score: int


class LinkQuality(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs counted over records the hub took; links through a third source count."""

    case_precision: Rated
    link_precision: Rated
    hard_negatives_joined: Figure
    hard_negatives_joined_by_why: dict[str, int]
    hard_negatives_proposed_by_why: dict[str, int]
    certain_recall: Rated
    recall: dict[str, Rated]
    coverage: dict[str, Rated]
    """By links and proposals together."""
    proposals: Rated
    wrongly_joined: list[WrongPair]
    missed: list[WrongPair]
    """Pairs of the certain kinds that are not of one case."""


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """All that is said of one folder."""

    folder: str
    received: dict[str, Counts]
    linking: LinkQuality
    acceptance: Acceptance
    agreement: Agreement


def measure_quality(folder: Path, *, police_tables: bool = False, city: Path = Path(), progress: Progress) -> Quality:
    """Receive a folder into a new home and judge what came of it. The hub is for `city`; empty: for the city the folder tells of."""
    document: dict[str, Any] = msgspec.json.decode((folder / "truth.json").read_bytes())
    with tempfile.TemporaryDirectory(prefix="santiao-bench-") as scratch:
        if city == Path():
            city = settle_for(document, Path(scratch) / "city")
        home = Path(scratch) / "home"
        received = receive_folder(folder, home, police_tables=police_tables, city=city, progress=progress)
    return Quality(
        folder=folder.name,
        received=received.counts,
        linking=judge_linking(read_truth(folder / "truth.json"), received),
        acceptance=judge_acceptance(document, received),
        agreement=judge_agreement(document, received),
    )


def judge_linking(truth: Truth, received: Received) -> LinkQuality:
    """Compare cases and proposals with the truth's pairs."""
    held = received.held
    shown: dict[str, Source] = {file.id: source for source, file in held.sources.items()}
    pairs: dict[LinkState, set[Pair]] = {LinkState.ACCEPTED: set(), LinkState.PROPOSED: set()}
    for link in held.links:
        if LinkState(link.state) in pairs:
            pairs[LinkState(link.state)].add(frozenset({shown[link.a], shown[link.b]}))
    case_of = {source: file.case_id for source, file in held.sources.items() if file.case_id is not None}
    proposed = pairs[LinkState.PROPOSED]
    report = evaluate(truth, pairs[LinkState.ACCEPTED], proposed, case_of)
    policy = load_linking_policy(resource_dir("city"))
    missed = [
        _look_at(pair, kind, held, proposed, policy)
        for pair, kind in truth.links.items()
        if kind in CERTAIN_KINDS and len({case_of.get(source, "".join(source)) for source in pair}) == 2
    ]
    wrong = [frozenset({_source(one), _source(other)}) for one, other in report.wrong_pairs]
    return LinkQuality(
        case_precision=_rated(report.case_precision, PRECISION),
        link_precision=_rated(report.link_precision, PRECISION),
        hard_negatives_joined=at_most(sum(report.hard_negatives_joined.values()), 0, "pairs"),
        hard_negatives_joined_by_why=report.hard_negatives_joined,
        hard_negatives_proposed_by_why=report.hard_negatives_proposed,
        certain_recall=_rated(report.certain_recall, CERTAIN_RECALL),
        recall={kind: _rated(share) for kind, share in report.joined.items()},
        coverage={
            kind: _rated(share, COVERAGE if kind == "phone_and_place" else None)
            for kind, share in report.covered.items()
        },
        proposals=_rated(report.proposal_precision, PROPOSALS),
        wrongly_joined=[
            _look_at(pair, truth.hard_negatives.get(pair, ""), held, proposed, policy)
            for pair in sorted(wrong, key=sorted)
        ],
        missed=sorted(missed, key=lambda each: (each.kind, each.a, each.b)),
    )


def _rated(share: Share, wanted: float | None = None) -> Rated:
    return rate(share.right, share.of, wanted)


def _source(told: str) -> Source:
    agency, _, key = told.partition(":")
    return agency, key


def _look_at(pair: Pair, kind: str, held: Held, proposed: Iterable[Pair], policy: LinkingPolicy) -> WrongPair:
    one, other = sorted(pair)
    left, right = (_profile_of(source, held) for source in (one, other))
    verdict = compare(left, right, lambda _kind, _token: 1, policy)
    return WrongPair(
        a=":".join(one),
        b=":".join(other),
        kind=kind,
        is_proposed=pair in proposed,
        told=(describe(left), describe(right)),
        reasons=verdict.reasons,
        vetoes=verdict.vetoes,
        score=verdict.score,
    )


def _profile_of(source: Source, held: Held) -> Profile:
    file = held.sources.get(source)
    return held.profiles.get(file.id, EMPTY) if file is not None else EMPTY


def describe(profile: Profile) -> str:
    """What a record tells that can be compared: per party its side and what was told of it, then how much of everything else."""
    parties = [
        "APRHU"[(each.side - 1) % 5]
        + ("o" if each.is_org else "p")
        + ("n" if each.name else "s" if each.surname else "")
        + ("i" if each.ids else "x" if each.stem else "")
        + ("t" if each.phones else "m" if each.masks else "")
        for each in profile.parties
    ]
    parts: Mapping[str, int] = {
        "quotes": len(profile.quotes),
        "parted": len(profile.parted),
        "rooms": len(profile.rooms),
        "buildings": len(profile.buildings),
        "estates": len(profile.estates),
        "roads": len(profile.roads),
        "sums": len(profile.amounts),
        "days": len(profile.days),
        "names in text": len(profile.names_told),
    }
    more = ", ".join(f"{name} {number}" for name, number in parts.items() if number)
    return f"{profile.type}{'' if profile.type_is_sure else '?'} {profile.region} {' '.join(parties) or '-'}; {more}"
