"""The credential in an `Authorization` header."""

import re

# RFC 6750: one token of these characters. A second credential, after a comma or a space, does not fit.
_BEARER = re.compile(r"bearer +(?P<credential>[A-Za-z0-9._~+/-]+=*)", re.IGNORECASE | re.ASCII)


def bearer_credential(authorization: str | None) -> str | None:
    """The one bearer credential that the header holds; None, if it is missing or holds anything else."""
    bearer = _BEARER.fullmatch(authorization or "")
    return None if bearer is None else bearer["credential"]
