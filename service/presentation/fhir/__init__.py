"""An assessment, an error and the service itself as FHIR R4 (4.0.1) resources, as plain dicts."""

from service.presentation.fhir.bundle import assessment_as_fhir
from service.presentation.fhir.conformance import OPERATION, capability_statement, operation_definition
from service.presentation.fhir.outcomes import Issue, IssueCode, Severity, issue_code, operation_outcome

__all__ = [
    "OPERATION",
    "Issue",
    "IssueCode",
    "Severity",
    "assessment_as_fhir",
    "capability_statement",
    "issue_code",
    "operation_definition",
    "operation_outcome",
]
