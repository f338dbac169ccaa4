"""What is wrong with a line, as the problem (RFC 9457) that answers it. No value of it stands there."""

from typing import TypedDict

from service.batch.assessing import Refused, TooLong, Wrong


class LineErrorOut(TypedDict):
    """One thing that is wrong in a line."""

    pointer: str
    message: str


class LineProblemOut(TypedDict):
    """RFC 9457 problem of a line, with its number."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[LineErrorOut]
    line: int


def problem_of(wrong: Wrong, most_bytes: int, if_crashed: str) -> LineProblemOut:
    """The problem that answers a line, as a request with it alone would be answered."""
    match wrong:
        case Refused():
            more = f" {wrong.more} more are not listed." if wrong.more else ""
            errors = [LineErrorOut(pointer=refusal.pointer, message=refusal.message) for refusal in wrong.refusals]
            detail = f"{len(errors)} refused; see errors.{more} Missing clinical values are never an error: leave them out."
            return line_problem(wrong.line, 422, "refused-request", "The request was refused", detail, errors)
        case TooLong():
            detail = f"At most {most_bytes} bytes are read."
            return line_problem(wrong.line, 413, "too-large", "The body is too large", detail)
    return line_problem(wrong.line, 500, "internal-error", "Internal error", if_crashed)


def line_problem(
    line: int, status: int, kind: str, title: str, detail: str, errors: list[LineErrorOut] | None = None
) -> LineProblemOut:
    """A problem of a line."""
    return {
        "type": f"urn:prrt-cds:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": errors or [],
        "line": line,
    }
