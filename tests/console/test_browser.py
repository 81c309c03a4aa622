"""A dispatcher at work in a real browser: the list while cases arrive, answers to letters, links, keys, a phone."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from santiao.domain import commands
from tests.console import scenes
from tests.console.conftest import LogIn, Stages
from tests.console.home import ConsoleHome

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 768}


@pytest.fixture(autouse=True)
def _prepared(stages: Stages) -> None:
    """Every test wants cases at every stage."""


def fits(page: Page) -> bool:
    """True when nothing makes the page scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_log_in_with_id_and_password(logged_in: LogIn) -> None:
    page = logged_in()
    expect(page.locator("h1")).to_contain_text("工作台")
    expect(page.locator(".person summary")).to_contain_text("测试dispatcher")
    page.click(".person summary")
    page.click("text=退出登录")
    expect(page.locator(".note.info")).to_contain_text("您已退出登录")


def test_filters_stand_in_the_address(logged_in: LogIn) -> None:
    page = logged_in()
    page.select_option("#filter-status", "referred")
    page.click("text=筛选 >> nth=-1")
    page.wait_for_url("**/worklist?**status=referred**")
    expect(page.locator("#rows .status").first).to_contain_text("已移送")
    page.reload()
    expect(page.locator("#filter-status")).to_have_value("referred")


def test_what_is_new_is_told_and_put_in_when_asked_for(home: ConsoleHome, logged_in: LogIn) -> None:
    page = logged_in()
    expect(page.locator("#live-state")).to_have_attribute("data-live", "on")
    before = page.locator("#rows tr").evaluate_all("rows => rows.map(row => row.dataset.case)")
    home.receive_later(6)
    take = page.locator("#news-take")
    expect(take).to_contain_text(re.compile(r"\d+ 条新"))
    expect(page.locator("#news-told")).to_contain_text("条新")
    assert page.locator("#rows tr").evaluate_all("rows => rows.map(row => row.dataset.case)") == before
    take.click()
    expect(page.locator("#rows tr.fresh").first).to_be_visible()
    expect(page.locator("#news")).to_be_hidden()
    order = page.locator("#rows tr").evaluate_all("rows => rows.map(row => Number(row.dataset.sort))")
    assert order == sorted(order)
    expect(page.locator("#rows tr.fresh a.case-link").first).to_be_focused()


def test_pausing_tells_nothing_until_it_goes_on(home: ConsoleHome, logged_in: LogIn) -> None:
    page = logged_in()
    expect(page.locator("#live-state")).to_have_attribute("data-live", "on")
    page.click("#pause")
    expect(page.locator("#live-state")).to_have_attribute("data-live", "paused")
    home.receive_later(3)
    home.hub.catch_up()
    expect(page.locator("#news")).to_be_hidden()
    page.click("#pause")
    expect(page.locator("#news-take")).to_be_visible()


def test_a_letter_is_accepted(logged_in: LogIn, stages: Stages, home: ConsoleHome) -> None:
    page = logged_in()
    page.goto(f"{home.url}/worklist?status=referred")
    page.locator(f'tr[data-case="{stages["referred"].id}"] [data-act="accept"]').click()
    page.fill("#field-mediator", "M-12")
    page.click("text=确认受理")
    expect(page.locator(".note.ok")).to_contain_text("已完成：受理")
    expect(page.locator("#referral")).to_contain_text("已受理")


def test_a_letter_is_declined_with_a_reason(logged_in: LogIn, stages: Stages, home: ConsoleHome) -> None:
    page = logged_in()
    page.goto(f"{home.url}/cases/{stages['referred2'].no}?do=decline")
    page.check("text=不属于管辖区域")
    page.click("text=确认不予受理")
    expect(page.locator("#referral")).to_contain_text("不予受理")
    expect(page.locator("#timeline")).to_contain_text("不属于管辖区域")


def test_a_letter_is_returned_for_what_is_missing(logged_in: LogIn, stages: Stages, home: ConsoleHome) -> None:
    page = logged_in()
    page.goto(f"{home.url}/cases/{stages['referred3'].no}?do=return")
    page.click("text=确认退回补正")
    expect(page.locator(".error")).to_contain_text("缺少的材料")
    page.check("text=缺少有效联系方式")
    page.click("text=确认退回补正")
    expect(page.locator("#referral")).to_contain_text("退回补正")
    expect(page.locator("#timeline")).to_contain_text("缺少有效联系方式")


def test_a_conflict_keeps_what_was_written(logged_in: LogIn, stages: Stages, home: ConsoleHome) -> None:
    page = logged_in()
    case = stages["referred4"]
    page.goto(f"{home.url}/cases/{case.no}?do=decline")
    page.check("text=应当回避")
    page.fill("#field-text", "承办人为当事人近亲属")
    assert case.referral is not None
    scenes.Acting(home, "browser").give(
        commands.ReturnReferral(case=case.id, referral=case.referral.id, missing=("CONSENT",))
    )
    home.hub.catch_up()
    page.click("text=确认不予受理")
    expect(page.locator(".note.soon[role=alert]")).to_contain_text("您填写期间案件已有更新")
    expect(page.locator(".changes")).to_contain_text("退回补正")
    expect(page.locator("#field-text")).to_have_value("承办人为当事人近亲属")
    expect(page.get_by_label("应当回避")).to_be_checked()


