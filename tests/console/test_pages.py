"""The pages over a real hub: what they show, what they keep back, what they record, and what they do when something is wrong."""

import re

import httpx
import msgspec
import pytest

from santiao.domain import commands
from santiao.domain.ids import CaseId
from santiao.pool.access import Resource
from santiao.pool.disclosures import Disclosure
from santiao.projections.reading import ViewReader
from santiao.projections.timeline import whole_timeline_of
from tests.console import scenes
from tests.console.conftest import Stages
from tests.console.home import ConsoleHome

KEY = 'name="key" value="([^"]+)"'
VERSION = 'name="version" value="([^"]+)"'


@pytest.fixture(scope="module")
def dispatcher(home: ConsoleHome, stages: Stages) -> httpx.Client:
    return home.client("dispatcher")


def form_of(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to an address ending so."""
    part = next(part for part in html.split("<form")[1:] if re.search(f'action="[^"]*{action}["#]', part.split(">")[0]))
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', part.split("</form>")[0])
    return dict(hidden)


def open_form(client: httpx.Client, case_no: str, action: str) -> dict[str, str]:
    answer = client.get(f"/cases/{case_no}?do={action}")
    assert answer.status_code == 200
    return form_of(answer.text, f"/{action}")


def looks_of(home: ConsoleHome, case_id: str) -> set[str]:
    return {each.id for each in home.hub.access.disclosures.who_has_seen(case_id)}


def looks_since(home: ConsoleHome, case_id: str, before: set[str]) -> list[Disclosure]:
    return [each for each in home.hub.access.disclosures.who_has_seen(case_id) if each.id not in before]


# --- the worklist ----------------------------------------------------------------------------------------------------


def rows_of(html: str) -> list[str]:
    return re.findall(r'<tr data-case="([0-9a-z]{26})"', html)


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


# --- a case ----------------------------------------------------------------------------------------------------------


def test_a_case_shows_what_is_known_of_it(dispatcher: httpx.Client, stages: Stages) -> None:
    html = dispatcher.get(f"/cases/{stages['agreed'].no}").text
    for word in ("来源", "当事人", "期限", "移送与调解", "办理过程", "谁查阅过本案", "司法确认", "right at risk"):
        assert word in html
    assert "人民调解法" in html
    for source in stages["agreed"].sources:
        assert source.partition(":")[2] in html


def test_parties_are_masked_until_they_are_asked_for(
    home: ConsoleHome, dispatcher: httpx.Client, stages: Stages
) -> None:
    no, case_id = stages["agreed"].no, stages["agreed"].id
    before = looks_of(home, case_id)
    masked = dispatcher.get(f"/cases/{no}")
    assert "已遮蔽" in masked.text
    assert not re.search(r"\b1[3-9]\d{9}\b", masked.text)
    (first,) = looks_since(home, case_id, before)
    before = looks_of(home, case_id)
    assert first.purpose == "dispatch"
    assert any(field.endswith("name:masked") for field in first.fields)
    assert not any(field.endswith("phones") for field in first.fields)
    csrf = form_of(masked.text, "/parties")["csrf"]
    full = dispatcher.post(f"/cases/{no}/parties", data={"csrf": csrf})
    assert "显示完整信息，已记录" in full.text
    assert re.search(r"\b1[3-9]\d{9}\b", full.text)
    assert not re.search(r"\b340398\d{11}[\dX]\b", full.text)
    (second,) = looks_since(home, case_id, before)
    assert any(field.endswith("mentions.phones") for field in second.fields)


def test_what_was_erased_says_so(home: ConsoleHome, dispatcher: httpx.Client) -> None:
    case = scenes.ready_cases(home)[-1]
    source = case.sources[0]
    home.hub.eraser.erase([(source, 0)], reason="asked for by the person", actor="person/PTEST")
    home.hub.catch_up()
    html = dispatcher.get(f"/cases/{case.no}").text
    assert "已删除" in html.split('id="parties"')[1].split("</section>")[0]


def test_a_case_nobody_knows_and_one_beyond_reach_look_alike(home: ConsoleHome, stages: Stages) -> None:
    mediator = home.client("mediator", "lzh-legal-aid")
    own = mediator.get(f"/cases/{stages['referred'].no}")
    unknown = mediator.get("/cases/SD202501013403020000011")
    assert own.status_code == unknown.status_code == 404
    heading = re.compile(r"<h1>.*?</h1>", re.DOTALL)
    assert heading.findall(own.text) == heading.findall(unknown.text)


def test_a_mediator_sees_her_bodys_cases_only_and_answers_for_it(home: ConsoleHome, stages: Stages) -> None:
    referral = stages["referred2"].referral
    assert referral is not None
    mediator = home.client("mediator", referral.body)
    shown = rows_of(mediator.get("/worklist").text)
    assert stages["referred2"].id in shown
    bodies = {str(case.id): case.referral.body for case in scenes.case_files(home) if case.referral is not None}
    assert all(bodies.get(case_id) == referral.body for case_id in shown)
    form = open_form(mediator, stages["referred2"].no, "accept")
    answer = mediator.post(f"/cases/{stages['referred2'].no}/accept", data={**form, "mediator": "M-1"})
    assert "已完成：受理" in answer.text
    assert "已受理" in answer.text


def test_an_auditor_sees_what_was_done_and_nobodys_name(home: ConsoleHome, stages: Stages) -> None:
    html = home.client("auditor").get(f"/cases/{stages['agreed'].no}").text
    assert "办理过程" in html
    assert 'id="parties"' not in html
    assert "data-act=" not in html


# --- acting ----------------------------------------------------------------------------------------------------------


def test_what_was_just_done_is_shown(home: ConsoleHome, dispatcher: httpx.Client, stages: Stages) -> None:
    no = stages["referred3"].no
    form = open_form(dispatcher, no, "accept")
    answer = dispatcher.post(f"/cases/{no}/accept", data={**form, "mediator": "M-3"})
    assert answer.status_code == 200
    assert "已完成：受理" in answer.text
    assert "开始调解" in answer.text


def test_sending_a_form_twice_does_it_once(home: ConsoleHome, dispatcher: httpx.Client, stages: Stages) -> None:
    no = stages["mediating"].no
    form = {**open_form(dispatcher, no, "suspend"), "reason": "HEARING"}
    for _ in range(2):
        assert dispatcher.post(f"/cases/{no}/suspend", data=form).status_code == 200
    types = [each["type"] for each in _timeline(home, stages["mediating"].id)]
    assert types.count("MediationSuspended") == 1


def _timeline(home: ConsoleHome, case_id: str) -> list[dict[str, str]]:
    with home.services.views.reading() as reading:
        return [msgspec.structs.asdict(each) for each in whole_timeline_of(reading, [case_id])]


def test_a_form_with_something_missing_says_so_beside_the_field_and_keeps_the_rest(
    dispatcher: httpx.Client, stages: Stages
) -> None:
    no = stages["referred"].no
    form = open_form(dispatcher, no, "decline")
    answer = dispatcher.post(f"/cases/{no}/decline", data={**form, "text": "材料已退"})
    assert answer.status_code == 422
    assert "请填写“理由”" in answer.text
    assert "reason is required" in answer.text
    assert "材料已退</textarea>" in answer.text


def test_a_choice_that_is_none_is_refused(dispatcher: httpx.Client, stages: Stages) -> None:
    no = stages["referred"].no
    form = open_form(dispatcher, no, "decline")
    answer = dispatcher.post(f"/cases/{no}/decline", data={**form, "reason": "BECAUSE"})
    assert answer.status_code == 422
    assert "请从列表中选择" in answer.text


def test_an_answer_dated_in_the_future_is_told_beside_its_field(dispatcher: httpx.Client, stages: Stages) -> None:
    no = stages["referred"].no
    form = open_form(dispatcher, no, "accept")
    answer = dispatcher.post(f"/cases/{no}/accept", data={**form, "answered_at": "2031-01-01T08:00"})
    assert answer.status_code == 422
    assert 'id="error-answered_at"' in answer.text


def test_what_changed_meanwhile_is_shown_and_nothing_is_lost(
    home: ConsoleHome, dispatcher: httpx.Client, stages: Stages
) -> None:
    no, case_id = stages["referred"].no, stages["referred"].id
    form = open_form(dispatcher, no, "decline")
    referral = stages["referred"].referral
    assert referral is not None
    scenes.Acting(home, "meanwhile").give(
        commands.ReturnReferral(case=case_id, referral=referral.id, missing=("FACTS",))
    )
    home.hub.catch_up()
    told = {**form, "reason": "OTHER", "text": "另有安排"}
    answer = dispatcher.post(f"/cases/{no}/decline", data=told)
    assert answer.status_code == 409
    assert "您填写期间案件已有更新" in answer.text
    assert "退回补正" in answer.text.split('class="changes"')[1].split("</ul>")[0]
    assert "另有安排</textarea>" in answer.text
    again = {**form_of(answer.text, "/decline"), "reason": "OTHER", "text": "另有安排"}
    assert again["version"] != form["version"]
    assert "已完成：不予受理" in dispatcher.post(f"/cases/{no}/decline", data=again).text


def test_an_action_that_is_not_granted_is_refused(home: ConsoleHome, dispatcher: httpx.Client, stages: Stages) -> None:
    no = stages["consent"].no
    csrf = form_of(dispatcher.get("/search").text, "/search")["csrf"]
    answer = dispatcher.post(
        f"/cases/{no}/set-aside", data={"csrf": csrf, "key": "a" * 12, "version": "1", "reason": "x"}
    )
    assert answer.status_code == 403


def test_every_offered_action_has_a_form_that_opens(home: ConsoleHome, stages: Stages) -> None:
    opened = set()
    for role in ("dispatcher", "supervisor"):
        client = home.client(role)
        for case in stages.values():
            offered = re.findall(r'data-act="([a-z-]+)"', client.get(f"/cases/{case.no}").text)
            for action in offered:
                form = open_form(client, case.no, action)
                assert {"csrf", "key", "version"} <= set(form)
                opened.add(action)
    assert len(opened) >= 12


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
    kept = dispatcher.get("/statistics?first=2025-10-01&publish=1").text
    cells = re.compile(r'class="number"><b>(\d+)</b>')
    assert any(0 < int(each) < 5 for each in cells.findall(full))
    assert all(int(each) == 0 or int(each) >= 5 for each in cells.findall(kept))
    assert "&lt;5" in kept


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
