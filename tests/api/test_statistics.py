"""What the lists beside the cases withhold: small counts from partners, and the past from views that do not keep it."""

from datetime import UTC, datetime

import pytest

from tests.api.conftest import Numbering, Served
from tests.api.deliveries import EVENT, registered

CENTRE, COMMITTEE = "mediation-centre", "peoples-mediation"


def register(served: Served, number: str) -> None:
    assert served.send(COMMITTEE, registered(number, disputeType="继承纠纷"), EVENT).status_code == 201
    served.hub.catch_up()


def test_statistics_withhold_small_counts_from_partners(fresh: Served, file_no: Numbering) -> None:
    register(fresh, file_no())
    with fresh.hub.views.writable() as connection:
        connection.exec_driver_sql(
            "UPDATE statistics__1 SET day = '2026-01-15'"
        )  # as if recorded in a month that is over
    register(fresh, file_no())
    january, today = "/v1/statistics?first=2026-01-01&last=2026-01-31", datetime.now(UTC).date()
    assert fresh.get(january, CENTRE, "statistics").json()["total"]["opened"] == 1
    partner = fresh.get(f"{january}&by=dispute_type", COMMITTEE, "statistics").json()
    assert [item["counts"]["opened"] for item in partner["items"]] == [None]
    assert partner["total"]["opened"] is None
    assert partner["total"]["closed"] == 0
    for query, code in (
        (f"{january}&by=dispute_type&by=region", "statistics.crossed"),
        (f"{january}&by=region&channel=court", "statistics.crossed"),
        (f"/v1/statistics?first={today.replace(day=1)}&last={today}", "statistics.months"),
        ("/v1/statistics?first=2026-01-01&last=2026-01-30", "statistics.months"),
    ):
        answer = fresh.get(query, COMMITTEE, "statistics")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert fresh.get(query, CENTRE, "statistics").status_code == 200
    wrong = fresh.get("/v1/statistics?first=2026-03-02&last=2026-03-01", CENTRE, "statistics")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "period.invalid")


@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ("/v1/referrals?", "dispatch"),
        ("/v1/links?", "dispatch"),
        ("/v1/feeds?", "dispatch"),
        ("/v1/feed?", "dispatch"),
        ("/v1/statistics?first=2026-01-01&last=2026-01-31&", "statistics"),
    ],
)
def test_a_view_without_history_is_not_asked_for_the_past(served: Served, path: str, purpose: str) -> None:
    assert served.get(path.rstrip("?&"), CENTRE, purpose).status_code == 200
    answer = served.get(f"{path}as_of=2026-03-10", CENTRE, purpose)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "as_of"
