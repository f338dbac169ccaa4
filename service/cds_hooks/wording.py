"""How a question is asked about what came and could not be read."""

import re


def as_unread(why: str) -> str:
    """Why something is asked for that was told and could not be read."""
    said = re.sub(r"\b[Nn]o value of (.+?) (?:was told|is known)", r"no value of \1 could be read", why)
    said = re.sub(r"\b(?:was|were) not told", "could not be read", said)
    said = re.sub(r"\b(?:was|were) told only in part", "could not be read in full", said)
    return said[:1].upper() + said[1:]
