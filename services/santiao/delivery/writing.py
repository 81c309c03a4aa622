"""From outbox rows to a parcel: what each debt says, in the agency's own columns and codes where its connector declares them.

The rule kept here: feedback tells how a dispute stands and whose it is, and nothing of any person; text is made of codes, never of what
somebody wrote.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from santiao.connectors.connector import Connector
from santiao.connectors.render import Feedback, render
from santiao.delivery.contract import Claimed, Parcel
from santiao.domain.vocabulary import SETTLED_OUTCOMES
from santiao.store import tables
from santiao.store.case_codec import decode_case
from santiao.store.database import Database
from santiao.store.log import decode_row

BodyNames = Callable[[str], str]
"""The name of a body by its id."""

_STAGES = {"referred": "accepted", "forwarded": "declined", "timed_out": "returned", "correction": "accepted"}
_TEXTS = {
    "referred": "已移送调解组织",
    "accepted": "调解组织已受理",
    "declined": "调解组织不予受理",
    "returned": "退回补充材料",
    "forwarded": "转由其他组织办理",
    "timed_out": "逾期未答复，已退回",
    "outcome": "调解已结束",
    "correction": "关联情况已更正",
}


class FeedbackWriter:
    """Writes parcels for a hub."""

    def __init__(self, database: Database, connectors: Mapping[str, Connector], body_name: BodyNames) -> None:
        self.database = database
        self._connectors = connectors
        self._body_name = body_name

    def write(self, destination: str, batch: str, rows: Sequence[Claimed]) -> Parcel:
        """The rows of one batch in the agency's own form; canonical JSON where none is declared.

        Raises:
            CannotRender: the declaration of the reverse mapping cannot be used.
        """
        feedback = self._feedback(rows)
        declared = self._connectors[destination].declaration if destination in set(self._connectors) else None
        if declared is None or declared.render is None:
            data, form = msgspec.json.encode({"batch": batch, "items": feedback}), "json"
        else:
            data, form = render(declared, feedback).data, declared.render.form
        return Parcel(batch=batch, destination=destination, data=data, form=form, rows=len(rows))

    def _feedback(self, rows: Sequence[Claimed]) -> list[Feedback]:
        pks = {row.case_pk for row in rows}
        with self.database.readable() as connection:
            files = self.database.select_in(connection, tables.case_files, ("pk", "data"), "pk", pks)
            events = self.database.select_in(connection, tables.events, ("id", "data"), "id", [row.id for row in rows])
        cases = {pk: decode_case(data) for pk, data in files}
        told_at = {row_id: decode_row(row_id, data)[0].recorded_at for row_id, data in events}
        found = []
        for row in rows:
            case, owed = cases.get(row.case_pk), row.owed
            referral = case.referral if case is not None else None
            body = owed.about if owed.kind == "referred" else referral.body if referral is not None else ""
            found.append(
                Feedback(
                    key=owed.key,
                    stage=_stage(owed.kind, owed.outcome),
                    at=told_at.get(row.id, datetime.now(UTC)),
                    outcome=owed.outcome or "",
                    text=_TEXTS.get(owed.kind, ""),
                    body=self._body_name(body) if body else "",
                    case_no=case.no if case is not None else "",
                    referral_no=referral.id if referral is not None else "",
                )
            )
        return found


def _stage(kind: str, outcome: str | None) -> str:
    if kind == "outcome":
        return "agreed" if outcome in SETTLED_OUTCOMES else "failed" if outcome else "closed"
    return _STAGES.get(kind, kind)
