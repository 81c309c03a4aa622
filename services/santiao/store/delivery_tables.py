"""Tables of what left the outbox: batches as they were handed over, their rows, and what the agency said of each.

The rules kept here: a batch keeps its rows and its name from its first attempt on, so that one tried again after a crash is the same
batch and not another; what an agency answers is kept by row (N25), as its code and never as its words.
"""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from santiao.store.tables import Big, metadata

batches = Table(
    "feedback_batches",
    metadata,
    Column("batch", String(64), primary_key=True),
    Column("destination", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("made_ms", Big, nullable=False),
    Column("delivered_ms", Big),
    Index("feedback_batches_of_destination", "destination", "made_ms"),
    comment="Batches handed to agencies; `delivered_ms` when the agency's side had all of it.",
)

batch_rows = Table(
    "feedback_rows",
    metadata,
    Column("outbox_id", Big, primary_key=True, autoincrement=False),
    Column("batch", String(64), nullable=False),
    Column("destination", String(64), nullable=False),
    Column("agency_key", Text, nullable=False),
    Column("answer", String(10)),
    Column("code", String(32)),
    Column("answered_ms", Big),
    Index("feedback_rows_of_batch", "batch"),
    Index("feedback_rows_of_key", "destination", "agency_key"),
    comment="Rows of batches, with the agency's own answer to each: taken, conflict or failed, and its code.",
)

replies = Table(
    "feedback_replies",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("destination", String(64), nullable=False),
    Column("place", Text, nullable=False),
    Column("rows_named", Integer, nullable=False),
    Column("rows_known", Integer, nullable=False),
    Column("read_ms", Big, nullable=False),
    comment="Reply files that were read; the same file again is not read twice.",
)
