"""The worklist, the letter, links, search and statistics over a real hub: what they show, keep back and record, and their refusals."""

import re

import httpx
import pytest

from santiao.domain.ids import CaseId
from santiao.pool.access import Resource
from santiao.projections.reading import ViewReader
from tests.console import scenes
from tests.console.conftest import Stages
from tests.console.forms import form_of, looks_of, looks_since, rows_of
from tests.console.home import ConsoleHome

KEY = 'name="key" value="([^"]+)"'
VERSION = 'name="version" value="([^"]+)"'

# --- the worklist ----------------------------------------------------------------------------------------------------


def test_paging_shows_every_open_case_once_and_in_order(home: ConsoleHome, dispatcher: httpx.Client) -> None:
    seen: list[str] = []
    sorts: list[int] = []
    place = "/worklist"
    while place:
        html = dispatcher.get(place).text
        seen += rows_of(html)
        sorts += [int(each) for each in re.findall(r'data-sort="(\d+)"', html)]
        following = re.search(r'rel="next" href="/console([^"]+)"', html)
        place = following[1].replace("&amp;", "&") if following else ""
    expected = {case.id for case in scenes.case_files(home) if case.status != "closed"}
    assert len(seen) == len(set(seen))
    assert set(seen) == expected
    assert sorts == sorted(sorts)


@pytest.mark.parametrize(
    "query",
    [
        "status=referred",
        "status=closed",
        "dispute_type=D11",
        "region=340302",
        "risk=medium",
        "agency=court",
        "due=overdue",
        "due=soon",
        "mine=1",
    ],
)
def test_a_filter_in_the_address_shows_what_it_says(home: ConsoleHome, dispatcher: httpx.Client, query: str) -> None:
    name, _, value = query.partition("=")
    now = home.hub.engine.clock.now().isoformat()
    found = rows_of(dispatcher.get(f"/worklist?{query}").text)
    cases = {case.id: case for case in scenes.case_files(home)}
    for case_id in found:
        case = cases[CaseId(case_id)]
        if name in ("status", "dispute_type", "region", "risk"):
            assert getattr(case, name) == value
        elif name == "agency":
            assert any(source.startswith("court:") for source in case.sources)
        elif query == "due=overdue":
            assert any(clock.state == "breached" or clock.effective_end < now for clock in case.clocks)
    if query in ("status=referred", "status=closed", "agency=court", "due=overdue"):
        assert found


@pytest.mark.parametrize("query", ["status=nonsense", "due=never", "agency=x", "after=AAAA", "after=%00"])
def test_a_filter_or_cursor_that_means_nothing_is_refused(dispatcher: httpx.Client, query: str) -> None:
    assert dispatcher.get(f"/worklist?{query}").status_code == 400


def test_the_worklist_names_nobody(home: ConsoleHome, dispatcher: httpx.Client) -> None:
    assert "*" not in dispatcher.get("/worklist").text.split("<tbody")[1]


def test_a_list_is_recorded_with_person_and_purpose(
    home: ConsoleHome, dispatcher: httpx.Client, stages: Stages
) -> None:
    before = looks_of(home, stages["referred"].id)
    dispatcher.get("/worklist?status=referred")
    (latest,) = looks_since(home, stages["referred"].id, before)
    assert latest.person == home.person("dispatcher").person_id
    assert (latest.purpose, latest.channel, latest.view) == ("dispatch", "console", Resource.CASES)


# --- the letter, links, search, statistics ---------------------------------------------------------------------------


def test_the_letter_has_the_fields_of_a_referral(dispatcher: httpx.Client, stages: Stages) -> None:
    html = dispatcher.get(f"/cases/{stages['confirming'].no}/letter").text
    for field in (
        "发送单位",
        "接收单位",
        "案号",
        "来源编号",
        "对接方式",
        "法律依据",
        "当事人",
        "送达地址确认",
        "征求意见",
        "事实与诉求",
        "已做工作",
        "风险等级",
        "不得分流情形核对",
        "答复时限",
        "来源单位期限",
        "办结反馈",
        "附件",
        "回复地址",
    ):
        assert field in html, field
    assert not re.search(r"\b1[3-9]\d{9}\b", html)


