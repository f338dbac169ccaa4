"""Names of the loopback, as a `Host` header or an address may spell them."""

import re
from ipaddress import AddressValueError, IPv4Address

_HOST = re.compile(r"(?P<name>localhost|\[::1\]|(?P<ipv4>127\.[0-9.]{5,11}))(:[0-9]{1,5})?", re.IGNORECASE | re.ASCII)


def is_loopback_name(host_header: str) -> bool:
    """Whether it is `localhost`, an address in 127.0.0.0/8 or `[::1]`, with or without a port, and nothing more."""
    host = _HOST.fullmatch(host_header)
    return host is not None and (host["ipv4"] is None or _is_ipv4(host["ipv4"]))


def _is_ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True
