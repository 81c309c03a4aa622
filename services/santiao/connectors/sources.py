"""Which transport reads what a connector is given: a database or service by URL, a folder, a file, an HTTP body.

The rule kept here: the source's own form decides, by what the declaration says; nothing is guessed from a file's content that its name
and the declaration tell.
"""

from collections.abc import Callable

import msgspec

from santiao.connectors.contract import RawItem, Transport
from santiao.connectors.declaration import Declaration, SftpRule
from santiao.connectors.faults import fault
from santiao.connectors.forms import AnswersForm, DropForm, EventsForm, Form, HookForm, SnapshotForm, TableFilesForm
from santiao.connectors.transports.answers import UNREADABLE, Answers, unreadable
from santiao.connectors.transports.cloudevents import media_type, read_event
from santiao.connectors.transports.cloudevents_http import mode_of, read_request
from santiao.connectors.transports.drop import Drop, OpenShelf
from santiao.connectors.transports.event_lines import EventLines
from santiao.connectors.transports.hook_lines import HookLines
from santiao.connectors.transports.ledger import Ledger
from santiao.connectors.transports.reading import Reading
from santiao.connectors.transports.rest import RestTransport
from santiao.connectors.transports.rest_session import ServiceSecrets
from santiao.connectors.transports.table import TableTransport
from santiao.connectors.transports.table_files import TableFiles
from santiao.connectors.transports.timestamps import Clock
from santiao.domain.errors import DeliveryFailed, InvalidRecord
from santiao.domain.messages import Watermark

Secrets = Callable[[str], str]


