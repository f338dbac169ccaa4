"""Who calls: the `Authorization` header becomes a caller with scopes, or nobody. No HTTP framework is known here."""

from service.access.caller import SCOPES, Caller, Scope
from service.access.gate import AccessConfigurationError, Gate
from service.access.loopback import is_loopback_name

__all__ = ["SCOPES", "AccessConfigurationError", "Caller", "Gate", "Scope", "is_loopback_name"]
