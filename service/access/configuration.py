"""Settings that say who may call. What cannot be right about them is refused at the start, by the name of the setting."""

import re
from dataclasses import dataclass, field

from service.access.loopback import is_loopback_name

ALLOWED_HOSTS = "PRRT_OIDC_ALLOWED_HOSTS"
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?(/[!-~]*)?", re.IGNORECASE | re.ASCII
)


class AccessConfigurationError(ValueError):
    """Settings that cannot be right. The message names the setting and may be shown."""


@dataclass(frozen=True, slots=True)
class Address:
    """An http or https address without a user: its host in lower case, and whether what comes from it is what was sent."""

    host: str = field(repr=False)
    is_private: bool

    @classmethod
    def of(cls, text: str) -> "Address | None":
        """The address that the text spells; None, if it spells none or holds a user."""
        found = _ADDRESS.fullmatch(text)
        if found is None:
            return None
        host = found["host"].lower()
        return cls(host, is_private=found["scheme"].lower() == "https" or is_loopback_name(host))


def refuse_address(setting: str, url: str | None, allowed_hosts: frozenset[str] | None = None) -> None:
    """Let pass only an https address, or one of the loopback; of these hosts, if any. Raises AccessConfigurationError."""
    address = Address.of(url or "")
    if address is None:
        raise AccessConfigurationError(f"{setting}: must be an https address without a user")
    if allowed_hosts is not None and address.host.strip("[]") not in {name.strip("[]").lower() for name in allowed_hosts}:
        raise AccessConfigurationError(f"{setting}: its host is not among {ALLOWED_HOSTS}")
    if not address.is_private:
        raise AccessConfigurationError(f"{setting}: must be an https address")
