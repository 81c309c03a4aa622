"""The truth beside the deliveries: every dispute, record, link, look-alike and phenomenon as they really are.

Written section by section to part files while the city is invented, and joined at the end, so that its size does not matter.
"""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Self

import msgspec

from santiao.simulation.disputes import Dispute
from santiao.simulation.firms import Firm
from santiao.simulation.people import Person
from santiao.simulation.staging import Staging

ABOUT = (
    "Synthetic deliveries of one invented city. Persons, numbers and firms do not exist; resident numbers use the unassigned "
    "division 340398."
)
PHENOMENA = tuple(f"N{n}" for n in range(1, 26))
Json = dict[str, object]


class SourceRef(msgspec.Struct, frozen=True):
    agency: str
    key: str


class Truth:
    """Collects what is true. `write` puts it all into one JSON file."""

    def __init__(self, folder: Path, staging: Staging) -> None:
        self.folder = folder
        self._parts = folder / ".truth"
        self._parts.mkdir(parents=True, exist_ok=True)
        self._staging = staging
        self._open = {
            name: (self._parts / name).open("wb")
            for name in ("disputes", "links", "hard_negatives", "parties", *PHENOMENA)
        }
        self._known: set[str] = set()
        self._files: dict[tuple[str, str], list[str]] = {}
        self.disputes = 0
        self.records: Counter[str] = Counter()
        self.expect: Counter[str] = Counter()
        self.links: Counter[str] = Counter()
        self.look_alikes = 0
        self.deliveries: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close and delete the parts; what was written stays, what failed leaves nothing."""
        for part in self._open.values():
            part.close()
        for used in self._parts.iterdir():
            used.unlink()
        self._parts.rmdir()

    def party(self, who: Person | Firm) -> str:
        """Write a person or firm down once, and return what the truth calls them."""
        ref = who.ref
        if ref not in self._known:
            self._known.add(ref)
            if isinstance(who, Person):
                row: Json = {"name": who.name, "sex": who.sex, "birth": who.birth.isoformat(), "id": who.id}
                row |= {"phone": who.phone, "home": who.home.address}
            else:
                row = {"name": who.name, "uscc": who.uscc, "kind": who.kind, "phone": who.phone}
            self._line("parties", b'"%s":%s' % (ref.encode(), msgspec.json.encode(row)))
        return ref

    def dispute(self, dispute: Dispute, sources: list[SourceRef], *, settled: bool) -> None:
        row: Json = {
            "id": dispute.ref,
            "type": dispute.kind.type,
            "kind": dispute.name,
            "region": dispute.district.code,
            "street": dispute.place.street,
            "spot": dispute.spot,
            "started_on": dispute.started.isoformat(),
            "applicants": [self.party(person) for person in dispute.applicants],
            "respondent": self.party(dispute.respondent),
            "amount": dispute.amount,
            "settled": settled,
            "sources": sources,
        }
        if dispute.after is not None:
            row["new_dispute_after"] = f"A-{dispute.after:04d}"
        self.disputes += 1
        self._line("disputes", msgspec.json.encode(row))

    def record(self, agency: str, key: str, at: datetime, row: Json) -> None:
        """`row` without its files, which are added when they are known (`place`)."""
        self.records[agency] += 1
        self.expect[str(row["expect"])] += 1
        self._staging.put("truth.records", at, f"{agency}|{key}", msgspec.json.encode(row))

    def place(self, agency: str, key: str, file: str) -> None:
        """A record came in that file."""
        files = self._files.setdefault((agency, key), [])
        if not files or files[-1] != file:
            files.append(file)

    def link(self, row: Json) -> None:
        self.links[str(row["evidence"])] += 1
        self._line("links", msgspec.json.encode(row))

    def hard_negative(self, row: Json) -> None:
        self.look_alikes += 1
        self._line("hard_negatives", msgspec.json.encode(row))

    def delivery(self, at: datetime, row: Json) -> None:
        self.deliveries[str(row["expect"])] += 1
        self._staging.put("truth.deliveries", at, "", msgspec.json.encode(row))

    def phenomenon(self, name: str, row: Json) -> None:
        self._line(name, msgspec.json.encode(row))

    def write(self, path: Path, period: tuple[str, str]) -> None:
        """Join the parts into one file, and delete them."""
        counts = {
            "disputes": self.disputes,
            "records": dict(sorted(self.records.items())),
            "expect": dict(sorted(self.expect.items())),
            "links": dict(sorted(self.links.items())),
        }
        for part in self._open.values():
            part.flush()
        with path.open("wb") as out:
            out.write(b'{\n"about":%s,\n' % msgspec.json.encode(ABOUT))
            out.write(b'"period":%s,\n"counts":%s' % (msgspec.json.encode(period), msgspec.json.encode(counts)))
            self._section(out, "disputes", b"[", b"]")
            out.write(b',\n"records":[')
            for number, (_, key, body) in enumerate(self._staging.take("truth.records", None, None)):
                agency, _, own = key.partition("|")
                files = self._files.get((agency, own))
                # The row is an object; its files are its last member.
                tail = b',"files":%s}' % msgspec.json.encode(files) if files is not None else b"}"
                out.write((b",\n" if number else b"\n") + body[:-1] + tail)
            out.write(b"\n]")
            self._section(out, "links", b"[", b"]")
            self._section(out, "hard_negatives", b"[", b"]")
            out.write(b',\n"deliveries":[')
            for number, (_, _, body) in enumerate(self._staging.take("truth.deliveries", None, None)):
                out.write((b",\n" if number else b"\n") + body)
            out.write(b"\n]")
            self._section(out, "parties", b"{", b"}")
            out.write(b',\n"phenomena":{')
            for number, name in enumerate(PHENOMENA):
                self._section(out, name, b"[", b"]", b"\n" if number == 0 else b",\n")
            out.write(b"\n}\n}\n")

    def _line(self, part: str, body: bytes) -> None:
        out = self._open[part]
        if out.tell():
            out.write(b",\n")
        out.write(body)

    def _section(self, out: BinaryIO, name: str, start: bytes, end: bytes, before: bytes = b",\n") -> None:
        out.write(before + b'"%s":%s\n' % (name.encode(), start))
        with (self._parts / name).open("rb") as part:
            while chunk := part.read(1 << 20):
                out.write(chunk)
        out.write(b"\n" + end)
