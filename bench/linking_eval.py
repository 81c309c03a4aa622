"""How right linking is: predicted links and proposals against a city's truth (`truth.json`).

Pairs are counted over records that the hub accepted; a pair is joined when both records are of one case, by whatever path. Precision is
counted twice, over the accepted links themselves and over all pairs within a case.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec

Source = tuple[str, str]
"""Connector's name and source key."""
Pair = frozenset[Source]

CERTAIN_KINDS = ("explicit_reference", "both_ids", "one_id_and_counterpart")
KINDS = (*CERTAIN_KINDS, "phone_and_place", "text_only")


class Share(msgspec.Struct, frozen=True):
    """So many of so many."""

    right: int
    of: int

    @property
    def rate(self) -> float:
        """The share as a number; 1 of nothing."""
        return self.right / self.of if self.of else 1.0


class Truth(msgspec.Struct, frozen=True):
    """What is true of a city: each source's dispute, the true pairs by the best evidence their texts offer, the pairs that only look so."""

    disputes: dict[Source, str]
    links: dict[Pair, str]
    hard_negatives: dict[Pair, str]


class Report(msgspec.Struct, frozen=True):
    """The figures of one city. `covered` counts pairs that are joined or proposed."""

    link_precision: Share
    case_precision: Share
    hard_negatives_joined: dict[str, int]
    hard_negatives_proposed: dict[str, int]
    joined: dict[str, Share]
    covered: dict[str, Share]
    certain_recall: Share
    proposal_precision: Share
    proposal_pair_precision: dict[str, Share]
    wrong_pairs: tuple[tuple[str, str], ...]


def read_truth(path: Path) -> Truth:
    """Read `truth.json`; records that no hub takes (refused, quarantined, unread) have no part in it."""
    document: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    taken = {
        _source(row): str(row["dispute"] or "")
        for row in document["records"]
        if row["expect"] in {"accepted", "blocked"}
    }
    return Truth(
        disputes={source: dispute for source, dispute in taken.items() if source[1]},
        links=_pairs(document["links"], "evidence", taken),
        hard_negatives=_pairs(document["hard_negatives"], "why", taken),
    )


def _source(row: Mapping[str, Any]) -> Source:
    return str(row["agency"]), str(row["key"] or "")


def _pairs(rows: Iterable[Mapping[str, Any]], what: str, taken: Mapping[Source, str]) -> dict[Pair, str]:
    found = {}
    for row in rows:
        one, other = _source(row["a"]), _source(row["b"])
        if one in taken and other in taken:
            found[frozenset({one, other})] = str(row[what])
    return found


def join_cases(accepted: Iterable[Pair]) -> dict[Source, int]:
    """The case of every linked source: components of the accepted links."""
    case_of: dict[Source, int] = {}
    members: dict[int, list[Source]] = {}
    for number, pair in enumerate(accepted):
        old = {case_of[source] for source in pair if source in case_of}
        united = [*pair, *(source for each in old for source in members.pop(each))]
        members[number] = united
        case_of.update(dict.fromkeys(united, number))
    return case_of


def evaluate(
    truth: Truth, accepted: Iterable[Pair], proposed: Iterable[Pair], case_of: Mapping[Source, object] | None = None
) -> Report:
    """Count how right accepted links and proposals are; cases as a hub keeps them, or the components of the accepted links."""
    accepted, proposed = set(accepted), set(proposed)
    if case_of is None:
        case_of = join_cases(accepted)
    together = _pairs_within(case_of)

    def is_true(pair: Pair) -> bool:
        one, other = pair
        return truth.disputes.get(one, "") == truth.disputes.get(other, "-") != ""

    def share_of(kind: str, found: set[Pair]) -> Share:
        pairs = [pair for pair, evidence in truth.links.items() if evidence == kind]
        return Share(sum(pair in found for pair in pairs), len(pairs))

    joined = {kind: share_of(kind, together) for kind in KINDS}
    by_channels: dict[str, list[bool]] = {}
    for pair in proposed:
        by_channels.setdefault(" / ".join(sorted(source[0] for source in pair)), []).append(is_true(pair))
    return Report(
        link_precision=Share(sum(map(is_true, accepted)), len(accepted)),
        case_precision=Share(sum(map(is_true, together)), len(together)),
        hard_negatives_joined=_count(truth, together),
        hard_negatives_proposed=_count(truth, proposed - together),
        joined=joined,
        covered={kind: share_of(kind, together | proposed) for kind in KINDS},
        certain_recall=Share(
            sum(joined[kind].right for kind in CERTAIN_KINDS), sum(joined[kind].of for kind in CERTAIN_KINDS)
        ),
        proposal_precision=Share(sum(map(is_true, proposed)), len(proposed)),
        proposal_pair_precision={name: Share(sum(found), len(found)) for name, found in sorted(by_channels.items())},
        wrong_pairs=tuple(sorted(_told(pair) for pair in together if not is_true(pair))),
    )


def _pairs_within(case_of: Mapping[Source, object]) -> set[Pair]:
    members: dict[object, list[Source]] = {}
    for source, case in case_of.items():
        members.setdefault(case, []).append(source)
    return {frozenset(pair) for sources in members.values() for pair in combinations(sources, 2)}


def _count(truth: Truth, pairs: set[Pair]) -> dict[str, int]:
    return dict(sorted(Counter(why for pair, why in truth.hard_negatives.items() if pair in pairs).items()))


def _told(pair: Pair) -> tuple[str, str]:
    one, other = sorted(pair)
    return ":".join(one), ":".join(other)


def tell(report: Report) -> dict[str, object]:
    """The report as plain values, rates rounded, for printing."""

    def told(share: Share) -> str:
        return f"{share.rate:.3f} ({share.right}/{share.of})"

    return {
        "link_precision": told(report.link_precision),
        "case_precision": told(report.case_precision),
        "hard_negatives_joined": report.hard_negatives_joined,
        "hard_negatives_proposed": report.hard_negatives_proposed,
        "certain_recall": told(report.certain_recall),
        "joined": {kind: told(share) for kind, share in report.joined.items()},
        "covered": {kind: told(share) for kind, share in report.covered.items()},
        "proposal_precision": told(report.proposal_precision),
        "proposals_by_channels": {name: told(share) for name, share in report.proposal_pair_precision.items()},
        "wrong_pairs": [list(pair) for pair in report.wrong_pairs],
    }
