"""The change feed: everything once and in order, from where one left off; nothing of cases that are not one's own."""

from tests.api.conftest import Numbering, Served
from tests.api.deliveries import BATCH, EVENT, registered
from tests.api.test_commands import refer

CENTRE, COMMITTEE = "mediation-centre", "peoples-mediation"


def read_all(served: Served, agency: str, purpose: str, limit: int) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    after = ""
    while True:
        page = served.get(f"/v1/feed?limit={limit}{after}", agency, purpose).json()
        found += page["items"]
        if not page["items"]:
            return found
        after = f"&after={page['next']}"


def test_the_feed_tells_every_change_once_and_in_order(served: Served, file_no: Numbering) -> None:
    served.send(COMMITTEE, [registered(file_no()) for _ in range(5)], BATCH)
    refer(served, file_no)
    by_one = read_all(served, COMMITTEE, "handle", 1)
    at_once = read_all(served, COMMITTEE, "handle", 500)
    assert [item["case_id"] + item["type"] for item in by_one] == [item["case_id"] + item["type"] for item in at_once]
    assert len({item["cursor"] for item in by_one}) == len(by_one)
    assert {"cursor", "case_id", "type", "data"} == set(by_one[0])


def test_the_feed_goes_on_from_where_one_left_off(served: Served, file_no: Numbering) -> None:
    before = served.get("/v1/feed?limit=500", COMMITTEE).json()
    assert before["next"]
    served.send(COMMITTEE, registered(file_no()), EVENT)
    news = served.get(f"/v1/feed?after={before['next']}", COMMITTEE).json()
    assert [item["type"] for item in news["items"]][:2] == ["CaseOpened", "SourceReported"]
    nothing = served.get(f"/v1/feed?after={news['next']}", COMMITTEE).json()
    assert (nothing["items"], nothing["next"]) == ([], news["next"])


def test_a_partner_is_led_past_what_is_not_its_own(served: Served, file_no: Numbering) -> None:
    served.send(COMMITTEE, [registered(file_no()) for _ in range(3)], BATCH)
    assert read_all(served, "court", "handle", 2) == []
    page = served.get("/v1/feed?limit=500", "court").json()
    assert page["next"]
    record = {
        "caseId": "c-feed-1",
        "caseNo": "（2026）皖0302诉前调7号",
        "updateTime": "2026-03-10 10:00:00",
        "causeName": "相邻关系纠纷",
    }
    assert served.send("court", record).status_code == 201
    own = served.get(f"/v1/feed?after={page['next']}", "court").json()["items"]
    assert {item["type"] for item in own} >= {"SourceReported"}


def test_what_is_ones_own_is_found_behind_much_that_is_not_however_little_is_asked_for(
    served: Served, file_no: Numbering
) -> None:
    start = served.get("/v1/feed?limit=500", "court").json()["next"]
    served.send(COMMITTEE, [registered(file_no()) for _ in range(20)], BATCH)
    record = {
        "caseId": "c-feed-2",
        "caseNo": "（2026）皖0302诉前调8号",
        "updateTime": "2026-03-10 10:00:00",
        "causeName": "相邻关系纠纷",
    }
    assert served.send("court", record).status_code == 201
    assert len(served.get(f"/v1/feed?limit=1&after={start}", "court").json()["items"]) == 1


def test_a_strange_cursor_is_refused(served: Served) -> None:
    answer = served.get("/v1/feed?after=nonsense", COMMITTEE)
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor.invalid")
