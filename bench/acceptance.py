"""What became of every record and delivery, against the truth: accepted, blocked, quarantined, refused or unread.

Records are found by their key; one without a usable key counts among its agency's quarantined items. A report of police officers whose
incident never comes waits: the truth calls it quarantined, and waiting is as right.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from bench.deliveries import Outcome, Received, Source
from bench.figures import Rated, rate
from santiao.domain.deciders.progress import outcome_of, stage_of
from santiao.domain.files import SourceFile

Row = Mapping[str, Any]
WANTED = 0.98
UNUSABLE_KEYS = frozenset({"", "NULL"})
LINE_BY_LINE = frozenset({"hotline-12345", "peoples-mediation"})
_ONE_WORD = {"cancelled": "withdrawn"}
_TAKEN = frozenset({"accepted", "repeated"})


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """One that came out differently. `where` a key, or a file with its line; `reason` as the truth tells it."""

    agency: str
    where: str
    expected: str
    got: str
    reason: str = ""


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """Rates with the list of misses, by key or place only."""

    records: Rated
    deliveries: Rated
    by_expectation: dict[str, Rated]
    gates: Rated
    """Of the records rightly blocked, those with the right gate and no other."""
    misses: list[Miss]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How far the facts of accepted records are what they truly are; misses by agency, key, expected and got."""

    type: Rated
    region: Rated
    stage: Rated
    outcome: Rated
    misses: dict[str, list[Miss]]


class _Tally:
    """Expected against got."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.of: Counter[str] = Counter()
        self.misses: list[Miss] = []

    def note(self, expected: str, got: str, *, is_right: bool, agency: str, where: str, reason: str = "") -> None:
        self.of[expected] += 1
        if is_right:
            self.right[expected] += 1
        else:
            self.misses.append(Miss(agency=agency, where=where, expected=expected, got=got, reason=reason))

    def rated(self, wanted: float | None = None) -> Rated:
        return rate(self.right.total(), self.of.total(), wanted)


def judge_acceptance(truth: Row, received: Received) -> Acceptance:
    """Compare what became of everything with the truth's `records` and `deliveries`."""
    records, deliveries, gates = _Tally(), _Tally(), _Tally()
    by_key, by_file = _index(received.outcomes)
    for row in _with_key(truth["records"]):
        source = str(row["agency"]), str(row["key"])
        file = received.held.sources.get(source)
        expected = str(row["expect"])
        got = _became(row, file, by_key.get(source, ()), by_file)
        is_right = got == expected or (expected == "quarantined" and got == "waiting")
        records.note(
            expected, got, is_right=is_right, agency=source[0], where=source[1], reason=str(row.get("reason", ""))
        )
        if file is not None and got == expected == "blocked" and "gate" in row:
            hit = "+".join(sorted({gate.gate for gate in file.hits}))
            gates.note(str(row["gate"]), hit, is_right=hit == row["gate"], agency=source[0], where=source[1])
    for agency, expected_count, got_count in _without_key(truth["records"], received.outcomes):
        for number in range(max(expected_count, got_count)):
            is_right = number < min(expected_count, got_count)
            got = "quarantined" if number < got_count else "unknown"
            expected = "quarantined" if number < expected_count else "nothing"
            records.note(expected, got, is_right=is_right, agency=agency, where="(no usable key)")
    for row in truth["deliveries"]:
        _judge_delivery(row, by_file, received, deliveries)
    return Acceptance(
        records=records.rated(WANTED),
        deliveries=deliveries.rated(WANTED),
        by_expectation={name: rate(records.right[name], records.of[name]) for name in sorted(records.of)},
        gates=gates.rated(WANTED),
        misses=[*records.misses, *deliveries.misses, *gates.misses],
    )


def _with_key(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if str(row["key"] or "") not in UNUSABLE_KEYS)


def _index(
    outcomes: Sequence[Outcome],
) -> tuple[dict[Source, list[Outcome]], dict[tuple[str, str], dict[int, list[Outcome]]]]:
    by_key: dict[Source, list[Outcome]] = defaultdict(list)
    by_file: dict[tuple[str, str], dict[int, list[Outcome]]] = defaultdict(lambda: defaultdict(list))
    for each in outcomes:
        if each.key:
            by_key[each.agency, each.key].append(each)
        by_file[each.agency, each.file][each.line].append(each)
    return by_key, by_file


