"""What left the outbox: batches, their rows, and what agencies answered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "feedback_batches",
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_ms", BIG, nullable=False),
        sa.Column("delivered_ms", BIG, nullable=True),
        sa.PrimaryKeyConstraint("batch"),
        comment="Batches handed to agencies; `delivered_ms` when the agency's side had all of it.",
    )
    op.create_index("feedback_batches_of_destination", "feedback_batches", ["destination", "made_ms"])
    op.create_table(
        "feedback_rows",
        sa.Column("outbox_id", BIG, autoincrement=False, nullable=False),
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("agency_key", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("answered_ms", BIG, nullable=True),
        sa.PrimaryKeyConstraint("outbox_id"),
        comment="Rows of batches, with the agency's own answer to each: taken, conflict or failed, and its code.",
    )
    op.create_index("feedback_rows_of_batch", "feedback_rows", ["batch"])
    op.create_index("feedback_rows_of_key", "feedback_rows", ["destination", "agency_key"])
    op.create_table(
        "feedback_replies",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("rows_named", sa.Integer(), nullable=False),
        sa.Column("rows_known", sa.Integer(), nullable=False),
        sa.Column("read_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        comment="Reply files that were read; the same file again is not read twice.",
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("feedback_replies", "feedback_rows", "feedback_batches"):
        op.drop_table(name)
