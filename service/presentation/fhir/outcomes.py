"""Errors and remarks as an OperationOutcome."""

from collections.abc import Sequence
from typing import Literal

from service.presentation.fhir.elements import Element, without_empties

Severity = Literal["fatal", "error", "warning", "information"]
# The codes of http://hl7.org/fhir/issue-type that the service uses.
IssueCode = Literal[
    "invalid",
    "required",
    "security",
    "login",
    "forbidden",
    "processing",
    "not-supported",
    "not-found",
    "deleted",
    "conflict",
    "too-long",
    "too-costly",
    "transient",
    "timeout",
    "throttled",
    "exception",
    "informational",
]
Issue = tuple[Severity, IssueCode, str, str | None]  # severity, code, what is wrong (never a value), FHIRPath of the place
_CODES: dict[int, IssueCode] = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    408: "timeout",
    409: "conflict",
    410: "deleted",
    412: "required",
    413: "too-long",
    414: "too-long",
    415: "not-supported",
    422: "invalid",
    429: "throttled",
    431: "too-long",
    501: "not-supported",
    502: "transient",
    503: "transient",
    504: "timeout",
}
_FIRST_SERVER_ERROR = 500


def issue_code(status: int) -> IssueCode:
    """The issue type of an HTTP status; what has none of its own is `exception` from 500, and `processing` below."""
    return _CODES.get(status, "exception" if status >= _FIRST_SERVER_ERROR else "processing")


def operation_outcome(issues: Sequence[Issue]) -> Element:
    """The issues as an OperationOutcome. Raises ValueError without any: FHIR asks for at least one."""
    if not issues:
        raise ValueError("an OperationOutcome has at least one issue")
    told = [
        {"severity": severity, "code": code, "diagnostics": diagnostics, "expression": [expression]}
        for severity, code, diagnostics, expression in issues
    ]
    outcome: Element = without_empties({"resourceType": "OperationOutcome", "issue": told})
    return outcome
