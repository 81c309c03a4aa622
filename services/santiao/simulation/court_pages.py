"""The court's poll responses: each poll lists what was updated since the one before, with an overlap, in pages.

One poll is answered by an error of the source, one by something that is not JSON; a row may move while pages are read.
"""

from datetime import datetime, timedelta

import msgspec

from santiao.simulation import lists
from santiao.simulation.desk import Office
from santiao.simulation.truth import Json

AGENCY = "court"
SUCCESS_CODES: tuple[object, ...] = (200, "0000", "200")
OVERLAP = timedelta(hours=36)
BUSY = '{"code":500,"message":"系统繁忙","data":null}'.encode()
BROKEN = (
    b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)
MANY = 40
"""From so many pages on, pages are larger."""

Row = tuple[str, bytes]
"""Case id and the case as JSON."""


class Pages:
    """Writes the answers to all polls of one city."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._count = 0

    def deliver(self) -> None:
        office = self._office
        folder = office.out / AGENCY
        folder.mkdir(parents=True, exist_ok=True)
        lists.write_causes(folder / "causes.csv")
        polls, before = office.schedule.court_polls, list[Row]()
        on = office.hardships.is_on("N24")
        busy, broken = (office.chance.between(1, len(polls) - 1) if on else -1 for _ in range(2))
        since: datetime | None = None
        for number, poll in enumerate(polls):
            fresh = [(key, body) for _, key, body in office.staging.take(AGENCY, since, poll)]
            rows = [*self._overlap(before, since, {key for key, _ in fresh}), *fresh]
            rows.sort(key=lambda row: _updated(row[1]))
            rows += self._moved(before, rows)
            self._answer(rows, poll, SUCCESS_CODES[number % 3])
            if number == busy:
                self._write(poll, BUSY, "retry", "source_error_500")
            if number == broken:
                self._write(poll, BROKEN, "quarantined", "not_json")
            before, since = rows, poll

    def _overlap(self, before: list[Row], since: datetime | None, fresh: set[str]) -> list[Row]:
        """Rows of the last poll that the next one's overlap brings again, unless they have changed meanwhile."""
        if since is None or not self._office.hardships.is_on("N1"):
            return []
        edge = (since - OVERLAP).strftime("%Y-%m-%d %H:%M:%S")
        again = [(key, body) for key, body in dict(before).items() if key not in fresh and _updated(body) >= edge]
        for key, _ in again:
            if key:
                self._office.hardships.note("N1", "overlap_duplicate", AGENCY, key)
        return again

    def _moved(self, before: list[Row], rows: list[Row]) -> list[Row]:
        """A row of an earlier poll at the end of the list, because the order moved while pages were read."""
        present = {key for key, _ in rows}
        old = [row for row in before if row[0] and row[0] not in present]
        if not old or not self._office.hardships.moves("N3", 0.3):
            return []
        page = self._count + 1 + len(rows) // self._size(rows)
        self._office.truth.phenomenon("N3", {"file": _name(page), "what": "order_moved_between_pages"})
        return old[:1]

    def _size(self, rows: list[Row]) -> int:
        size = self._office.settings.court_page_size
        return size if len(rows) <= MANY * size else 5 * size

    def _answer(self, rows: list[Row], poll: datetime, code: object) -> None:
        size = self._size(rows)
        for start in range(0, max(len(rows), 1), size):
            chunk = rows[start : start + size]
            answer = {
                "code": code,
                "message": "成功",
                "data": {
                    "total": len(rows),
                    "pageNo": start // size + 1,
                    "pageSize": size,
                    "hasNext": start + size < len(rows),
                    "records": [msgspec.Raw(body) for _, body in chunk],
                },
            }
            text = msgspec.json.format(msgspec.json.encode(answer), indent=1)
            name = self._write(poll + timedelta(minutes=start // size), text, "accepted")
            for key, _ in chunk:
                if key:
                    self._office.truth.place(AGENCY, key, name)

    def _write(self, at: datetime, body: bytes, expect: str, reason: str = "") -> str:
        self._count += 1
        name = _name(self._count)
        (self._office.out / name).write_bytes(body)
        if reason:
            at += timedelta(minutes=29)
            self._office.truth.phenomenon("N24", {"file": name, "what": "source_answers_with_an_error"})
        row: Json = {"agency": AGENCY, "file": name, "delivered_at": at.isoformat(), "expect": expect}
        self._office.truth.delivery(at, row | ({"reason": reason} if reason else {}))
        return name


def _name(page: int) -> str:
    return f"{AGENCY}/page-{page:04d}.json"


def _updated(body: bytes) -> str:
    """Find a case's update time without decoding it all."""
    mark = body.index(b'"updateTime":"') + 14
    return body[mark : mark + 19].decode()
