"""The petition platform's outbox: files in drops, with the accidents that happen to files.

One is cut off in the middle of a character and sent again, one is sent twice, one has a document type definition, one never gets its
marker, and on one day the sequence skips a number.
"""

from datetime import datetime, timedelta

import msgspec

from santiao.simulation.desk import Office
from santiao.simulation.truth import Json

AGENCY = "petitions"
AT_THE_END = datetime(9999, 12, 31)  # noqa: DTZ001 (only an order)
"""Items that never became a record stand after all records."""
RESENT = 50
"""Files sent again are numbered from here."""
FOREIGN = 81
"""Number of the file with the document type definition."""


class Drop(msgspec.Struct, frozen=True):
    """One evening's files."""

    at: datetime
    elements: list[tuple[str, bytes]]


class Accidents(msgspec.Struct, frozen=True):
    """Which drops have which accident; None for none."""

    cut: datetime | None = None
    twice: datetime | None = None
    foreign: datetime | None = None
    gap: datetime | None = None


def deliver_files(office: Office, unread_drop: datetime | None) -> None:
    """Write every drop's files, the markers, the replies to write-backs, and enter all of them into the truth."""
    folder = office.out / AGENCY
    (folder / "replies").mkdir(parents=True, exist_ok=True)
    accidents = _accidents(office, unread_drop)
    since: datetime | None = None
    for at in office.schedule.petition_drops:
        elements = [(key, body) for _, key, body in office.staging.take(AGENCY, since, at)]
        since = at
        if elements:
            _deliver(office, Drop(at, elements), accidents)
        if at == unread_drop:
            unread = [(key, body) for _, key, body in office.staging.take(f"{AGENCY}.unread", None, None)]
            if unread:
                # Whoever reads it nevertheless reads petitions nobody was meant to see yet.
                name = _name(office, at, len(range(0, len(elements), _size(office, len(elements)))) + 1)
                _write(office, at, name, unread, expect="unread", reason="no_ok_marker")
    if accidents.foreign is not None:
        _write_foreign(office, accidents.foreign)
    _write_reply(office)


def _accidents(office: Office, unread_drop: datetime | None) -> Accidents:
    drops = [
        at for at in office.schedule.petition_drops if at.date() >= office.settings.period_from + timedelta(days=20)
    ]
    drops = [at for at in drops if at.date() < office.settings.period_to and at != unread_drop]
    cut, twice, foreign, gap = office.chance.sample(drops, 4)
    hard = office.hardships
    return Accidents(
        cut if hard.is_on("N18") else None,
        twice if hard.is_on("N1") else None,
        foreign if hard.is_on("N24") else None,
        gap if hard.is_on("N24") else None,
    )


def _name(office: Office, at: datetime, number: int) -> str:
    return f"{AGENCY}/XFJ_{office.city.code}_{at:%Y%m%d}_{number:03d}.xml"


