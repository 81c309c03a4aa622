"""The hotline's webhook: signed deliveries of events, in order or not, retried, forged, replayed, and caught up after a silence."""

import hashlib
import hmac
from datetime import datetime, timedelta, timezone

import msgspec

from santiao.simulation import lists
from santiao.simulation.desk import Office
from santiao.simulation.journeys import Telling
from santiao.simulation.truth import Json

AGENCY = "hotline-12345"
SECRET = b"TEST-SECRET-12345"
ZONE = timezone(timedelta(hours=8))
FILE = "hotline-12345/deliveries.jsonl"


class Envelope(msgspec.Struct, frozen=True):
    """One delivery waiting for its line."""

    line: str
    expect: str
    reason: str
    key: str


def sm3(data: bytes) -> str:
    return hashlib.new("sm3", data).hexdigest()


def sign(timestamp: str, nonce: str, body: str) -> str:
    """Return HMAC-SM3 over timestamp, nonce and the SM3 of the body, in lower-case hex."""
    message = f"{timestamp}\n{nonce}\n{sm3(body.encode())}".encode()
    return hmac.new(SECRET, message, "sm3").hexdigest()


class Webhook:
    """Posts the events of work orders."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._events = 0
        self._single: set[str] = set()

    def post(self, file: Telling, key: str, events: list[tuple[datetime, Json]], *, refused: bool) -> None:
        """Stage the deliveries of an order's events. `key` is the one the hub knows the order by."""
        for number, (at, body) in enumerate(self._order(file, key, events)):
            self._post(file, key, at, body, first=number == 0, refused=refused)

    def _order(self, file: Telling, key: str, events: list[tuple[datetime, Json]]) -> list[tuple[datetime, Json]]:
        """Give events their ids and the moments they are sent, now and then in the wrong order."""
        c, hard = self._office.chance, self._office.hardships
        posts: list[tuple[datetime, Json]] = []
        for at, body in events:
            self._events += 1
            body["eventId"] = f"e-{at:%Y%m%d}-{self._events:06d}"
            posts.append((at + timedelta(seconds=c.between(3, 9)), body))
        if len(posts) > 2 and not file.reused and hard.strikes("N3", "later_version_arrives_first", AGENCY, key):
            swap = c.between(1, len(posts) - 2)
            later = posts[swap + 1][0]
            posts[swap + 1] = (posts[swap][0] - timedelta(minutes=2), posts[swap + 1][1])
            posts[swap] = (later, posts[swap][1])
        return sorted(posts, key=lambda post: post[0])

    def _post(self, file: Telling, key: str, at: datetime, body: Json, *, first: bool, refused: bool) -> None:
        """Stage one event's deliveries: perhaps a bad one, the good one, perhaps a retry."""
        c, hard = self._office.chance, self._office.hardships
        held = self._office.schedule.after_silence(at) if hard.is_on("N24") else None
        if held is not None:
            hard.note("N4", "held_back_over_the_holiday", AGENCY, key)
            at = held
        text = msgspec.json.encode(body).decode()
        expect, reason = (
            ("refused", file.reason) if refused else ("accepted", "oversize_text" if len(text) > 50_000 else "")
        )
        if not refused and hard.is_on("N24"):
            at += self._bad_delivery(key, at, text)
        nonce = self.send(at, text, expect=expect, reason=reason, key=key)
        minutes = c.pick((1, 1, 5, 30))
        if not refused and hard.strikes("N1", "retry_same_eventId_same_body", AGENCY, key):
            self.send(at + timedelta(minutes=minutes), text, key=key, reason="retry_same_body")
        elif not refused and not first and hard.strikes("N2", "same_eventId_and_version_newer_body", AGENCY, key):
            newer = body | {"contentText": f"{body['contentText']}（已电话核实）"}
            text = msgspec.json.encode(newer).decode()
            self.send(at + timedelta(minutes=minutes), text, key=key, reason="retry_same_eventId_newer_body")
        elif not refused and hard.is_on("N24") and self._once("replayed_nonce", 0.004):
            self.send(
                at + timedelta(minutes=4),
                text,
                expect="refused",
                reason="replayed_nonce",
                key=key,
                nonce=nonce,
                stamped=at,
            )
        elif not refused and hard.is_on("N24") and self._once("old_timestamp", 0.004):
            late = at + timedelta(minutes=c.between(61, 90))
            self.send(late, text, expect="refused", reason="old_timestamp", key=key, stamped=at)

    def _bad_delivery(self, key: str, at: datetime, text: str) -> timedelta:
        """Perhaps stage a delivery with a wrong signature, or one that was cut off. Return how much later the good one comes."""
        if self._once("wrong_signature", 0.004):
            self.send(at, text, expect="refused", reason="wrong_signature", key=key, forged=True)
            return timedelta(minutes=5)
        if self._once("invalid_json", 0.002):
            self.send(at, text[: len(text) * 3 // 4], expect="quarantined", reason="invalid_json", key=key)
            return timedelta(minutes=5)
        return timedelta()

    def _once(self, what: str, rate: float) -> bool:
        """True by chance, and once for certain early in any city."""
        if self._office.chance.hits(rate) or (what not in self._single and self._events > 40 + 9 * len(self._single)):
            self._single.add(what)
            return True
        return False

    def send(
        self,
        at: datetime,
        body: str,
        *,
        expect: str = "accepted",
        reason: str = "",
        key: str = "",
        nonce: str = "",
        stamped: datetime | None = None,
        forged: bool = False,
    ) -> str:
        """Stage one delivery, and return its nonce."""
        c = self._office.chance
        nonce = nonce or c.hex(12)
        timestamp = str(int((stamped or at).replace(tzinfo=ZONE).timestamp()) * 1000)
        signature = c.hex(64) if forged else sign(timestamp, nonce, body)
        line = {
            "headers": {
                "X-App-Id": "city12345",
                "X-Timestamp": timestamp,
                "X-Nonce": nonce,
                "X-Sign": signature,
                "Content-Type": "application/json;charset=UTF-8",
            },
            "body": body,
            "received_at": f"{at.isoformat(timespec='seconds')}+08:00",
        }
        envelope = Envelope(msgspec.json.encode(line).decode(), expect, reason, key)
        self._office.staging.put(AGENCY, at.replace(microsecond=0), key, msgspec.json.encode(envelope))
        return nonce

    def deliver(self) -> None:
        office = self._office
        folder = office.out / AGENCY
        folder.mkdir(parents=True, exist_ok=True)
        lists.write_catalogue(folder / "catalogue.csv")
        if office.hardships.is_on("N24"):
            first, last = office.schedule.silent
            silent: Json = {"agency": AGENCY, "from": first.isoformat(), "to": last.isoformat()}
            office.truth.phenomenon("N24", silent | {"what": "no_deliveries_over_the_holiday"})
        with (office.out / FILE).open("w", encoding="utf-8", newline="") as out:
            for number, (at, key, body) in enumerate(office.staging.take(AGENCY, None, None), 1):
                envelope = msgspec.json.decode(body, type=Envelope)
                out.write(envelope.line + "\n")
                row: Json = {
                    "agency": AGENCY,
                    "file": FILE,
                    "line": number,
                    "delivered_at": at,
                    "expect": envelope.expect,
                }
                row |= {"reason": envelope.reason} if envelope.reason else {}
                office.truth.delivery(datetime.fromisoformat(at), row | ({"key": key} if key else {}))
                if key:
                    office.truth.place(AGENCY, key, FILE)