def test_links_are_confirmed_and_rejected_at_the_desk(logged_in: LogIn, home: ConsoleHome) -> None:
    page = logged_in()
    page.goto(f"{home.url}/links")
    first = page.locator(".pair").first
    expect(first.locator(".side")).to_have_count(2)
    expect(first.locator(".reason").first).to_be_visible()
    first.get_by_text("确认是同一纠纷").click()
    expect(page.locator(".note.ok")).to_contain_text("已确认为同一纠纷")
    pair = page.locator(".pair").first
    pair.get_by_placeholder("理由").fill("双方不是同一户")
    pair.get_by_text("不是同一纠纷").click()
    expect(page.locator(".note.ok")).to_contain_text("已否定")


def test_keys_move_open_and_can_be_switched_off(logged_in: LogIn) -> None:
    page = logged_in()
    links = page.locator("a.case-link")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.uncheck("#keys-off")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(links.nth(1)).not_to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_hidden()
    page.click("#keys-show")
    page.check("#keys-off")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("jk?")
    expect(page.locator("#find")).to_have_value("jk?")


def test_enter_opens_and_a_accepts(logged_in: LogIn, stages: Stages, home: ConsoleHome) -> None:
    page = logged_in()
    page.goto(f"{home.url}/worklist?status=consent_pending")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/SD*")
    case = scenes.ready_cases(home)[0]
    scenes.Acting(home, "keys").refer(case)
    home.hub.catch_up()
    page.goto(f"{home.url}/worklist?status=referred")
    page.locator(f'[data-case] a.case-link[href$="{case.no}"]').focus()
    page.keyboard.press("a")
    page.wait_for_url("**?do=accept#do")


def test_the_entries_leave_room_for_the_search_on_a_small_desk(logged_in: LogIn, home: ConsoleHome) -> None:
    page = logged_in("supervisor")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{home.url}/worklist")
    last, find = page.locator(".top nav a").last.bounding_box(), page.locator(".top .find").bounding_box()
    assert last is not None
    assert find is not None
    assert last["x"] + last["width"] <= find["x"]


@pytest.mark.parametrize(
    "place", ["/worklist", "/links", "/designations", "/statistics", "/feeds", "/search", "case", "letter"]
)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_fits_a_phone_and_a_desk(
    logged_in: LogIn, home: ConsoleHome, stages: Stages, place: str, size: dict[str, int]
) -> None:
    page = logged_in()
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    named = {"case": f"/cases/{stages['confirming'].no}", "letter": f"/cases/{stages['confirming'].no}/letter"}
    page.goto(f"{home.url}{named.get(place, place)}")
    assert fits(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll("main a, main button, main summary, main select, main input:not([type=hidden])")]
            .filter((each) => each.checkVisibility() && !each.closest(".unseen"))
            .map((each) => [each.getBoundingClientRect(), each])
            .filter(([box]) => box.height > 0 && box.height < 24)
            .filter(([, each]) => !(each.matches("input") && each.closest("label")?.getBoundingClientRect().height >= 24))
            .map(([box, each]) => `${each.tagName} ${each.textContent.trim().slice(0, 20)} ${box.height}`)"""
    )
    assert not small


def test_colour_never_stands_alone(logged_in: LogIn, home: ConsoleHome) -> None:
    page = logged_in()
    page.goto(f"{home.url}/worklist")
    bare = page.locator(".badge").evaluate_all(
        "badges => badges.filter(each => !each.querySelector('svg') || !each.textContent.trim()).length"
    )
    assert bare == 0


def test_the_countdown_is_told_and_not_read_aloud(logged_in: LogIn) -> None:
    page = logged_in()
    count = page.locator("[data-due]").first
    expect(count).to_contain_text(re.compile("剩|已超"))
    assert count.evaluate("each => each.closest('[aria-live], [role=status], [role=alert], [role=timer]')") is None


def test_the_page_works_in_english(logged_in: LogIn) -> None:
    page = logged_in()
    page.click(".person summary")
    page.locator("button[name=language][value=en]").click()
    expect(page.locator("h1")).to_have_text("Worklist")
    expect(page.locator("[data-due]").first).to_contain_text(re.compile("left|over"))


def test_a_stream_goes_on_from_where_it_was(home: ConsoleHome) -> None:
    client = home.client("dispatcher")
    since = re.search(r'data-position="([^"]+)"', client.get("/worklist").text)
    assert since is not None
    home.receive_later(1)
    with client.stream("GET", f"/worklist/events?since={since[1]}", timeout=None) as stream:
        first = next_event(stream)
    assert first["event"] == "news"
    home.receive_later(1)
    headers = {"Last-Event-ID": first["id"]}
    with client.stream("GET", f"/worklist/events?since={since[1]}", headers=headers, timeout=None) as stream:
        second = next_event(stream)
    assert second["id"] != first["id"]


def next_event(stream: httpx.Response) -> dict[str, str]:
    """The fields of the next event that has data."""
    event: dict[str, str] = {}
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if name and value:
            event[name] = value
        elif "data" in event:
            break
    return event


def test_a_stream_is_no_strangers(home: ConsoleHome) -> None:
    assert httpx.get(f"{home.url}/worklist/events?since=0.0").status_code == 401
    assert home.client("operator").get("/worklist/events?since=0.0").status_code == 403
    assert home.client("dispatcher").get("/worklist/events?since=nonsense").status_code == 400
