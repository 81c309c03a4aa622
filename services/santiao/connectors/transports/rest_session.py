"""Asks a REST service one page at a time: token, gateway signature, and what its answer means.

The rule kept here: an answer that says busy or failing is no item and is asked again; so is one that is no JSON, because the page is
still there to be asked for. (The same answer saved in a file is quarantined: nobody can be asked again.)
"""

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from santiao.connectors.transports.exchange import Answer, Exchange, ExchangeSettings
from santiao.connectors.transports.gateway import GatewaySettings, signed_headers
from santiao.connectors.transports.timestamps import Clock
from santiao.domain.errors import DeliveryFailed

_TOO_MANY = frozenset({429, 503})
_NOT_AUTHORISED = frozenset({401, 403})
_FIRST_ERROR = 400
_PASSING = frozenset({"http.timeout", "http.unreachable", "rest.status", "rest.not_json"})
"""Failures that a moment's patience may mend."""
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoder raises for bytes that are no JSON, or are JSON beyond reason."""


class TokenSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a token is had and how: names of the request's fields, paths in the answer, and how early it is renewed."""

    path: str
    id_field: str = "clientId"
    secret_field: str = "secret"  # noqa: S105 - the name of a field
    token: str = "data.token"  # noqa: S105 - a path
    lasts: str = "data.expiresIn"
    """Path of the seconds that a token lasts."""
    lasts_seconds: int = 600
    """What is believed when the answer does not say."""
    renew_seconds: int = 60


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a service is asked. Paths are dotted, from the answer's root."""

    exchange: ExchangeSettings
    path: str
    token: TokenSettings | None = None
    gateway: GatewaySettings | None = None
    client_header: str = "clientId"
    code: str = "code"
    ok_codes: tuple[str, ...] = ("200", "0", "0000")
    token_codes: tuple[str, ...] = ("401",)
    """Codes that say the token is no longer good."""
    items: str = "data.records"
    more: str = "data.hasNext"
    total: str = "data.total"
    tries: int = 3
    """How often a question is asked before the poll gives up; `pause_seconds` lies between, doubled each time."""
    pause_seconds: float = 1.0


class ServiceSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """What only this feed knows; never shown, not even by mistake."""

    client_id: str = ""
    client_secret: str = ""
    gateway_token: str = ""

    def __repr__(self) -> str:
        return "ServiceSecrets(…)"


class ListAnswer(msgspec.Struct, frozen=True):
    """A page of a list: its elements as they came, or why the source is busy."""

    elements: tuple[bytes, ...] = ()
    more: bool | None = None
    total: int | None = None
    busy: str = ""
    retry_after: int | None = None


class TokenKeeper:
    """A token, until shortly before it runs out. One for a transport, so that polls share it."""

    def __init__(self) -> None:
        self.token = ""
        self.good_until: datetime | None = None

    def keep(self, token: str, good_until: datetime) -> None:
        self.token, self.good_until = token, good_until

    def forget(self) -> None:
        self.token, self.good_until = "", None

    def is_good(self, now: datetime) -> bool:
        return self.good_until is not None and now < self.good_until


