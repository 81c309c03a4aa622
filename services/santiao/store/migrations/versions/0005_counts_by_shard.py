"""Counts of common tokens stand by shard: each city counts its own sources."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Put the shard into the key; SQLite cannot change a key, so the table is made anew."""
    _make_anew("token", "shard")


def downgrade() -> None:
    """Take it out again; where two cities share a token the larger count stays."""
    _make_anew("token")


def _make_anew(*keys: str) -> None:
    op.rename_table("common_tokens", "common_tokens_before")
    op.create_table(
        "common_tokens",
        sa.Column("token", BIG, autoincrement=False, nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("carriers", BIG, nullable=False),
        sa.PrimaryKeyConstraint(*keys, name="common_tokens_key"),
        comment="Exact counts of tokens that many sources carry; what only a few carry is counted where it stands.",
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO common_tokens (token, shard, carriers) "
        f"SELECT token, max(shard), max(carriers) FROM common_tokens_before GROUP BY {', '.join(keys)}"
    )
    op.drop_table("common_tokens_before")