@pytest.mark.parametrize("form", ["{}", " {} ", "spaced", "lower"])
def test_a_case_is_found_by_its_number_and_the_number_stands_in_no_address_but_the_cases(
    dispatcher: httpx.Client, stages: Stages, form: str
) -> None:
    no = stages["agreed"].no
    told = {"spaced": f"{no[:2]} {no[2:10]} {no[10:16]} {no[16:]}", "lower": no.lower()}.get(form) or form.format(no)
    csrf = form_of(dispatcher.get("/search").text, "/search")["csrf"]
    answer = dispatcher.post("/search", data={"csrf": csrf, "number": told})
    assert str(answer.url).endswith(f"/cases/{no}")


def test_a_case_is_found_by_an_agencys_number(dispatcher: httpx.Client, stages: Stages) -> None:
    csrf = form_of(dispatcher.get("/search").text, "/search")["csrf"]
    key = stages["agreed"].sources[0].partition(":")[2]
    answer = dispatcher.post("/search", data={"csrf": csrf, "number": key})
    assert str(answer.url).endswith(f"/cases/{stages['agreed'].no}")


@pytest.mark.parametrize("told", ["张三", "13800000011", "340398198503151238", "SD1", "%", "' OR 1=1 --"])
def test_a_person_cannot_be_looked_for_and_is_not_repeated(dispatcher: httpx.Client, told: str) -> None:
    csrf = form_of(dispatcher.get("/search").text, "/search")["csrf"]
    answer = dispatcher.post("/search", data={"csrf": csrf, "number": told})
    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert told not in answer.text.split("<main")[1]
    assert told not in str(answer.url)


def test_a_proposal_is_confirmed_and_another_rejected(home: ConsoleHome, dispatcher: httpx.Client) -> None:
    desk = dispatcher.get("/links").text
    scores = [float(each) for each in re.findall(r"(\d\.\d{3}) ·", desk)]
    assert scores == sorted(scores, reverse=True)
    confirm = form_of(desk, "/links/confirm")
    answer = dispatcher.post("/links/confirm", data=confirm)
    assert "已确认为同一纠纷" in answer.text
    reject = form_of(answer.text, "/links/reject")
    assert dispatcher.post("/links/reject", data=reject).status_code == 422
    answer = dispatcher.post("/links/reject", data={**reject, "reason": "房号不同"})
    assert "已否定" in answer.text
    assert f'value="{reject["a"]}"' not in answer.text or f'value="{reject["b"]}"' not in answer.text


def test_counts_of_few_are_not_told_for_publication(dispatcher: httpx.Client) -> None:
    full = dispatcher.get("/statistics?first=2025-10-01").text
    kept = dispatcher.get("/statistics?first=2025-10-01&publish=1&region=340302").text
    cells = re.compile(r'class="number"><b>(\d+)</b>')
    assert any(0 < int(each) < 5 for each in cells.findall(full))
    assert all(int(each) == 0 or int(each) >= 5 for each in cells.findall(kept))
    assert "整月统计" in kept
    assert 'class="muted" title="小数' in kept
    assert 'name="region"' not in kept


@pytest.mark.parametrize("query", ["first=2026-02-30", "first=2026-03-01&last=2026-02-01", "first=1990-01-01"])
def test_a_period_that_is_none_is_refused(dispatcher: httpx.Client, query: str) -> None:
    assert dispatcher.get(f"/statistics?{query}").status_code == 400


def test_a_path_that_is_none_has_a_friendly_page(dispatcher: httpx.Client) -> None:
    for place, status in (
        ("/nowhere", 404),
        ("/static/../app.py", 404),
        ("/static/nothing.css", 404),
        ("/logout", 405),
    ):
        answer = dispatcher.get(place)
        assert answer.status_code == status
        assert "返回首页" in answer.text


def test_a_failure_is_logged_without_what_was_sent(
    home: ConsoleHome, dispatcher: httpx.Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_reader: ViewReader) -> None:
        raise RuntimeError("张三 13800000011")

    monkeypatch.setattr(ViewReader, "reading", fail)
    answer = dispatcher.get("/worklist")
    assert answer.status_code == 500
    assert "13800000011" not in answer.text + caplog.text
