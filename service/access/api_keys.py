"""API keys: 256 random bits that the caller holds, and of which the service holds the digest."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from secrets import token_urlsafe
from time import monotonic

import yaml
from pydantic import ValidationError

from service.access.caller import SCOPES, Caller, Credential, Scope
from service.access.keys_file import MOST_BYTES, KeyEntry, parse_keys, reason_of
from service.access.watched_file import WatchedFile

SETTING = "PRRT_API_KEYS_FILE"
PREFIX = "prrt_"
_RANDOM_BYTES = 32
_MARK_LETTERS = 16
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
        credential = self.credential(secret)
        return credential.caller if credential else None

    def credential(self, secret: str) -> Credential | None:
        """The key as the file knows it; None, if it is unknown or has expired, or while the file cannot be used."""
        if not _SECRET.fullmatch(secret):
            return None
        return self._unexpired(_holder(self._file.content() or (), _digest(secret)))

    def marked(self, caller_name: str, mark: str) -> Credential | None:
        """The key of that caller and mark as the file knows it now; None, if it has gone or has expired."""
        keys = (key for key in self._file.content() or () if _caller_name(key) == caller_name)
        return self._unexpired(next((key for key in keys if compare_digest(_mark(key), mark)), None))

    def _unexpired(self, key: KeyEntry | None) -> Credential | None:
        if key is None or (key.expires_on is not None and key.expires_on <= self._today()):
            return None
        ends = datetime.combine(key.expires_on, time.min, UTC).timestamp() if key.expires_on else float("inf")
        return Credential(Caller(_caller_name(key), frozenset(key.scopes)), ends, _mark(key))

    def problem(self) -> str | None:
        """Why no key can be used at the moment; None if they can."""
        return self._file.problem()


def _caller_name(key: KeyEntry) -> str:
    return f"api-key:{key.name}"


def _mark(key: KeyEntry) -> str:
    return key.sha256[:_MARK_LETTERS]


def _digest(secret: str) -> str:
    return sha256(secret.encode("ascii")).hexdigest()


def _holder(keys: Collection[KeyEntry], digest: str) -> KeyEntry | None:
    """The entry with this digest. Every entry is compared, and each in constant time."""
    found = None
    for key in keys:
        if compare_digest(key.sha256, digest):
            found = key
    return found
