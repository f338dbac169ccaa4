"""A caller, and the four scopes that a caller may have."""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Literal, get_args

Scope = Literal["assess", "read", "review", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as `api-key:<name>`, `oidc:<sub>`, `cds:<iss>` or `loopback`, and what for.

    The name is meant for the record of what was done; a repr, which ends up anywhere, leaves it out.
    """

    name: str = field(repr=False)
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Credential:
    """What somebody called with: who it speaks for, and until when (seconds since 1970; infinite for a key without an end).

    `mark` tells an API key from another key of the same name; a token has none.
    """

    caller: Caller
    expires_at: float
    mark: str = field(default="", repr=False)


def known_scopes(words: Container[object]) -> frozenset[Scope]:
    """The scopes among the words; other words mean something elsewhere."""
    return frozenset(scope for scope in SCOPES if scope in words)
