"""Recommendations as DetectedIssues.

They have no `mitigation`: in FHIR it tells what was done or is committed to, and an advice is neither.
"""

from collections.abc import Iterator

from service.presentation.fhir.call import SERVICE, Call
from service.presentation.fhir.elements import Element, named
from service.presentation.wire import ReasonOut, VerdictOut
from service.verdict import Urgency

_SEVERITIES: dict[Urgency, str] = {"critical": "high", "warning": "moderate", "info": "low"}


def detected_issue(call: Call, verdict: VerdictOut) -> Element:
    """One verdict that fires, with its advice, its reasons and what it must not be taken for."""
    return {
        "resourceType": "DetectedIssue",
        "status": "preliminary",
        "code": named("rule", verdict["rule"], verdict["title"]),
        "severity": _SEVERITIES[verdict["urgency"] or "info"],
        "patient": call.subject,
        "identifiedDateTime": call.answer["created_at"],
        "author": call.reference(SERVICE),
        "evidence": [{"detail": call.basis}],
        "detail": "\n".join(_lines(verdict)),
        "reference": _doi(call, verdict),
    }


def _lines(verdict: VerdictOut) -> Iterator[str]:
    if verdict["advice"]:
        yield verdict["advice"]
    yield from map(_reason, verdict["reasons"])
    yield from (f"Caveat: {caveat}" for caveat in verdict["caveats"])


def _reason(reason: ReasonOut) -> str:
    """The sentence, with its source and how certain its number is: recalled numbers keep saying so."""
    if reason["source"] is None:
        return reason["statement"]
    return f"{reason['statement']} [{reason['source']}, {reason['certainty']}]"


def _doi(call: Call, verdict: VerdictOut) -> str | None:
    """The first source of its reasons that has a DOI."""
    named_sources = (call.answer["sources"].get(reason["source"] or "") for reason in verdict["reasons"])
    dois = (source["doi"] for source in named_sources if source and source["doi"])
    return next((f"https://doi.org/{doi}" for doi in dois), None)
