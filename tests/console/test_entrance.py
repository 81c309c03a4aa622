"""Coming in: sessions, their cookies, CSRF on every form, the headers of every answer, and who may open which page."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.console.addresses import safe_place
from tests.console.home import ConsoleHome

PAGES = ("/worklist", "/links", "/statistics", "/feeds", "/search")
FORMS = (
    "/logout",
    "/purpose",
    "/search",
    "/links/confirm",
    "/cases/SD1/close",
    "/cases/SD1/parties",
    "/cases/SD1/letter",
    "/language",
    "/login",
)


def csrf_of(html: str) -> str:
    return html.split('name="csrf" value="')[1].split('"', maxsplit=1)[0]


@pytest.fixture(scope="module")
def dispatcher(home: ConsoleHome) -> httpx.Client:
    return home.client("dispatcher")


@pytest.mark.parametrize("place", PAGES)
def test_a_stranger_is_led_to_the_login_and_back(home: ConsoleHome, place: str) -> None:
    with httpx.Client(base_url=home.url) as client:
        answer = client.get(place)
        assert answer.status_code == 303
        assert answer.headers["location"].endswith(f"/console/login?next=%2F{place[1:]}")
        form = client.get(answer.headers["location"].partition("/console")[2])
        assert f'name="next" value="{place}"' in form.text


def test_wrong_id_and_wrong_password_are_told_alike(home: ConsoleHome) -> None:
    told = set()
    person = home.person("dispatcher")
    for name in (person.person_id, "P00000000"):
        with httpx.Client(base_url=home.url) as client:
            csrf = csrf_of(client.get("/login").text)
            answer = client.post("/login", data={"csrf": csrf, "person": name, "password": "wrong-wrong-wrong"})
            assert answer.status_code == 401
            told.add(answer.text.split('role="alert"')[1].split("</p>")[0])
    assert len(told) == 1


def test_who_guesses_has_to_wait(home: ConsoleHome) -> None:
    with httpx.Client(base_url=home.url) as client:
        csrf = csrf_of(client.get("/login").text)
        told = {"csrf": csrf, "person": "P11111111", "password": "guess"}
        statuses = [client.post("/login", data=told).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


def test_the_sessions_cookie_is_kept_from_scripts_and_other_sites(home: ConsoleHome) -> None:
    person = home.person("dispatcher")
    with httpx.Client(base_url=home.url) as client:
        csrf = csrf_of(client.get("/login").text)
        answer = client.post("/login", data={"csrf": csrf, "person": person.person_id, "password": person.password})
        cookies = {cookie.split("=")[0]: cookie for cookie in answer.headers.get_list("set-cookie")}
    attributes = cookies["santiao_session"].lower()
    assert "httponly" in attributes
    assert "samesite=lax" in attributes
    assert "path=/console" in attributes
    assert person.password not in cookies["santiao_session"]


def test_behind_https_the_cookie_is_secure(home: ConsoleHome) -> None:
    with httpx.Client(base_url=home.url, headers={"X-Forwarded-Proto": "https"}) as client:
        answer = client.get("/login")
    assert all("secure" in cookie.lower() for cookie in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize("place", FORMS)
@pytest.mark.parametrize("csrf", [None, "", "0" * 64])
def test_a_form_without_the_sessions_own_token_is_refused(
    dispatcher: httpx.Client, place: str, csrf: str | None
) -> None:
    answer = dispatcher.post(place, data={} if csrf is None else {"csrf": csrf})
    assert answer.status_code == 403
    assert "表单校验未通过" in answer.text


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_from_another_site_is_refused(dispatcher: httpx.Client, headers: dict[str, str]) -> None:
    csrf = csrf_of(dispatcher.get("/search").text)
    answer = dispatcher.post("/search", data={"csrf": csrf, "number": "SD1"}, headers=headers)
    assert answer.status_code == 403


def test_another_persons_token_is_worth_nothing(home: ConsoleHome, dispatcher: httpx.Client) -> None:
    other = csrf_of(home.client("supervisor").get("/search").text)
    assert dispatcher.post("/search", data={"csrf": other, "number": "SD1"}).status_code == 403


def test_a_form_that_is_too_large_is_refused(dispatcher: httpx.Client) -> None:
    csrf = csrf_of(dispatcher.get("/search").text)
    answer = dispatcher.post("/search", data={"csrf": csrf, "number": "1" * 70_000})
    assert answer.status_code == 413


@pytest.mark.parametrize("place", [*PAGES, "/login", "/nowhere", "/static/base.css", "/worklist/events?since=0.0"])
def test_every_answer_carries_the_strict_headers(home: ConsoleHome, place: str) -> None:
    with httpx.Client(base_url=home.url, follow_redirects=True) as client:
        answer = client.get(place)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_pages_are_not_kept_and_files_are(dispatcher: httpx.Client) -> None:
    assert dispatcher.get("/worklist").headers["cache-control"] == "no-store"
    assert "immutable" in dispatcher.get("/static/base.css").headers["cache-control"]


def test_logging_out_ends_the_session_at_the_server(home: ConsoleHome) -> None:
    client = home.client("dispatcher")
    kept = client.cookies["santiao_session"]
    client.post("/logout", data={"csrf": csrf_of(client.get("/search").text)})
    with httpx.Client(base_url=home.url, cookies={"santiao_session": kept}) as again:
        assert again.get("/worklist").status_code == 303


@pytest.mark.parametrize(
    ("role", "opens", "refused"),
    [
        ("dispatcher", {"/worklist", "/links", "/statistics", "/feeds"}, set()),
        ("supervisor", {"/worklist", "/links", "/statistics", "/feeds"}, set()),
        ("auditor", {"/worklist"}, {"/links", "/statistics", "/feeds"}),
        ("operator", {"/feeds"}, {"/worklist", "/links", "/statistics"}),
        ("security", set(), {"/worklist", "/links", "/statistics", "/feeds"}),
    ],
)
def test_a_role_opens_the_pages_it_is_granted_and_is_offered_no_others(
    home: ConsoleHome, role: str, opens: set[str], refused: set[str]
) -> None:
    client = home.client(role)
    for place in opens:
        answer = client.get(place)
        assert answer.status_code == 200, (role, place)
        offered = {
            each for each in ("/worklist", "/links", "/statistics", "/feeds") if f'href="/console{each}"' in answer.text
        }
        assert offered == opens
    for place in refused:
        assert client.get(place).status_code == 403, (role, place)


def test_the_operator_sees_what_is_stuck_and_the_dispatcher_does_not(home: ConsoleHome) -> None:
    assert "隔离件" in home.client("operator").get("/feeds").text.split("<tfoot>")[1]
    assert "死信" not in home.client("dispatcher").get("/feeds").text


def test_the_language_is_kept(home: ConsoleHome) -> None:
    client = home.client("dispatcher")
    both = client.get("/worklist").text
    assert "工作台" in both
    assert "Worklist" in both
    for language, wanted, unwanted in (("zh", "工作台", ">Worklist<"), ("en", ">Worklist<", "暂停更新")):
        client.post("/language", data={"csrf": csrf_of(both), "language": language, "back": "/worklist"})
        shown = client.get("/worklist").text
        assert wanted in shown
        assert unwanted not in shown


def test_a_purpose_that_is_not_granted_cannot_be_chosen(dispatcher: httpx.Client) -> None:
    csrf = csrf_of(dispatcher.get("/search").text)
    assert dispatcher.post("/purpose", data={"csrf": csrf, "purpose": "audit", "back": "/"}).status_code == 403
    answer = dispatcher.post("/purpose", data={"csrf": csrf, "purpose": "handle", "back": "/worklist"})
    assert 'value="handle" aria-pressed="true"' in answer.text


@given(st.text(max_size=40))
def test_nobody_is_led_to_another_site(told: str) -> None:
    place = safe_place(told)
    assert place.startswith("/")
    assert not place.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "told", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "", "\n/x"]
)
def test_what_leads_elsewhere_becomes_the_first_page(told: str) -> None:
    assert safe_place(told) == "/"