class Sources:
    """Finds and makes the transports of one connector."""

    def __init__(self, declaration: Declaration, clock: Clock, secrets: Secrets) -> None:
        self._declaration = declaration
        self._clock = clock
        self._secrets = secrets
        self._reading = Reading(declaration.name, declaration.feed, declaration.bounds, declaration.headers, clock)

    def transport_for(self, source: str) -> Transport:
        """The transport that reads `source`.

        Raises:
            DeliveryFailed: no form of this connector reads such a source.
        """
        scheme, separator, _ = source.partition("://")
        if separator:
            return self._by_url(scheme.lower(), source)
        for form in self._declaration.forms:
            transport = self._of_files(form)
            if transport is not None:
                return transport
        raise DeliveryFailed(
            "source.form",
            f"{self._declaration.name} reads no files; give a URL",
            f"{self._declaration.name} 不读取文件，请给出地址",
        )

    def _of_files(self, form: Form) -> Transport:
        if isinstance(form, TableFilesForm):
            return TableFiles(form, self._reading)
        if isinstance(form, AnswersForm):
            return Answers(form, self._reading)
        if isinstance(form, DropForm):
            return Drop(form, self._reading)
        if isinstance(form, SnapshotForm):
            return Ledger(form, self._reading)
        if isinstance(form, EventsForm):
            return EventLines(form, self._reading)
        return HookLines(form, self._reading, self._secrets_of(form.secret))

    def _secrets_of(self, name: str) -> tuple[str, ...]:
        """The values of a secret; two, divided by a comma, while it is being changed."""
        return tuple(value.strip() for value in self._secrets(name).split(",") if value.strip())

    def _by_url(self, scheme: str, source: str) -> Transport:
        told, live = self._declaration, self._declaration.live
        clock = self._clock
        if scheme in {"http", "https"} and live.rest is not None:
            known = ServiceSecrets(
                client_id=self._secret(live.client_id),
                client_secret=self._secret(live.client_secret),
                gateway_token=self._secret(live.gateway_token),
            )
            return RestTransport(live.rest, connector=told.name, feed=told.feed, clock=clock, secrets=known)
        drop = next((form for form in told.forms if isinstance(form, DropForm)), None)
        if scheme == "sftp" and live.sftp is not None and drop is not None:
            return Drop(drop, self._reading, self._sftp_shelf(live.sftp))
        if scheme not in {"http", "https", "sftp", "file"} and live.table is not None:
            password = self._secret(live.password)
            return TableTransport(live.table, connector=told.name, feed=told.feed, clock=clock, password=password)
        raise DeliveryFailed(
            "source.form", f"{told.name} reads no {scheme} address", f"{told.name} 不读取 {scheme} 地址"
        )

    def _secret(self, name: str) -> str:
        return self._secrets(name) if name else ""

    def _sftp_shelf(self, rule: SftpRule) -> OpenShelf:
        """Opens the server's folder. The SSH library is an extra and is asked for here only."""
        from santiao.connectors.transports.sftp import SftpLogin, SftpSettings, open_sftp  # noqa: PLC0415

        login = SftpLogin(
            password=self._secret(rule.password),
            private_key=self._secret(rule.private_key),
            passphrase=self._secret(rule.passphrase),
        )
        settings = SftpSettings(host_keys=rule.host_keys, timeout_seconds=rule.timeout_seconds)
        return lambda source: open_sftp(source, settings, login)

    def from_start(self, watermark: Watermark) -> Watermark:
        """The watermark without where reading stands, so that everything is read; what is known of snapshots stays."""
        kept = {
            name: told for name, told in watermark.state.items() if name in {"snapshot", "rows", "missing", "nonces"}
        }
        return Watermark(watermark.connector, watermark.feed, kept, watermark.observed_at)

    @property
    def hook(self) -> HookForm | None:
        """The signed webhook this connector has, if any."""
        return next((form for form in self._declaration.forms if isinstance(form, HookForm)), None)

    def hook_secrets(self) -> tuple[str, ...]:
        """The secrets its deliveries may be signed with."""
        return () if self.hook is None else self._secrets_of(self.hook.secret)

    def parse_body(self, body: bytes, content_type: str) -> list[RawItem]:
        """The items of an HTTP body.

        Raises:
            InvalidRecord: `form.unsupported` for a content type this connector does not read.
        """
        kind = media_type(content_type)
        if len(body) > self._declaration.bounds.file_bytes:
            limit = str(self._declaration.bounds.file_bytes)
            return [RawItem(where=_BODY, raw=b"", fault=fault("file.oversize", _BODY, limit))]
        if mode_of(content_type, {}) is not None:
            return [
                self._of_event(item) for item in read_request(content_type, {}, body, where=_BODY, now=self._clock())
            ]
        if kind == "application/json" or kind.endswith("+json"):
            return self._parse_json(body)
        for form in self._declaration.forms:
            if kind in _XML and isinstance(form, DropForm):
                return list(Drop(form, self._reading).read_bytes(body, _BODY))
            if kind in _CSV and isinstance(form, TableFilesForm):
                return list(TableFiles(form, self._reading).read_bytes(body, _BODY))
            if kind in (_CSV | _WORKBOOK) and isinstance(form, SnapshotForm):
                return list(Ledger(form, self._reading).read_bytes(body, _BODY))
        told = fault("form.unsupported", "content-type", kind or "?")
        raise InvalidRecord(told.code, told.detail, told.detail_zh, told.path)

    def _parse_json(self, body: bytes) -> list[RawItem]:
        """One record, a list of them, or an answer that holds a list as the service's own answers do."""
        answers = next((form for form in self._declaration.forms if isinstance(form, AnswersForm)), None)
        try:
            told: object = msgspec.json.decode(body)
        except UNREADABLE as failure:
            return [RawItem(where=_BODY, raw=body, fault=unreadable("item", failure, body, _BODY))]
        if isinstance(told, list):
            if len(told) > self._declaration.bounds.items:
                limit = str(self._declaration.bounds.items)
                return [RawItem(where=_BODY, raw=b"", fault=fault("file.too_many", _BODY, limit))]
            pieces = msgspec.json.decode(body, type=list[msgspec.Raw])
            return [
                self._object(each, bytes(raw), f"{_BODY}#{n}")
                for n, (each, raw) in enumerate(zip(told, pieces, strict=True), 1)
            ]
        is_event = isinstance(told, dict) and "specversion" in told
        list_in = "" if answers is None else answers.items.split(".")[0]
        if answers is not None and isinstance(told, dict) and list_in in told and not is_event:
            return list(Answers(answers, self._reading).read_bytes(body, _BODY).items)
        return [self._object(told, body, _BODY)]

    def _object(self, told: object, raw: bytes, where: str) -> RawItem:
        if not isinstance(told, dict):
            return RawItem(where=where, raw=raw, fault=fault("item.not_object", where))
        if "specversion" in told and "type" in told:
            return self._of_event(read_event(raw, where=where, now=self._clock()))
        return RawItem(where=where, raw=raw, cells=told)

    def _of_event(self, item: RawItem) -> RawItem:
        """An event as the declaration maps it: whole where the connector's own form is events, else its data."""
        if item.cells is None or any(isinstance(form, EventsForm) for form in self._declaration.forms):
            return item
        data = item.cells.get("data")
        if not isinstance(data, dict):
            return RawItem(where=item.where, raw=item.raw, fault=fault("item.not_object", f"{item.where}/data"))
        return msgspec.structs.replace(item, cells=data)


_BODY = "body"
_XML = frozenset({"application/xml", "text/xml"})
_CSV = frozenset({"text/csv", "application/csv"})
_WORKBOOK = frozenset({"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})
