"""The keys of the issuer from where they are kept: a file that is watched, or an address that is asked seldom."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import Protocol

import structlog

from service.access.fetching import NotFetchedError, fetch
from service.access.jwks import MOST_BYTES, IssuerKey, of_kid, parse_jwks, parse_jwks_with_a_key
from service.access.watched_file import UnusableFileError, WatchedFile

SETTING = "PRRT_OIDC_JWKS"
FETCH_SECONDS = 5.0
RETRY_SECONDS = 60.0
FRESH_SECONDS = 600.0
STALE_SECONDS = 24 * 3600.0


class IssuerKeys(Protocol):
    """Where the keys of the issuer come from."""

    def of_kid(self, kid: str) -> tuple[IssuerKey, ...]:
        """The keys of this name; none, if it is unknown or while the keys cannot be used."""

    def problem(self) -> str | None:
        """Why no key can be used at the moment; None if they can."""


class KeysInFile:
    """A key set in a file that may change while the service runs. `setting` is the variable that names it."""

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic, setting: str = SETTING) -> None:
        self._file = WatchedFile(setting, path, parse_jwks_with_a_key, MOST_BYTES, clock)

    def of_kid(self, kid: str) -> tuple[IssuerKey, ...]:
        """The keys of this name; none, if it is unknown or while the file cannot be used."""
        return of_kid(self._file.content() or (), kid)

    def problem(self) -> str | None:
        """Why no key can be used at the moment; None if they can."""
        return self._file.problem()


class KeysAtAddress:
    """A key set at an address, which the variable `setting` names. Times are in seconds.

    It is asked again when it was last read 10 minutes ago or a name is unknown, but never twice in a minute, so that
    unknown names cannot make this service hammer the issuer. One thread asks; whoever needs an unknown name waits for
    it at most `patience`, everybody else goes on with the keys as they were. They serve for 24 hours without an answer.
    """

    def __init__(
        self, url: str, patience: float = FETCH_SECONDS, clock: Callable[[], float] = monotonic, setting: str = SETTING
    ) -> None:
        self._url, self._patience, self._clock, self._setting = url, patience, clock, setting
        self._lock = Lock()
        self._keys: tuple[IssuerKey, ...] = ()
        self._read_at = self._asked_at = float("-inf")
        self._problem = "the keys have not been read yet"
        self._answered = Event()
        self._answered.set()

    def of_kid(self, kid: str) -> tuple[IssuerKey, ...]:
        """The keys of this name; none, if it is unknown. Blocks for at most `patience`."""
        found = of_kid(self._usable(), kid)
        if found and self._age() < FRESH_SECONDS:
            return found
        answered = self._ask_if_due()
        if not found:
            answered.wait(self._patience)
        return of_kid(self._usable(), kid)

    def problem(self) -> str | None:
        """Why no key can be used at the moment; None if they can. Asks for old keys anew, and does not wait for them."""
        if self._age() >= FRESH_SECONDS:
            self._ask_if_due()
        with self._lock:
            problem = self._problem
        return None if self._usable() else f"{self._setting}: {problem}"

    def _age(self) -> float:
        with self._lock:
            return self._clock() - self._read_at

    def _usable(self) -> tuple[IssuerKey, ...]:
        with self._lock:
            return self._keys if self._clock() - self._read_at <= STALE_SECONDS else ()

    def _ask_if_due(self) -> Event:
        """Starts to ask, unless somebody does or did within a minute. The event is set when nobody is asking."""
        with self._lock:
            now = self._clock()
            if self._answered.is_set() and now - self._asked_at >= RETRY_SECONDS:
                self._asked_at = now
                answered = Event()
                Thread(target=self._ask, args=(answered,), name="issuer-keys", daemon=True).start()
                self._answered = answered
            return self._answered

    def _ask(self, answered: Event) -> None:
        try:
            keys = parse_jwks(fetch(self._url, MOST_BYTES, self._patience))
        except (NotFetchedError, UnusableFileError) as error:
            with self._lock:
                self._problem = str(error)
            structlog.get_logger("service.access").warning("issuer keys not read", error=f"{self._setting}: {error}")
        else:
            with self._lock:
                self._keys, self._read_at, self._problem = keys, self._clock(), "holds no key that may sign a token"
        finally:
            answered.set()