class Session:
    """One poll's talk with one service at `base`. `clock` is the wall's: tokens and signatures are judged by others' clocks."""

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        service_secrets: ServiceSecrets,
        base: str,
        exchange: Exchange,
        keeper: TokenKeeper,
        clock: Clock,
        make_nonce: Callable[[], str] = lambda: secrets.token_hex(8),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._secrets = service_secrets
        self._base = base.rstrip("/")
        self._exchange = exchange
        self._keeper = keeper
        self._clock = clock
        self._make_nonce = make_nonce
        self._sleep = sleep

    def ask(self, question: Mapping[str, Any]) -> ListAnswer:
        """Ask for a page, again after a moment where the source was busy or its answer none.

        Raises:
            DeliveryFailed: nothing answered, or what answered was no list: `rest.unauthorised`, `rest.status`, `rest.not_json`,
                `rest.shape` with the path at which the answer differs from the declaration.
        """
        pause = self._settings.pause_seconds
        for _ in range(self._settings.tries - 1):
            try:
                answer = self._ask_once(question)
            except DeliveryFailed as problem:
                if problem.code not in _PASSING:
                    raise
            else:
                # Who asks to be left alone for long is left alone: the feed's next poll is the next try.
                if not answer.busy or (answer.retry_after or 0) > pause:
                    return answer
            self._sleep(pause)
            pause *= 2
        return self._ask_once(question)

    def _ask_once(self, question: Mapping[str, Any]) -> ListAnswer:
        body = msgspec.json.encode(question)
        for is_last_try in (False, True):
            answer = self._post(self._settings.path, body, self._credentials())
            root = _object(answer.body)
            code = _text(root, self._settings.code)
            if answer.status not in _NOT_AUTHORISED and code not in self._settings.token_codes:
                return self._understood(answer, root, code)
            self._keeper.forget()
            if is_last_try or not self._has_token:
                break
        raise DeliveryFailed(
            "rest.unauthorised",
            "the source does not let us in; check client id, secret, and whether our address is on its list",
            "来源拒绝访问凭证",
        )

    def _understood(self, answer: Answer, root: dict[str, msgspec.Raw] | None, code: str | None) -> ListAnswer:
        settings = self._settings
        if answer.status in _TOO_MANY:
            return _busy(f"HTTP {answer.status}", answer.retry_after)
        if code is not None and code not in settings.ok_codes:
            return _busy(f"code {_harmless(code)}", answer.retry_after)
        if answer.status >= _FIRST_ERROR:
            raise DeliveryFailed(
                "rest.status", f"the source answered HTTP {answer.status}", f"来源返回 HTTP {answer.status}"
            )
        if root is None:
            raise DeliveryFailed(
                "rest.not_json", "the source's answer is no JSON object; it is asked again", "来源应答不是 JSON"
            )
        elements = _list(root, settings.items)
        if elements is None:
            raise DeliveryFailed(
                "rest.shape",
                f"the answer has no list at {settings.items}; compare it with the declaration",
                f"应答中没有列表 {settings.items}，请核对声明",
                settings.items,
            )
        more, total = _value(root, settings.more), _value(root, settings.total)
        return ListAnswer(
            elements,
            more if isinstance(more, bool) else None,
            total if isinstance(total, int) and not isinstance(total, bool) else None,
        )

    def _credentials(self) -> dict[str, str]:
        headers = {self._settings.client_header: self._secrets.client_id} if self._secrets.client_id else {}
        if self._settings.token is not None and self._has_token:
            now = self._clock()
            if not self._keeper.is_good(now):
                self._renew(self._settings.token, now)
            headers["Authorization"] = f"Bearer {self._keeper.token}"
        return headers

    @property
    def _has_token(self) -> bool:
        """False where we were given no secret: a service on a closed network may want none, and says so if it does."""
        return self._settings.token is not None and bool(self._secrets.client_secret)

    def _renew(self, settings: TokenSettings, now: datetime) -> None:
        wanted = {settings.id_field: self._secrets.client_id, settings.secret_field: self._secrets.client_secret}
        answer = self._post(settings.path, msgspec.json.encode(wanted), {})
        root = _object(answer.body)
        token = None if root is None else _value(root, settings.token)
        if answer.status >= _FIRST_ERROR or not isinstance(token, str) or not token:
            raise DeliveryFailed(
                "rest.no_token",
                f"the source gave no token (HTTP {answer.status}); check id and secret",
                "来源未签发令牌",
            )
        lasts = _value(root, settings.lasts) if root is not None else None
        seconds = float(lasts) if isinstance(lasts, int | float) else float(settings.lasts_seconds)
        # A token shorter than the margin is still used once, else no question could ever be asked.
        self._keeper.keep(token, now + timedelta(seconds=max(seconds - settings.renew_seconds, 1.0)))

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        headers = {"Content-Type": "application/json;charset=UTF-8", **headers}
        if self._settings.gateway is not None and self._secrets.gateway_token:
            headers |= signed_headers(
                self._settings.gateway, self._secrets.gateway_token, self._clock(), self._make_nonce(), body
            )
        return self._exchange.send("POST", f"{self._base}/{path.lstrip('/')}", headers, body)


def _object(body: bytes) -> dict[str, msgspec.Raw] | None:
    try:
        return msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except UNREADABLE:
        return None


def _at(root: dict[str, msgspec.Raw], path: str) -> msgspec.Raw | None:
    *steps, last = path.split(".")
    here: dict[str, msgspec.Raw] | None = root
    for step in steps:
        raw = here.get(step) if here is not None else None
        here = _object(bytes(raw)) if raw is not None else None
    return here.get(last) if here is not None else None


def _value(root: dict[str, msgspec.Raw], path: str) -> Any:
    raw = _at(root, path)
    try:
        return None if raw is None else msgspec.json.decode(raw)
    except UNREADABLE:
        return None


def _list(root: dict[str, msgspec.Raw], path: str) -> tuple[bytes, ...] | None:
    """The elements of the list at a path, each as it came; None where no list is."""
    raw = _at(root, path)
    try:
        return None if raw is None else tuple(bytes(each) for each in msgspec.json.decode(raw, type=list[msgspec.Raw]))
    except UNREADABLE:
        return None


def _text(root: dict[str, msgspec.Raw] | None, path: str) -> str | None:
    value = None if root is None else _value(root, path)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _harmless(code: str) -> str:
    return "".join(char for char in code[:20] if char.isascii() and (char.isalnum() or char in "-_."))


def _busy(reason: str, retry_after: int | None) -> ListAnswer:
    told = reason if retry_after is None else f"{reason}, again after {retry_after} s"
    return ListAnswer(busy=told, retry_after=retry_after)
