"""One HTTP exchange with a source, within bounds: where it may go, how long it may take, how much it may bring.

The rules kept here: only hosts the declaration lists are called, a redirect is not followed, nothing is taken from the environment's
proxies, an answer is never larger in memory than its bound. What a source answers never gets into an error's text.
"""

import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Self

import httpx
import msgspec

from santiao.domain.errors import DeliveryFailed

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_UNPACK = {"gzip": 31, "deflate": 15}


class ExchangeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of an exchange. `hosts` are `name` or `name:port`; `plain_http` lets one without TLS be called beyond loopback.

    `ca_file` is the authority a government network signs its own servers with; empty: the system's.
    """

    hosts: tuple[str, ...]
    plain_http: bool = False
    ca_file: str = ""
    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    total_seconds: float = 120.0
    answer_bytes: int = 16 * 1024 * 1024


class Answer(msgspec.Struct, frozen=True):
    """What came back: status, the seconds a source asks to be left alone, and the body unpacked."""

    status: int
    body: bytes
    retry_after: int | None = None


class Exchange:
    """A client that keeps its connection for one poll. Use it in a `with`."""

    def __init__(self, settings: ExchangeSettings) -> None:
        self._settings = settings
        self._client = httpx.Client(
            follow_redirects=False,
            trust_env=False,
            verify=_trusted(settings.ca_file),
            timeout=httpx.Timeout(settings.read_seconds, connect=settings.connect_seconds),
            headers={"Accept-Encoding": "identity", "User-Agent": "santiao"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and read its whole answer, of any status but a redirect.

        Raises:
            DeliveryFailed: `http.host_not_allowed`, `http.no_tls` before anything is sent; `http.timeout`, `http.unreachable`,
                `http.redirect`, `http.too_large` or `http.packed` for an answer that cannot be had.
        """
        place = self._checked(url)
        try:
            with self._client.stream(method, url, headers=dict(headers), content=body or None) as answer:
                if answer.is_redirect:
                    raise _failed(
                        "redirect", place, "answered with a redirect, which is not followed; mend the address"
                    )
                return Answer(
                    answer.status_code, self._read(answer, place), _seconds(answer.headers.get("retry-after", ""))
                )
        except httpx.TimeoutException:
            raise _failed("timeout", place, "did not answer in time; it is asked again later") from None
        except (httpx.HTTPError, httpx.StreamError, zlib.error) as problem:
            raise _failed("unreachable", place, f"could not be read ({type(problem).__name__})") from None

    def _checked(self, url: str) -> str:
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            raise _failed("url", "the source", "is not a URL such as https://court.example.org/gateway") from None
        place = parsed.host if parsed.port is None else f"{parsed.host}:{parsed.port}"
        if parsed.scheme not in {"http", "https"} or parsed.userinfo:
            raise _failed("url", place, "must be called by http or https, without a user in its address")
        if place not in self._settings.hosts and parsed.host not in self._settings.hosts:
            raise _failed("host_not_allowed", place, "is not among the hosts of the declaration")
        if parsed.scheme == "http" and parsed.host not in _LOOPBACK and not self._settings.plain_http:
            raise _failed(
                "no_tls", place, "is called without TLS; use https, or declare plain_http where the network is closed"
            )
        return place

    def _read(self, answer: httpx.Response, place: str) -> bytes:
        limit = self._settings.answer_bytes
        deadline = time.monotonic() + self._settings.total_seconds
        body = bytearray()
        for chunk in _unpacked(answer, place, limit):
            body += chunk
            if len(body) > limit:
                raise _failed("too_large", place, f"answered with more than {limit} bytes; ask for smaller pages")
            if time.monotonic() > deadline:
                raise _failed("timeout", place, "took too long over its answer; ask for smaller pages")
        return bytes(body)


@lru_cache(maxsize=16)
def _trusted(ca_file: str) -> ssl.SSLContext:
    """Whom we trust to say who a server is; read once, as reading takes longer than an exchange."""
    return ssl.create_default_context(cafile=ca_file or None)


def _unpacked(answer: httpx.Response, place: str, limit: int) -> Iterator[bytes]:
    """The body's bytes; packed ones unpacked no further than just past the limit, so that a bomb cannot go off."""
    packing = answer.headers.get("content-encoding", "identity").lower()
    if packing == "identity":
        yield from answer.iter_raw()
        return
    if packing not in _UNPACK:
        raise _failed("packed", place, "packed its answer in a way that is not known here; ask it for identity or gzip")
    unpacker = zlib.decompressobj(_UNPACK[packing])
    for chunk in answer.iter_raw():
        yield unpacker.decompress(chunk, limit + 1)


def _seconds(text: str) -> int | None:
    return min(int(text), 86_400) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _failed(code: str, place: str, problem: str) -> DeliveryFailed:
    return DeliveryFailed(f"http.{code}", f"{place} {problem}", f"与 {place} 的通信失败（http.{code}）")
