"""The tables of the log's database. Laid out to stay fast when large: integer surrogates, sorted inserts, short index keys.

An event's `id` is shard << 40 | position, so that the log grows at its end and "position > n" is a range. Times are milliseconds
since the epoch. Views live in tables of their own (`projections/`), keys in another database (`keys.py`).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

POSITION_BITS = 40
metadata = MetaData()

Big = BigInteger().with_variant(Integer, "sqlite")

shards = Table(
    "shards",
    metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("position", Big, nullable=False, default=0),
    Column("case_serial", Big, nullable=False, default=0),
    Column("source_serial", Big, nullable=False, default=0),
    Column("consumed_ms", Big, nullable=False, default=0),
    comment="One row per city: the lock of its only writer, and its dense counters.",
)

events = Table(
    "events",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("case_pk", Big, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("events_of_case", "case_pk", "id"),
    comment="The log: the truth that everything else folds.",
)

inbox = Table(
    "inbox",
    metadata,
    Column("message_id", LargeBinary(16), primary_key=True),
    Column("source_pk", Big, nullable=False),
    Column("event_id", Big, nullable=False),
    Column("blocked", SmallInteger, nullable=False),
    Column("received_ms", Big, nullable=False),
    sqlite_with_rowid=False,
    comment="Messages that were taken, with their receipt: what makes at-least-once effectively once.",
)

sources = Table(
    "sources",
    metadata,
    Column("pk", Big, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    Column("base", Text),
    Column("data", LargeBinary, nullable=False),
    Index(
        "sources_by_base", "base", sqlite_where=Column("base").isnot(None), postgresql_where=Column("base").isnot(None)
    ),
    comment="Source files by `connector:key`; `base` where an agency uses a number again.",
)

case_files = Table(
    "case_files",
    metadata,
    Column("pk", Big, primary_key=True, autoincrement=False),
    Column("shard", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("fingerprint", String(16), nullable=False),
    Column("data", LargeBinary, nullable=False),
    comment="Case files with the fingerprint of the code that folded them; a mismatch is folded again.",
)

case_names = Table(
    "case_names",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("case_pk", Big, nullable=False),
    sqlite_with_rowid=False,
    comment="case_id, case_no and aliases of merged cases, to the case that lives.",
)

profiles = Table(
    "profiles",
    metadata,
    Column("source_pk", Big, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    comment="Blind comparison profiles; part of the party index, erased with it.",
)

party_index = Table(
    "party_index",
    metadata,
    Column("token", Big, primary_key=True, autoincrement=False),
    Column("source_pk", Big, primary_key=True, autoincrement=False),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("live", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
    comment="Blind tokens to sources. The kind is part of the token. `live` 0: told by a version that no longer stands.",
)
Index("party_index_of_source", party_index.c.source_pk)

common_tokens = Table(
    "common_tokens",
    metadata,
    Column("token", Big, primary_key=True, autoincrement=False),
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("carriers", Big, nullable=False),
    sqlite_with_rowid=False,
    comment="Exact counts of tokens that many sources carry; what only a few carry is counted where it stands.",
)

mentions = Table(
    "mentions",
    metadata,
    Column("key_id", LargeBinary(12), primary_key=True),
    Column("source_pk", Big, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column("subject", Big, nullable=False),
    Index("mentions_of_source", "source_pk"),
    Index("mentions_of_subject", "subject"),
    sqlite_with_rowid=False,
    comment="Data keys by source and slot (-1 narrative and raw), with the person's blind token. Erasure walks it.",
)

links = Table(
    "links",
    metadata,
    Column("a_pk", Big, primary_key=True, autoincrement=False),
    Column("b_pk", Big, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("data", LargeBinary),
    Column("pair", LargeBinary),
    sqlite_with_rowid=False,
    comment="What stands between two sources: `data` as the log tells it, `pair` what linking remembers of it.",
)
Index("links_by_b", links.c.b_pk)

timers = Table(
    "timers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("shard", Integer, nullable=False),
    Column("due_ms", Big, nullable=False),
    Column("case_pk", Big, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("about", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Index("timers_due", "due_ms"),
    Index("timers_of_case", "case_pk"),
    comment="Absolute due times; a timer fires once and is gone.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("shard", Integer, nullable=False),
    Column("destination", String(64), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("case_pk", Big, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("next_ms", Big, nullable=False),
    Column("cause", Text),
    Index("outbox_open", "state", "next_ms"),
    comment="What is owed to the outside; `id` is the id of the event that owes it.",
)

offsets = Table(
    "offsets",
    metadata,
    Column("topic", String(120), primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", Big, nullable=False),
    Column("updated_ms", Big, nullable=False),
    comment="How far a partition was consumed; set by compare-and-set in the same transaction as its effects.",
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("connector", String(64), primary_key=True),
    Column("feed", String(64), primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("observed_ms", Big, nullable=False),
    Column("news_ms", Big, nullable=False),
    comment="How far a feed was read, when it last answered and when it last told something.",
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("connector", String(64), nullable=False),
    Column("feed", String(64), nullable=False),
    Column("place", Text, nullable=False),
    Column("code", String(64), nullable=False),
    Column("path", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("detail_zh", Text, nullable=False),
    Column("received_ms", Big, nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Index("quarantine_by_state", "state", "received_ms"),
    comment="Items not understood, raw bytes sealed; replayed after a mend.",
)

refusals = Table(
    "refusals",
    metadata,
    Column("pk", Big, primary_key=True, autoincrement=True),
    Column("connector", String(64), nullable=False),
    Column("feed", String(64), nullable=False),
    Column("place", Text, nullable=False),
    Column("code", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("received_ms", Big, nullable=False),
    Index("refusals_by_digest", "digest"),
    comment="Items understood and not taken: a reason and a digest, nothing else.",
)

nonces = Table(
    "nonces",
    metadata,
    Column("connector", String(64), primary_key=True),
    Column("nonce", String(80), primary_key=True),
    Column("place", Text, nullable=False),
    Column("seen_ms", Big, nullable=False),
    sqlite_with_rowid=False,
    comment="Single-use numbers of signed deliveries, and where each was used: the same delivery read again is no replay.",
)

parked = Table(
    "parked",
    metadata,
    Column("message_id", LargeBinary(16), primary_key=True),
    Column("shard", Integer, nullable=False),
    Column("order_key", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("parked_ms", Big, nullable=False),
    Index("parked_in_order", "shard", "order_key", "parked_ms"),
    sqlite_with_rowid=False,
    comment="Records whose step raised, and the later ones of the same source behind them, in order, sealed.",
)

receipts = Table(
    "receipts",
    metadata,
    Column("caller", String(80), primary_key=True),
    Column("idempotency_key", String(120), primary_key=True),
    Column("digest", LargeBinary(16), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("recorded_ms", Big, nullable=False),
    sqlite_with_rowid=False,
    comment="Answers given to commands, by caller and Idempotency-Key.",
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Big, nullable=False),
    sqlite_with_rowid=False,
    comment="Totals that must add up after any crash: received and what became of it, per connector.",
)

designations = Table(
    "designations",
    metadata,
    Column("rule", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    comment="Routing rules that grew out of a named person's decision.",
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("recorded_ms", Big, nullable=False),
    comment="Erasures done, by key id; a restore applies each again.",
)
