"""The first tables: the log, the inbox, files, party index, links, timers, outbox and intake's own rows."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "case_files",
        sa.Column("pk", BIG, autoincrement=False, nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pk"),
        comment="Case files with the fingerprint of the code that folded them; a mismatch is folded again.",
    )
    op.create_table(
        "case_names",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("case_pk", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        comment="case_id, case_no and aliases of merged cases, to the case that lives.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "common_tokens",
        sa.Column("token", BIG, autoincrement=False, nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("carriers", BIG, nullable=False),
        sa.PrimaryKeyConstraint("token"),
        comment="Exact counts of tokens that many sources carry; what only a few carry is counted where it stands.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        comment="Totals that must add up after any crash: received and what became of it, per connector.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "designations",
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("rule"),
        comment="Routing rules that grew out of a named person's decision.",
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="Erasures done, by key id; a restore applies each again.",
    )
    op.create_table(
        "events",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("case_pk", BIG, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="The log: the truth that everything else folds.",
    )
    op.create_index("events_of_case", "events", ["case_pk", "id"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("message_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("source_pk", BIG, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("blocked", sa.SmallInteger(), nullable=False),
        sa.Column("received_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
        comment="Messages that were taken, with their receipt: what makes at-least-once effectively once.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "links",
        sa.Column("a_pk", BIG, autoincrement=False, nullable=False),
        sa.Column("b_pk", BIG, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("pair", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("a_pk", "b_pk"),
        comment="What stands between two sources: `data` as the log tells it, `pair` what linking remembers of it.",
        sqlite_with_rowid=False,
    )
    op.create_index("links_by_b", "links", ["b_pk"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("key_id", sa.LargeBinary(length=12), nullable=False),
        sa.Column("source_pk", BIG, nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("subject", BIG, nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
        comment="Data keys by source and slot (-1 narrative and raw), with the person's blind token. Erasure walks it.",
        sqlite_with_rowid=False,
    )
    op.create_index("mentions_of_source", "mentions", ["source_pk"], unique=False)
    op.create_index("mentions_of_subject", "mentions", ["subject"], unique=False)
    op.create_table(
        "nonces",
        sa.Column("connector", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=80), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("seen_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("connector", "nonce"),
        comment="Single-use numbers of signed deliveries, and where each was used: the same delivery read again is no replay.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "offsets",
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_offset", BIG, nullable=False),
        sa.Column("updated_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
        comment="How far a partition was consumed; set by compare-and-set in the same transaction as its effects.",
    )
    op.create_table(
        "outbox",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("case_pk", BIG, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("next_ms", BIG, nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="What is owed to the outside; `id` is the id of the event that owes it.",
    )
    op.create_index("outbox_open", "outbox", ["state", "next_ms"], unique=False)
    op.create_table(
        "parked",
        sa.Column("message_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("parked_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
        comment="Records whose step raised, and the later ones of the same source behind them, in order, sealed.",
        sqlite_with_rowid=False,
    )
    op.create_index("parked_in_order", "parked", ["shard", "order_key", "parked_ms"], unique=False)
    op.create_table(
        "party_index",
        sa.Column("token", BIG, autoincrement=False, nullable=False),
        sa.Column("source_pk", BIG, autoincrement=False, nullable=False),
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("live", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", "source_pk", "slot"),
        comment="Blind tokens to sources. The kind is part of the token. `live` 0: told by a version that no longer stands.",
        sqlite_with_rowid=False,
    )
    op.create_index("party_index_of_source", "party_index", ["source_pk"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("source_pk", BIG, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source_pk"),
        comment="Blind comparison profiles; part of the party index, erased with it.",
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("connector", sa.String(length=64), nullable=False),
        sa.Column("feed", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("detail_zh", sa.Text(), nullable=False),
        sa.Column("received_ms", BIG, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="Items not understood, raw bytes sealed; replayed after a mend.",
    )
    op.create_index("quarantine_by_state", "quarantine", ["state", "received_ms"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("idempotency_key", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("caller", "idempotency_key"),
        comment="Answers given to commands, by caller and Idempotency-Key.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "refusals",
        sa.Column("pk", BIG, autoincrement=True, nullable=False),
        sa.Column("connector", sa.String(length=64), nullable=False),
        sa.Column("feed", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("received_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("pk"),
        comment="Items understood and not taken: a reason and a digest, nothing else.",
    )
    op.create_index("refusals_by_digest", "refusals", ["digest"], unique=False)
    op.create_table(
        "shards",
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("case_serial", BIG, nullable=False),
        sa.Column("source_serial", BIG, nullable=False),
        sa.Column("consumed_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("shard"),
        comment="One row per city: the lock of its only writer, and its dense counters.",
    )
    op.create_table(
        "sources",
        sa.Column("pk", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("name"),
        comment="Source files by `connector:key`; `base` where an agency uses a number again.",
    )
    op.create_index(
        "sources_by_base",
        "sources",
        ["base"],
        unique=False,
        sqlite_where=sa.text("base IS NOT NULL"),
        postgresql_where=sa.text("base IS NOT NULL"),
    )
    op.create_table(
        "timers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("due_ms", BIG, nullable=False),
        sa.Column("case_pk", BIG, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="Absolute due times; a timer fires once and is gone.",
    )
    op.create_index("timers_due", "timers", ["due_ms"], unique=False)
    op.create_index("timers_of_case", "timers", ["case_pk"], unique=False)
    op.create_table(
        "watermarks",
        sa.Column("connector", sa.String(length=64), nullable=False),
        sa.Column("feed", sa.String(length=64), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("observed_ms", BIG, nullable=False),
        sa.Column("news_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("connector", "feed"),
        comment="How far a feed was read, when it last answered and when it last told something.",
    )


def downgrade() -> None:
    """A log is never migrated down; restore a backup instead."""
    raise NotImplementedError
