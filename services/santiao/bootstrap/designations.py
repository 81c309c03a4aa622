"""What the command `designations` prints: the routing rules that named persons' decisions have become."""

from datetime import date, datetime

import msgspec

from santiao.bootstrap.hub import Hub
from santiao.store.designations import read_designations


class DesignationShown(msgspec.Struct, frozen=True):
    """One rule with its source: for which disputes, to whom, from and until when; who decided, when, on which case and why."""

    rule: str
    dispute_types: tuple[str, ...]
    regions: tuple[str, ...]
    agencies: tuple[str, ...]
    body: str
    effective_from: date
    effective_to: date | None
    officer: str
    decided_at: datetime
    case_id: str
    reason: str
    ended_by: str
    end_reason: str


def list_all_designations(hub: Hub) -> list[DesignationShown]:
    """Every rule, the newest first, those that have ended too."""
    with hub.database.readable() as connection:
        rows = read_designations(connection)
    return [
        DesignationShown(
            rule=row.rule,
            dispute_types=row.route.dispute_types,
            regions=row.route.regions,
            agencies=row.route.agencies,
            body=row.route.body,
            effective_from=row.route.effective_from,
            effective_to=row.route.effective_to,
            officer=row.officer,
            decided_at=row.decided_at,
            case_id=row.case_id,
            reason=row.reason,
            ended_by=row.ended_by,
            end_reason=row.end_reason,
        )
        for row in rows
    ]