def _became(
    row: Row,
    file: SourceFile | None,
    own: Sequence[Outcome],
    by_file: Mapping[tuple[str, str], Mapping[int, Sequence[Outcome]]],
) -> str:
    """What the hub made of a record. One that it does not know is what its own items became, else what was not taken of its files."""
    if file is not None and not file.sealed_off:
        if file.case_id is None:
            return "waiting"
        return "blocked" if file.hits else "accepted"
    if row["expect"] == "unread":
        return "unread"
    states = {each.state for each in own} - _TAKEN
    if not states:
        agency, files = str(row["agency"]), {str(name).rpartition("/")[2] for name in row.get("files", ())}
        states = {
            each.state
            for (whose, name), lines in by_file.items()
            if whose == agency and (not files or name in files)
            for items in lines.values()
            for each in items
            if not each.key
        } - _TAKEN
    expected = str(row["expect"])
    return expected if expected in states else "+".join(sorted(states)) or "unknown"


def _without_key(rows: Iterable[Row], outcomes: Sequence[Outcome]) -> Iterator[tuple[str, int, int]]:
    """Of each agency: records without a usable key, and distinct quarantined rows or elements without one."""
    expected = Counter(str(row["agency"]) for row in rows if str(row["key"] or "") in UNUSABLE_KEYS)
    found = {
        (each.agency, each.quarantine_id)
        for each in outcomes
        if each.state == "quarantined" and each.code == "item.no_key"
    }
    got = Counter(agency for agency, _ in found)
    for agency in sorted({*expected, *got}):
        yield agency, expected[agency], got[agency]


def _judge_delivery(
    row: Row,
    by_file: Mapping[tuple[str, str], Mapping[int, Sequence[Outcome]]],
    received: Received,
    tally: _Tally,
) -> None:
    """Lines one by one; of files only those that are unreadable, refused, not complete or only an answer "ask again"."""
    agency, expected = str(row["agency"]), str(row["expect"])
    if agency not in received.counts:
        return
    name = str(row["file"]).rpartition("/")[2]
    items = by_file.get((agency, name), {})
    line = int(row.get("line", 0))
    if not line and expected == "accepted":
        return
    # A file that is refused or quarantined as a whole is one item, which stands at no line of it.
    found = items.get(line, ()) if line else [each for here in items.values() for each in here]
    states = {"accepted" if each.state in _TAKEN else each.state for each in found}
    got = "+".join(sorted(states)) or "nothing"
    is_right = got == ("nothing" if expected in {"unread", "retry"} else expected)
    where = f"{name}:{line}" if line else name
    tally.note(expected, got, is_right=is_right, agency=agency, where=where, reason=str(row.get("reason", "")))


def judge_agreement(truth: Row, received: Received) -> Agreement:
    """Compare type, region, stage and outcome of what was accepted."""
    tallies = {name: _Tally() for name in ("type", "region", "stage", "outcome")}
    for row in _with_key(truth["records"]):
        agency, key = str(row["agency"]), str(row["key"])
        file = received.held.sources.get((agency, key))
        if file is None or file.case_id is None or file.is_waiting or row["expect"] not in {"accepted", "blocked"}:
            continue
        got = {
            "type": file.main.type,
            "region": file.main.region,
            "stage": _standing(file),
            "outcome": outcome_of(file) or "",
        }
        expected = {
            "type": row["type"],
            "region": row["region"],
            "stage": _ONE_WORD.get(row["state"], row["state"]),
            "outcome": row.get("outcome") or "",
        }
        for name, tally in tallies.items():
            if expected[name] is None or (name == "type" and row["dispute"] is None):
                continue
            if name == "outcome" and (file.withdrawn or file.merged_into):
                continue  # what a file that was taken back had come to is told by nobody
            is_right = got[name] == expected[name]
            tally.note(str(expected[name]), str(got[name]), is_right=is_right, agency=agency, where=key)
    return Agreement(
        type=tallies["type"].rated(),
        region=tallies["region"].rated(),
        stage=tallies["stage"].rated(),
        outcome=tallies["outcome"].rated(),
        misses={name: tally.misses for name, tally in tallies.items() if tally.misses},
    )


def _standing(file: SourceFile) -> str:
    if file.absent:
        return "absent"
    stands_apart = file.withdrawn or file.merged_into or file.sealed_off
    stage = str(file.state) if stands_apart else stage_of(file)
    return _ONE_WORD.get(stage, stage)
