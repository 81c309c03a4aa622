"""Avro single-object encoding: the form of records and events on topics and in exports.

`C3 01`, the eight bytes of the schema's fingerprint, the body. The rule: a message is read with the very text its fingerprint
names; then the type of that major takes it, defaults fill what an old minor did not know, and an old major is upcast.
"""

import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import msgspec
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.read import SchemaResolutionError
from fastavro.types import Schema

from santiao.domain.errors import InvalidRecord
from santiao.domain.events import EVENT_TYPES, Event, Meta, event_name
from santiao.domain.records import AgencyRecord
from santiao.schemas.catalogue import CASE, INCOMING, RECORD_MAJOR, Entry, make_namespace
from santiao.schemas.codec import find_event_type, make_unreadable
from santiao.schemas.datum import compile_instant_check, compile_lifting, compile_lowering
from santiao.schemas.fingerprint import Fingerprint, make_fingerprint
from santiao.schemas.folder import SchemaFile, read_folder
from santiao.schemas.upcast import upcast

MARKER = b"\xc3\x01"
HEADER_LENGTH = 10
_S = TypeVar("_S", bound=msgspec.Struct)
# What fastavro raises over bytes that are no message; anything else is our fault and passes.
_READ_FAILURES = (
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    SchemaResolutionError,
    TypeError,
    ValueError,
    struct.error,
)


class _Form(msgspec.Struct, frozen=True):
    """How one type goes out: its header, its schema, and what makes an Avro datum of it."""

    header: bytes
    schema: Schema
    lower: Callable[[msgspec.Struct], dict[str, object]]
    check: Callable[[msgspec.Struct], None] | None

    def encode(self, value: msgspec.Struct, leading: dict[str, object]) -> bytes:
        if self.check is not None:
            self.check(value)
        out = BytesIO(self.header)
        out.seek(HEADER_LENGTH)
        schemaless_writer(out, self.schema, {**leading, **self.lower(value)})
        return out.getvalue()


class SingleObjectCodec:
    """Encodes with the present types' schemas, decodes with any schema of the folder.

    Args:
        folder: the committed `schemas/`; read once, here.
    """

    def __init__(self, folder: Path) -> None:
        files, _ = read_folder(folder)
        self._files = {make_fingerprint(file.schema): file for file in files}
        self._schemas: dict[Fingerprint, Schema] = {}
        self._forms: dict[type[msgspec.Struct], _Form] = {}
        self._liftings: dict[type[msgspec.Struct], Callable[[object], msgspec.Struct]] = {}
        self._lower_meta = compile_lowering(Meta, make_namespace(CASE))
        self._check_meta = compile_instant_check(Meta)

    def encode_event(self, meta: Meta, event: Event) -> bytes:
        """One case event as one message.

        Raises:
            InvalidRecord: `time.too_fine`, an instant is finer than a millisecond.
            LookupError: the folder has no file for the type as it is now, so that nobody could read the message.
        """
        if self._check_meta is not None:
            self._check_meta(meta)
        form = self._find_form(Entry(CASE, event_name(event), event.version, type(event)))
        return form.encode(event, {"meta": self._lower_meta(meta)})

    def encode_record(self, record: AgencyRecord) -> bytes:
        """One agency record as one message; raises as `encode_event` does."""
        return self._find_form(Entry(INCOMING, "AgencyRecord", RECORD_MAJOR, AgencyRecord)).encode(record, {})

    def decode_event(self, data: bytes) -> tuple[Meta, Event]:
        """Read a case event of any released version as the present type.

        Raises:
            InvalidRecord: `message.malformed`, `message.unknown_schema`, `message.wrong_kind`, `event.unknown` or
                `event.unreadable`; the text names type and field, never a value.
        """
        file, datum = self._read(data, CASE)
        what = f"{file.name} v{file.version}"
        meta = self._lift(Meta, datum.pop("meta", None), what)
        event = self._lift(find_event_type(file.name, file.major), datum, what)
        return meta, upcast(file.name, file.major, event, EVENT_TYPES[file.name].version)

    def decode_record(self, data: bytes) -> AgencyRecord:
        """Read an agency record; raises as `decode_event` does."""
        file, datum = self._read(data, INCOMING)
        return self._lift(AgencyRecord, datum, f"{file.name} v{file.version}")

    def _find_form(self, entry: Entry) -> _Form:
        form = self._forms.get(entry.cls)
        if form is None:
            schema = entry.make_schema()
            fingerprint = make_fingerprint(schema)
            if fingerprint not in self._files:
                raise LookupError(
                    f"schemas/{entry.kind} has no file for {entry.name} v{entry.major} as it is now; "
                    "run `python -m santiao.schemas generate`"
                )
            form = _Form(
                header=MARKER + fingerprint,
                schema=parse_schema(schema),
                lower=compile_lowering(entry.cls, entry.namespace),
                check=compile_instant_check(entry.cls),
            )
            self._forms[entry.cls] = form
        return form

    def _lift(self, cls: type[_S], datum: object, what: str) -> _S:
        lifting = self._liftings.get(cls)
        if lifting is None:
            lifting = self._liftings[cls] = compile_lifting(cls)
        try:
            return lifting(datum)  # type: ignore[return-value]  # the table holds each type's own lifting
        except msgspec.ValidationError as error:
            raise make_unreadable(what, error) from None

    def _read(self, data: bytes, kind: str) -> tuple[SchemaFile, dict[str, object]]:
        if len(data) < HEADER_LENGTH or data[:2] != MARKER:
            raise _malformed("is no Avro single object: it does not begin with C3 01 and a fingerprint", "header")
        fingerprint = Fingerprint(data[2:HEADER_LENGTH])
        file = self._files.get(fingerprint)
        if file is None:
            raise InvalidRecord(
                "message.unknown_schema",
                f"no schema has the fingerprint {fingerprint.hex()}; the writer is newer than this hub, upgrade it",
                "消息所用的模式未知，请升级本系统",
                "header",
            )
        if file.kind != kind:
            raise InvalidRecord(
                "message.wrong_kind", f"{file.path} does not belong on this topic", "消息类型与主题不符", "header"
            )
        schema = self._schemas.get(fingerprint)
        if schema is None:
            schema = self._schemas[fingerprint] = parse_schema(file.schema)
        return file, _read_body(data, schema, file)


def _read_body(data: bytes, schema: Schema, file: SchemaFile) -> dict[str, object]:
    stream = BytesIO(data)
    stream.seek(HEADER_LENGTH)
    try:
        datum = schemaless_reader(stream, schema, None, return_named_type=True, return_named_type_override=True)
    except _READ_FAILURES as error:
        # The library's own words may quote the data; its kind of failure and the type must do.
        raise _malformed(f"does not fit {file.path} ({type(error).__name__})", file.name) from None
    if stream.tell() != len(data):
        raise _malformed(f"has {len(data) - stream.tell()} bytes more than {file.path} reads", file.name)
    if not isinstance(datum, dict):
        raise _malformed(f"is no record of {file.path}", file.name)
    return datum


def _malformed(reason: str, path: str) -> InvalidRecord:
    return InvalidRecord("message.malformed", f"the message {reason}", "消息无法解读", path)
