"""Tables of who may call and who was shown what: agencies, their keys, people, sessions, disclosures.

The rules kept here: no secret stands in a table, only what proves one (a keyed digest of a key or session, a memory-hard hash of a
password); a disclosure names cases and mentions by id and holds no personal value. Rows of disclosures are only ever added.
"""

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text

from santiao.store.tables import Big, metadata

agencies = Table(
    "agencies",
    metadata,
    Column("agency", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_ms", Big, nullable=False),
    comment="Partner agencies. One may do nothing until it has a key.",
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("agency", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("issued_ms", Big, nullable=False),
    Column("revoked_ms", Big),
    Index("api_keys_of_agency", "agency"),
    comment="Agencies' keys as keyed digests; two may overlap while one is replaced.",
)

people = Table(
    "people",
    metadata,
    Column("person_id", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("org", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password", LargeBinary, nullable=False),
    Column("created_ms", Big, nullable=False),
    Index("people_of_org", "org"),
    comment="People who work with the hub, with one role each; the password as a memory-hard hash with its cost and salt.",
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("person_id", String(16), nullable=False),
    Column("opened_ms", Big, nullable=False),
    Column("expires_ms", Big, nullable=False),
    Index("sessions_of_person", "person_id"),
    comment="Console sessions by a keyed digest of their token.",
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("recorded_ms", Big, nullable=False),
    Column("agency", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("purpose", String(24), nullable=False),
    Column("view", String(40), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("disclosures_in_time", "recorded_ms"),
    sqlite_with_rowid=False,
    comment="Every answer with case data: who, why, what of it; committed before the answer is sent. `data` is the whole record.",
)

disclosed_cases = Table(
    "disclosed_cases",
    metadata,
    Column("disclosure", String(26), primary_key=True),
    Column("case_id", String(26), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Index("disclosures_of_case", "case_id", "disclosure"),
    sqlite_with_rowid=False,
    comment="The cases of a disclosure, with the fields shown and the mentions that were opened.",
)
