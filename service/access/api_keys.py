"""API keys: 256 random bits that the caller holds, and of which the service holds the digest."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from secrets import token_urlsafe
from time import monotonic

import yaml
from pydantic import ValidationError

from service.access.caller import SCOPES, Caller, Scope
from service.access.keys_file import MOST_BYTES, KeyEntry, parse_keys, reason_of
from service.access.watched_file import WatchedFile

SETTING = "PRRT_API_KEYS_FILE"
PREFIX = "prrt_"
_RANDOM_BYTES = 32
_SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: the secret, which is shown once and kept nowhere, and the entry for the keys file."""

    secret: str = field(repr=False)
    entry: str = field(repr=False)


def new_key(name: str, scopes: Collection[Scope], expires_on: date | None = None) -> NewKey:
    """A new key and its YAML entry, to stand under `keys:`. Raises ValueError if the file would refuse the entry."""
    secret = PREFIX + token_urlsafe(_RANDOM_BYTES)
    listed = [*(scope for scope in SCOPES if scope in scopes), *(word for word in scopes if word not in SCOPES)]
    told = {"name": name, "sha256": _digest(secret), "scopes": listed, "expires_on": expires_on}
    try:
        KeyEntry.model_validate(told)
    except ValidationError as error:
        reason = reason_of(error)
    else:
        written = {field: value for field, value in told.items() if value is not None}
        return NewKey(secret, yaml.safe_dump([written], sort_keys=False, default_flow_style=None, width=200))
    raise ValueError(reason)


class ApiKeys:
    """The keys in a file that may change while the service runs."""

    def __init__(
        self, path: Path, clock: Callable[[], float] = monotonic, today: Callable[[], date] = lambda: datetime.now(UTC).date()
    ) -> None:
        self._file = WatchedFile(SETTING, path, parse_keys, MOST_BYTES, clock)
        self._today = today

    def caller(self, secret: str) -> Caller | None:
        """Who holds the key; nobody, if it is unknown or has expired, or while the file cannot be used."""
        if not _SECRET.fullmatch(secret):
            return None
        holder = _holder(self._file.content() or (), _digest(secret))
        if holder is None or (holder.expires_on is not None and holder.expires_on <= self._today()):
            return None
        return Caller(f"api-key:{holder.name}", frozenset(holder.scopes))

    def problem(self) -> str | None:
        """Why no key can be used at the moment; None if they can."""
        return self._file.problem()


def _digest(secret: str) -> str:
    return sha256(secret.encode("ascii")).hexdigest()


def _holder(keys: Collection[KeyEntry], digest: str) -> KeyEntry | None:
    """The entry with this digest. Every entry is compared, and each in constant time."""
    found = None
    for key in keys:
        if compare_digest(key.sha256, digest):
            found = key
    return found
