"""The record: entries, the pulse, used tokens; and the database's own refusal to forget."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

HEADER = "position, id, kind, created_at, caller, subject, ground, content_sha256, previous_sha256, sha256"
ERASABLE = ("patient_id", "request", "answer", "salt", "idempotency_key")
KEPT = "NEW.{0} IS NOT NULL"


def upgrade() -> None:
    """Make the tables, and the triggers that keep entries as they are."""
    op.create_table(
        "entry",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False, index=True),
        sa.Column("caller", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(36), index=True),
        sa.Column("patient_id", sa.String(200), index=True),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("request", sa.LargeBinary),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("previous_sha256", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(64), unique=True),
    )
    pulse = op.create_table(
        "pulse",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(27), nullable=False),
    )
    op.create_table(
        "used_token",
        sa.Column("jti_sha256", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.String(27), nullable=False, index=True),
    )
    op.bulk_insert(pulse, [{"id": 1, "at": ""}])
    kept = " OR ".join(KEPT.format(name) for name in ERASABLE)
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"
        op.execute(f"CREATE TRIGGER entry_stays BEFORE DELETE ON entry {refuse}")
        there = "position = NEW.position OR id = NEW.id OR idempotency_key = NEW.idempotency_key"
        # INSERT OR REPLACE would delete without the trigger above
        when = f"WHEN EXISTS (SELECT 1 FROM entry WHERE {there})"  # noqa: S608
        op.execute(f"CREATE TRIGGER entry_is_not_replaced BEFORE INSERT ON entry {when} {refuse}")
        op.execute(f"CREATE TRIGGER entry_header_stays BEFORE UPDATE OF {HEADER} ON entry {refuse}")
        op.execute(f"CREATE TRIGGER entry_contents_only_go BEFORE UPDATE ON entry WHEN {kept} {refuse}")
        return
    op.execute(
        "CREATE FUNCTION entry_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the record is append-only'; END $$"
    )
    op.execute("CREATE TRIGGER entry_stays BEFORE DELETE OR TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION entry_stays()")
    op.execute(
        f"CREATE TRIGGER entry_header_stays BEFORE UPDATE OF {HEADER} ON entry FOR EACH STATEMENT EXECUTE FUNCTION entry_stays()"
    )
    op.execute(
        f"CREATE TRIGGER entry_contents_only_go BEFORE UPDATE ON entry FOR EACH ROW WHEN ({kept}) EXECUTE FUNCTION entry_stays()"
    )
