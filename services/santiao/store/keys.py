"""The keys' own database: one data key per party mention, one per source version's narrative and raw, wrapped by the master key.

Keys commit before the log: an orphan key is harmless, an event without its key would be lost. Destroying a key overwrites its row;
erasures are listed here too, so that a restored log can be erased again.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, inspect

from santiao.domain.errors import Conflict, StoreFailure
from santiao.store.database import Database

metadata = MetaData()

data_keys = Table(
    "data_keys",
    metadata,
    Column("key_id", LargeBinary(12), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
    comment="Data keys wrapped by the master key; an empty one was destroyed.",
)

hub_secrets = Table(
    "hub_secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    comment="The blind index's key, the key of case ids, the session key.",
)


def _nothing_to_wait_for() -> None:
    """Every key was there before."""


def derive_key_id(message_id: bytes, slot: int) -> bytes:
    """Key id of party `slot` of the version that `message_id` brought; slot -1 is its narrative and raw."""
    return hashlib.blake2b(message_id + (slot + 1).to_bytes(2, "big"), digest_size=12, person=b"data-key").digest()


def read_master_key(path: Path, *, create: bool) -> bytes:
    """The master key: 32 bytes in a file of mode 0600, made on the first start of the embedded default.

    Raises:
        StoreFailure: missing, or not 32 bytes.
    """
    if create and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(os.urandom(32))
            handle.flush()
            os.fsync(handle.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    try:
        key = path.read_bytes()
    except OSError as error:
        raise StoreFailure(
            "keys.master",
            f"the master key file {path} cannot be read: {error.strerror}; mend its permissions, or set SANTIAO_MASTER_KEY_FILE",
            f"主密钥文件 {path} 无法读取，请检查权限，或设置 SANTIAO_MASTER_KEY_FILE",
        ) from None
    if len(key) != 32:
        raise StoreFailure("keys.master", "the master key file must hold exactly 32 bytes", "主密钥文件必须恰为32字节")
    return key


def holds_keys(database: Database) -> bool:
    """True when keys were made here before: a master key that is missing then was lost, and must not be made anew."""
    with database.readable() as connection:
        if not inspect(connection).has_table(hub_secrets.name):
            return False
        return connection.execute(hub_secrets.select().limit(1)).first() is not None


class KeyStore:
    """Data keys by id. Thread-safe as its database is; keys opened are not kept, so that an erasure is felt at once."""

    def __init__(self, database: Database, master: bytes) -> None:
        self.database = database
        self._wrap = AESGCMSIV(master)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="santiao-keys")

    def prepare(self) -> None:
        """Make the tables when they are not there."""
        with self.database.writable() as connection:
            self.database.take_turn(connection)
            if not inspect(connection).has_table(data_keys.name):
                metadata.create_all(connection)

    def secret(self, name: str) -> bytes:
        """The hub's own secret `name`, made when first asked for."""
        with self.database.writable() as connection:
            self.database.take_turn(connection)
            row = connection.execute(hub_secrets.select().where(hub_secrets.c.name == name)).first()
            if row is not None:
                return self._open(row.wrapped[:12], row.wrapped[12:], name.encode())
            value, nonce = os.urandom(32), os.urandom(12)
            connection.execute(
                hub_secrets.insert().values(name=name, wrapped=nonce + self._wrap.encrypt(nonce, value, name.encode()))
            )
            return value

    def _open(self, nonce: bytes, wrapped: bytes, told: bytes | None) -> bytes:
        try:
            return self._wrap.decrypt(nonce, wrapped, told)
        except InvalidTag:
            raise StoreFailure(
                "keys.wrong_master",
                "the keys were wrapped by another master key; put back the one that belongs to this home, or name it in "
                "SANTIAO_MASTER_KEY_FILE",
                "主密钥与数据不符，请放回本目录原有的主密钥",
            ) from None

    def obtain(self, key_ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Keys for these ids, known ones as they are, missing ones made; committed when this returns.

        A destroyed key is not made again: it is missing from the answer.

        Raises:
            StoreFailure: the keys' database failed.
            Conflict: another process made one of them meanwhile; the caller tries again.
        """
        keys, kept = self.obtain_ahead(key_ids)
        kept()
        return keys

    def obtain_ahead(self, key_ids: Iterable[bytes]) -> tuple[dict[bytes, bytes], Callable[[], None]]:
        """As `obtain`, but new keys are committed meanwhile, so that deciding does not wait for the disk.

        What they seal may be committed only after the function that comes with them has returned; it raises as `obtain` does.
        """
        wanted = sorted(set(key_ids))
        if not wanted:
            return {}, _nothing_to_wait_for
        with self.database.readable() as connection:
            found = dict(self.database.select_in(connection, data_keys, ("key_id", "wrapped"), "key_id", wanted))
        missing = [key_id for key_id in wanted if key_id not in found]
        fresh = os.urandom(32 * len(missing))
        keys = {key_id: fresh[32 * n : 32 * n + 32] for n, key_id in enumerate(missing)}
        rows = [(key_id, self._wrap.encrypt(key_id, key, None)) for key_id, key in keys.items()]
        kept = self._writer.submit(self._keep, rows).result if rows else _nothing_to_wait_for
        for key_id, wrapped in found.items():
            if wrapped:
                keys[key_id] = self._open(key_id, wrapped, None)
        return keys, kept

    def _keep(self, rows: list[tuple[bytes, bytes]]) -> None:
        try:
            with self.database.writable() as connection:
                self.database.insert(connection, data_keys, rows)
        except self.database.engine.dialect.loaded_dbapi.IntegrityError:
            raise Conflict(
                "keys.made_elsewhere",
                "another process made these keys meanwhile; retried",
                "密钥刚由其他进程生成，将重试",
            ) from None

    def close(self) -> None:
        """End the thread that commits keys. Nothing waits for it: whoever needed a key has waited already."""
        self._writer.shutdown()

    def fetch(self, key_ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Keys that exist; destroyed and unknown ones are missing from the answer."""
        with self.database.readable() as connection:
            rows = self.database.select_in(connection, data_keys, ("key_id", "wrapped"), "key_id", set(key_ids))
        return {key_id: self._open(key_id, wrapped, None) for key_id, wrapped in rows if wrapped}

    def destroy(self, key_ids: Iterable[bytes]) -> int:
        """Destroy these keys, unknown ones included (they must not be made later); how many rows say so now."""
        rows = [(key_id, b"") for key_id in sorted(set(key_ids))]
        with self.database.writable() as connection:
            if self.database.is_sqlite:
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            self.database.insert(connection, data_keys, rows, on_conflict="replace")
        if self.database.is_sqlite:
            # The write-ahead log still holds the pages as they were; once it is back in the file, nothing does.
            self.database.checkpoint("TRUNCATE")
        return len(rows)
