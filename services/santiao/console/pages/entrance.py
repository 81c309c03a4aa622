"""Coming in and going out: log in, log out, the language one reads, the purpose one looks for."""

from starlette.responses import Response

from santiao.console.addresses import safe_place
from santiao.console.reception import LANGUAGE_COOKIE, PURPOSE_COOKIE, SESSION_COOKIE, STRANGER_COOKIE, set_cookie
from santiao.console.refusals import PageRefused
from santiao.console.visits import LANGUAGES, Visit
from santiao.domain.errors import Rejection

_YEAR_SECONDS = 31_536_000


def show_first(visit: Visit) -> Response:
    """To the first page that this person may open."""
    entries = visit.entries
    if not entries:
        raise PageRefused(403, "您的角色在本工作台没有可用页面", "your role has no page in this console")
    return visit.go(entries[0].place)


def show_login(visit: Visit) -> Response:
    """The form; somebody who is logged in goes on."""
    if visit.session is not None:
        return visit.go(safe_place(visit.query.get("next", "/")))
    notice = ("您已退出登录", "you are logged out") if visit.query.get("left") else None
    if visit.query.get("next"):
        notice = ("请登录后继续", "log in to go on")
    return visit.show("login.html", error=None, notice=notice, person="", next=safe_place(visit.query.get("next", "/")))


def log_in(visit: Visit) -> Response:
    """Open a session; a wrong id and a wrong password are told alike."""
    place, person = safe_place(visit.field("next")), visit.field("person", 64)
    try:
        opened = visit.services.sessions.open(person, visit.field("password", 200))
    except Rejection as refused:
        status = 429 if refused.code == "session.too_many" else 401
        error = (refused.detail_zh, refused.detail)
        return visit.show("login.html", status, error=error, notice=None, person=person, next=place)
    answer = visit.go(place)
    set_cookie(answer, visit, SESSION_COOKIE, opened.token)
    set_cookie(answer, visit, STRANGER_COOKIE, "")
    return answer


def log_out(visit: Visit) -> Response:
    """End the session at the server and forget its cookie."""
    visit.services.sessions.close(visit.token)
    answer = visit.go("/login?left=1")
    set_cookie(answer, visit, SESSION_COOKIE, "")
    set_cookie(answer, visit, PURPOSE_COOKIE, "")
    return answer


def choose_language(visit: Visit) -> Response:
    """Chinese, English, or Chinese with English beside it."""
    wanted = visit.field("language")
    answer = visit.go(safe_place(visit.field("back")))
    if wanted in LANGUAGES:
        set_cookie(answer, visit, LANGUAGE_COOKIE, wanted, seconds=_YEAR_SECONDS)
    return answer


def choose_purpose(visit: Visit) -> Response:
    """For which of the purposes granted to her she looks from now on."""
    wanted = visit.field("purpose")
    if wanted not in visit.purposes:
        raise PageRefused(403, "未获授权使用该用途", "you are not granted this purpose")
    answer = visit.go(safe_place(visit.field("back")))
    set_cookie(answer, visit, PURPOSE_COOKIE, wanted)
    return answer
