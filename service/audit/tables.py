"""The tables of the record. `migrations/` makes them; here they are only spoken to."""

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, String, Table, Text

VERSION = "0002"  # the last of the migrations
METADATA = MetaData()

ENTRY = Table(
    "entry",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("created_at", String(27), nullable=False, index=True),
    Column("caller", String(300), nullable=False),
    Column("subject", String(36), index=True),
    Column("patient_id", String(200), index=True),
    Column("ground", Text, nullable=False),
    Column("request", LargeBinary),  # compressed by zlib, as the answer is
    Column("answer", LargeBinary),
    Column("salt", LargeBinary),
    Column("content_sha256", String(64), nullable=False),
    Column("previous_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("idempotency_key", String(64), unique=True),
)

# One row that is written to see whether a commit is possible.
PULSE = Table(
    "pulse", METADATA, Column("id", BigInteger, primary_key=True, autoincrement=False), Column("at", String(27), nullable=False)
)

# Cards that were shown in an EHR: the assessment that each stands on, and what it speaks of.
CARD = Table(
    "card",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("subject", String(36), nullable=False),
    Column("topic", String(64), nullable=False),
)

# Ids of signed tokens that were used and must not be used again.
USED_TOKEN = Table(
    "used_token",
    METADATA,
    Column("jti_sha256", String(64), primary_key=True),
    Column("expires_at", String(27), nullable=False, index=True),
)
