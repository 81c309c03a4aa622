"""Turning what pages know into HTML: templates, words in two languages, times, and the headers every answer carries.

The rules kept here: everything is escaped; a page holds no script and no style of its own; no page is kept by anybody in between.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from santiao.console.icons import draw
from santiao.console.labels import Label, label_of, load_labels
from santiao.console.refusals import PageRefused
from santiao.console.visits import Visit
from santiao.domain.directory import body_of
from santiao.domain.errors import NotFound

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer of the console carries."""


class Renderer:
    """Makes pages. One for the whole console."""

    def __init__(self) -> None:
        self.assets = _digest_assets()
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(t=_words, label=_label, icon=draw, name_of=_name_of, brief=_brief)
        self._environment.filters.update(moment=_moment, day=_day, millis=_millis, query=_query)

    def page(self, visit: Visit, template: str, status: int, told: Mapping[str, object]) -> Response:
        """A page of a visit."""
        text = self._environment.get_template(template).render(
            visit=visit,
            root=visit.root,
            assets=self.assets,
            language=visit.language,
            entries=visit.entries if visit.session is not None else (),
            **told,
        )
        return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})

    def refusal(self, visit: Visit, refused: PageRefused) -> Response:
        """The page that says why not."""
        return self.page(visit, "refusal.html", refused.status, {"refused": refused})


def _digest_assets() -> str:
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(STATIC.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def two_words(language: str, zh: str, en: str) -> Markup:
    """A text as the language wants it: Chinese, English, or Chinese with English beside it."""
    if language == "en" or not zh:
        return Markup('<span lang="en">{}</span>').format(en)
    if language == "zh" or zh == en or not en:
        return escape(zh)
    return Markup('{} <span class="en" lang="en">{}</span>').format(zh, en)


@pass_context
def _words(context: Context, zh: str, en: str) -> Markup:
    return two_words(context["language"], zh, en)


@pass_context
def _label(context: Context, name: str, code: object) -> Markup:
    found = label_of(name, code)
    return two_words(context["language"], found.zh, found.en)


@pass_context
def _name_of(context: Context, kind: str, code: object) -> Markup:
    """The name of an agency, a region or a body."""
    visit: Visit = context["visit"]
    told = "" if code is None else str(code)
    if kind == "region":
        return escape(visit.services.regions.get(told, told))
    if kind == "body":
        return escape(body_name(visit, told))
    known = load_labels()["agency"].get(told) or visit.services.titles.get(told) or Label(told, told)
    return two_words(context["language"], known.zh, known.en)


@pass_context
def _brief(context: Context, name: str, code: object) -> str:
    """A label in one language, where there is no room for both."""
    visit: Visit = context["visit"]
    told = "" if code is None else str(code)
    known = load_labels()[name].get(told) or visit.services.titles.get(told) or Label(told, told)
    return known.en if context["language"] == "en" else known.zh


def body_name(visit: Visit, body: str) -> str:
    """The name of a body of the directory; its id where the directory does not know it any more."""
    try:
        return body_of(visit.services.rulebook, body).name
    except NotFound:
        return body


def _moment(value: str | datetime | int | None, *, seconds: bool = False) -> Markup:
    """A time, or a day, in Asia/Shanghai."""
    if value is None or value == "":
        return Markup("—")
    if isinstance(value, str) and len(value) == 10:
        return Markup('<time datetime="{0}">{0}</time>').format(value)
    moment = _as_moment(value)
    told = moment.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), told)


def _day(value: str | datetime | int | None) -> str:
    return (
        ""
        if value is None or value == ""
        else (value[:10] if isinstance(value, str) else _as_moment(value).date().isoformat())
    )


def _millis(value: str | datetime | int) -> int:
    return int(_as_moment(value).timestamp() * 1000)


def _as_moment(value: str | datetime | int) -> datetime:
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, SHANGHAI)
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(SHANGHAI)


def _query(values: Mapping[str, Any], **changes: Any) -> str:
    """The query of an address: these values with changes, empty ones left out."""
    told = {name: value for name, value in {**values, **changes}.items() if value not in (None, "", False)}
    return f"?{urlencode(told)}" if told else "?"


def plain_label(name: str, code: object) -> Label:
    """A label for whoever writes no HTML."""
    return label_of(name, code)
