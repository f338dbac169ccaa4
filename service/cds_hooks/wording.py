"""How a question is asked about what came and could not be read."""

import re

_BETWEEN_SENTENCES = re.compile(r"(?<=\.) (?=[A-Z])")
_SAYS_NOT = re.compile(r"\b(no|not|neither)\b", re.IGNORECASE)


def as_unread(why: str) -> str:
    """Why something is asked for that was told and could not be read."""
    said = re.sub(r"\b([Nn])o value of (.+?) (?:was told|is known)", r"\1o value of \2 could be read", why)
    said = re.sub(r"\b(?:was|were) not told", "could not be read", said)
    said = re.sub(r"\b(?:was|were) told only in part", "could not be read in full", said)
    return said[:1].upper() + said[1:]


def said_once(why: str) -> str:
    """Why something is asked for by several rules, without the clauses in which they repeat each other."""
    said: set[str] = set()
    kept = []
    for sentence in _BETWEEN_SENTENCES.split(why):
        clause, _, more = sentence.removesuffix(".").partition("; ")
        new = f"{more[:1].upper()}{more[1:]}." if more else ""
        kept.append(new if clause in said else sentence)
        said.add(clause)
    return " ".join(filter(None, kept))


def first_clause(why: str, otherwise: str) -> str:
    """The beginning of a reason as a part of a sentence, if it says what is not known; else the other words."""
    clause = _BETWEEN_SENTENCES.split(why)[0].removesuffix(".").partition("; ")[0]
    if not _SAYS_NOT.search(clause):
        return otherwise
    return clause[0].lower() + clause[1:] if clause[1:2].islower() or clause[1:2] == " " else clause