def _size(office: Office, elements: int) -> int:
    """How many petitions a file of that drop has, so that numbers from `RESENT` on stay free."""
    return max(office.settings.petitions_per_file, elements // (RESENT - 10) + 1)


def _deliver(office: Office, drop: Drop, accidents: Accidents) -> None:
    size, at = _size(office, len(drop.elements)), drop.at
    first = 2 if at == accidents.gap else 1
    if at == accidents.gap:
        pattern = f"{AGENCY}/XFJ_{office.city.code}_{at:%Y%m%d}_*.xml"
        office.hardships.note_file(
            "N24", "sequence_number_skipped_that_day", AGENCY, pattern, day=at.date().isoformat()
        )
    for number, start in enumerate(range(0, len(drop.elements), size), first):
        chunk, name = drop.elements[start : start + size], _name(office, at, number)
        if at == accidents.cut and number == first:
            _write(office, at, name, chunk, expect="quarantined", reason="truncated_xml", cut=True)
            office.hardships.note_file("N18", "file_cut_in_a_character", AGENCY, name)
            _write(office, at + timedelta(minutes=40), _name(office, at, RESENT + number), chunk, pch=number)
        else:
            _write(office, at, name, chunk)
        if at == accidents.twice and number == first:
            again = _name(office, at, RESENT + number)
            _write(office, at + timedelta(minutes=30), again, chunk, reason="same records again", pch=number)
            for key, _ in chunk:
                office.hardships.note("N1", "file_sent_twice", AGENCY, key)


def _write(
    office: Office,
    at: datetime,
    name: str,
    elements: list[tuple[str, bytes]],
    *,
    expect: str = "accepted",
    reason: str = "",
    cut: bool = False,
    pch: int = 0,
) -> None:
    sequence = f"{pch:03d}" if pch else name[-7:-4]
    text = (
        f'<?xml version="1.0" encoding="GB2312"?>\n<XfjList pch="{at:%Y%m%d}{sequence}" total="{len(elements)}" '
        'xmlns="http://www.example.gov.cn/xf/2019">\n'
        + b"".join(body for _, body in elements).decode()
        + "</XfjList>\n"
    )
    data = text.encode("gb18030")
    if cut:
        at_byte = len(text[: len(text) * 4 // 5].encode("gb18030"))
        while data[at_byte - 1] < 0x80:
            at_byte -= 1
        data = data[: at_byte - 1]
    path = office.out / name
    path.write_bytes(data)
    if expect != "unread":
        path.with_suffix(".ok").touch()
        for key, _ in elements:
            if key and not cut:
                office.truth.place(AGENCY, key, name)
    row: Json = {"agency": AGENCY, "file": name, "delivered_at": at.isoformat(), "expect": expect}
    office.truth.delivery(at, row | ({"reason": reason} if reason else {}))


def _write_foreign(office: Office, at: datetime) -> None:
    """A file that asks its reader to open another one: to be refused."""
    key = f"{office.city.code}{at:%Y%m%d}9980"
    name = _name(office, at, FOREIGN)
    text = (
        '<?xml version="1.0" encoding="GB2312"?>\n<!DOCTYPE XfjList [ <!ENTITY x SYSTEM "file:///etc/passwd"> ]>\n'
        f'<XfjList pch="{at:%Y%m%d}{FOREIGN:03d}" total="1" xmlns="http://www.example.gov.cn/xf/2019">\n'
        f" <Xfj><xfjbh>{key}</xfjbh><tsnr>&x;</tsnr><lastmodifytime>{at:%Y-%m-%d}T00:00:00</lastmodifytime></Xfj>\n</XfjList>\n"
    )
    path = office.out / name
    path.write_bytes(text.encode("gb18030"))
    path.with_suffix(".ok").touch()
    row: Json = {"agency": AGENCY, "file": name, "delivered_at": at.isoformat(), "expect": "refused"}
    office.truth.delivery(at, row | {"reason": "external_entity", "keys": [key]})
    lost: Json = {
        "agency": AGENCY,
        "key": key,
        "dispute": None,
        "expect": "refused",
        "reason": "external_entity",
        "state": "none",
    }
    office.truth.record(AGENCY, key, AT_THE_END, lost)


def _write_reply(office: Office) -> None:
    """What the platform answered to a write-back: success in the code, conflicts and failures in the lists."""
    if not office.hardships.is_on("N25"):
        return
    keys = [key for _, key, _ in office.staging.take(AGENCY, None, office.schedule.petition_drops[-1]) if key][:60]
    some = office.chance.sample(sorted(set(keys)), 6)
    if len(some) < 6:
        return
    reply = {
        "code": "0001",
        "msg": "成功",
        "successStr": ",".join(some[:3]),
        "conflictStr": ",".join(some[3:5]),
        "failSituationList": [{"xfjbh": some[5], "code": "0304", "msg": "办结状态不允许回传"}],
    }
    name = f"{AGENCY}/replies/reply-0001.json"
    (office.out / name).write_bytes(msgspec.json.format(msgspec.json.encode(reply), indent=1))
    office.hardships.note_file("N25", "success_code_with_conflicts_and_failures", AGENCY, name)
