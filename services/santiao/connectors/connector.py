"""One agency's connector, ready to use: reads its deliveries, translates its items, takes one record by HTTP.

The rule kept here: a batch is at most 500 items, and the watermark goes with the last batch of what it covers, so that both commit
together.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from santiao.connectors.contract import Page, RawItem, Transport
from santiao.connectors.converters.codes import CodeTable
from santiao.connectors.converters.references import ReferencePattern
from santiao.connectors.converters.region import RegionTable
from santiao.connectors.declaration import Declaration
from santiao.connectors.forms import HookForm
from santiao.connectors.memory import forget
from santiao.connectors.rereading import reread
from santiao.connectors.shapes import Words
from santiao.connectors.sources import Secrets, Sources
from santiao.connectors.translate import Translator
from santiao.connectors.transports.hook_lines import header_value, read_delivery_body
from santiao.connectors.transports.timestamps import Clock
from santiao.connectors.transports.webhook import NonceMemory, verify_signature
from santiao.domain.errors import InvalidRecord
from santiao.domain.messages import Batch, Delivered, Watermark

BATCH_ITEMS = 500


class Connector:
    """One agency's way in. Safe to share between threads."""

    def __init__(
        self,
        declaration: Declaration,
        *,
        folder: Path,
        tables: Mapping[str, CodeTable],
        regions: RegionTable,
        words: Words,
        patterns: tuple[ReferencePattern, ...],
        clock: Clock,
        secrets: Secrets,
        arrival: Clock | None = None,
    ) -> None:
        self.declaration = declaration
        self.name = declaration.name
        self.folder = folder
        self._translator = Translator(
            declaration, tables=tables, regions=regions, words=words, patterns=patterns, clock=arrival or clock
        )
        self._sources = Sources(declaration, clock, secrets)

    def translate(self, item: RawItem, received_at: datetime | None = None) -> Delivered:
        """One item into a record or a fault; never raises."""
        return self._translator.translate(item, received_at)

    def transport_for(self, source: str) -> Transport:
        """The transport that reads `source`.

        Raises:
            DeliveryFailed: no form of this connector reads such a source.
        """
        return self._sources.transport_for(source)

    def read(self, source: str, watermark: Watermark | None = None, *, again: bool = False) -> Iterator[Batch]:
        """Batches of a source: a folder, a file or a URL, as this connector's declaration says.

        Args:
            source: what the contract calls SOURCE.
            watermark: how far the feed was read; None reads all there is.
            again: read everything given whatever the watermark says; what it knows of snapshots is still used.

        Raises:
            DeliveryFailed: the source could not be opened or did not answer.
        """
        if again and watermark is not None:
            watermark = self._sources.from_start(watermark)
        try:
            for page in self.transport_for(source).read(source, watermark):
                yield from self.batches(page)
        finally:
            forget()

    def batches(self, page: Page) -> Iterator[Batch]:
        """A page's items translated, in batches; the watermark goes with the last."""
        items = page.items
        for start in range(0, len(items) - BATCH_ITEMS, BATCH_ITEMS):
            yield Batch(tuple(self.translate(item) for item in items[start : start + BATCH_ITEMS]))
        start = max(0, (len(items) - 1) // BATCH_ITEMS * BATCH_ITEMS)
        if items or page.watermark is not None:
            yield Batch(tuple(self.translate(item) for item in items[start:]), page.watermark)

    def retranslate(self, raw: bytes, where: str, received_at: datetime) -> tuple[Delivered, ...]:
        """A quarantined item's own bytes read and translated again, by what the declaration says now."""
        items = reread(self.declaration, self._sources, raw, where, received_at)
        return tuple(self.translate(item, received_at) for item in items)

    @property
    def hook(self) -> HookForm | None:
        """How this connector's webhook is signed; None when it has none."""
        return self._sources.hook

    def receive_hook(
        self, headers: Mapping[str, str], body: bytes, received_at: datetime, nonces: NonceMemory = frozenset()
    ) -> Delivered:
        """One delivery of the live webhook: judged at the door, then translated; `nonce` is to be remembered with it.

        A delivery that is not good is refused with a code of `webhook.*` and leaves nothing.

        Raises:
            InvalidRecord: this connector has no webhook (`form.unsupported`).
        """
        form = self._sources.hook
        if form is None:
            raise InvalidRecord("form.unsupported", f"{self.name} has no webhook", f"{self.name} 没有推送接口", "")
        secrets = self._sources.hook_secrets()
        verdict = verify_signature(form.signature, secrets, headers, body, received_at=received_at, nonces=nonces)
        if not verdict.is_good:
            return self.translate(RawItem(where="hook", raw=b"", fault=verdict.fault("hook")), received_at)
        sent_at = header_value(headers, form.signature.timestamp_header)
        item = read_delivery_body(body, "hook", received_at, sent_at)
        return self.translate(msgspec.structs.replace(item, nonce=verdict.nonce), received_at)

    def parse_body(self, body: bytes, content_type: str, received_at: datetime | None) -> tuple[Delivered, ...]:
        """The items of one HTTP body in the agency's own form, or as CloudEvents: one, or several for a batch.

        `received_at` None lets each item's own time count, as for files.

        Raises:
            InvalidRecord: the content type is none this connector reads (`form.unsupported`).
        """
        return tuple(self.translate(item, received_at) for item in self._sources.parse_body(body, content_type))
