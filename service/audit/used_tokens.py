"""Tokens that may be used once: whoever uses one first, in whichever process, has used it."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, text

from service.audit.database import Database
from service.audit.tables import USED_TOKEN

# A token is let in for a minute after it expires, and the clocks of two replicas may differ.
KEPT_LONGER = timedelta(minutes=5)
MOST_DELETED = 100
_USE = text("INSERT INTO used_token (jti_sha256, expires_at) VALUES (:used, :until) ON CONFLICT (jti_sha256) DO NOTHING")


def use_token(database: Database, issuer: str, jti: str, expires_at: datetime) -> bool:
    """Whether the token was not used before; from now on it was, also after a crash. Raises RecordUnavailableError.

    `issuer` holds no NUL; `expires_at` knows its time zone. A token that expired five minutes ago counts as used: such
    tokens are forgotten here, some with each call. If the record fails, the token may be used up all the same.
    """
    now, until = datetime.now(UTC), expires_at + KEPT_LONGER
    if until <= now:
        return False
    used = _digest(issuer, jti)
    old = select(USED_TOKEN.c.jti_sha256).where(USED_TOKEN.c.expires_at < _text(now)).order_by(USED_TOKEN.c.expires_at)
    # SKIP LOCKED, which SQLite leaves out and does not need: what another process deletes just now is not waited for.
    some = old.limit(MOST_DELETED).with_for_update(skip_locked=True)
    with database.writing() as connection:
        is_first = connection.execute(_USE, {"used": used, "until": _text(until)}).rowcount == 1
        connection.execute(delete(USED_TOKEN).where(USED_TOKEN.c.jti_sha256.in_(some)))
    return is_first


def was_used(database: Database, issuer: str, jti: str) -> bool:
    """Whether a token that has not expired was used. Raises RecordUnavailableError."""
    with database.reading() as connection:
        wanted = select(USED_TOKEN.c.jti_sha256).where(USED_TOKEN.c.jti_sha256 == _digest(issuer, jti))
        return connection.execute(wanted).first() is not None


def _digest(issuer: str, jti: str) -> str:
    return sha256(f"{issuer}\0{jti}".encode("utf-8", "surrogatepass")).hexdigest()


def _text(moment: datetime) -> str:
    """The moment as text that sorts by time, as `entry.now` writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
