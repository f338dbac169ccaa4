"""Who calls: the `Authorization` header becomes a caller with scopes, or nobody. No HTTP framework is known here."""

from service.access.caller import SCOPES, Caller, Scope
from service.access.cds_clients import CdsClients, CdsToken
from service.access.configuration import AccessConfigurationError
from service.access.gate import Gate
from service.access.loopback import is_loopback_name

__all__ = ["SCOPES", "AccessConfigurationError", "Caller", "CdsClients", "CdsToken", "Gate", "Scope", "is_loopback_name"]
