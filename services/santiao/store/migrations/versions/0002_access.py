"""Who may call and who was shown what: agencies, keys, people, sessions, disclosures."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _make_callers()
    _make_disclosures()


def _make_callers() -> None:
    op.create_table(
        "agencies",
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("agency"),
        comment="Partner agencies. One may do nothing until it has a key.",
    )
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_ms", BIG, nullable=False),
        sa.Column("revoked_ms", BIG),
        sa.PrimaryKeyConstraint("key_id"),
        comment="Agencies' keys as keyed digests; two may overlap while one is replaced.",
    )
    op.create_index("api_keys_of_agency", "api_keys", ["agency"])
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("org", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
        comment="People who work with the hub, with one role each; the password as a memory-hard hash with its cost and salt.",
    )
    op.create_index("people_of_org", "people", ["org"])
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("opened_ms", BIG, nullable=False),
        sa.Column("expires_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        comment="Console sessions by a keyed digest of their token.",
    )
    op.create_index("sessions_of_person", "sessions", ["person_id"])


def _make_disclosures() -> None:
    op.create_table(
        "disclosures",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("recorded_ms", BIG, nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("view", sa.String(length=40), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
        comment="Every answer with case data: who, why, what of it; committed before the answer is sent. `data` is the whole record.",
    )
    op.create_index("disclosures_in_time", "disclosures", ["recorded_ms"])
    op.create_table(
        "disclosed_cases",
        sa.Column("disclosure", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("disclosure", "case_id"),
        sqlite_with_rowid=False,
        comment="The cases of a disclosure, with the fields shown and the mentions that were opened.",
    )
    op.create_index("disclosures_of_case", "disclosed_cases", ["case_id", "disclosure"])


def downgrade() -> None:
    """A log is never migrated down; restore a backup instead."""
    raise NotImplementedError
