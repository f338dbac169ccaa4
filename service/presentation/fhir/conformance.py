"""What the service offers over FHIR: its CapabilityStatement and the definition of its one operation."""

from service.presentation.fhir.elements import OWN, Element, without_empties

OPERATION = "prrt-assess"
FHIR_VERSION = "4.0.1"
_SECURITY = (
    "OAuth 2.0 bearer tokens of the configured issuer, or API keys, each with the scope `assess`; both in the Authorization "
    "header, over TLS. This statement is open to everybody."
)
_PURPOSE = (
    "Assesses one patient for peptide receptor radionuclide therapy (PRRT): a decision for the next cycle, recommendations and "
    "predictions, each with its reasons and sources. Decision support for professionals; not a medical device."
)


def definition_url(service_url: str | None) -> str:
    """The canonical URL of the operation; a name of the service's own where no public URL is known."""
    return f"{service_url.rstrip('/')}/fhir/OperationDefinition/{OPERATION}" if service_url else f"{OWN}:operation:{OPERATION}"


def capability_statement(service_version: str, service_url: str, published_on: str) -> Element:
    """The CapabilityStatement. `published_on` is an ISO 8601 date; `service_url` the public URL without `/fhir`."""
    base = f"{service_url.rstrip('/')}/fhir"
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{base}/metadata",
        "version": service_version,
        "name": "PrrtDecisionSupport",
        "title": "PRRT clinical decision support",
        "status": "active",
        "date": published_on,
        "description": _PURPOSE,
        "kind": "instance",
        "software": {"name": "prrt-cds", "version": service_version},
        "implementation": {"description": "PRRT clinical decision support", "url": base},
        "fhirVersion": FHIR_VERSION,
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "One operation of the system; no resource is stored, read or searched.",
                "security": {"service": [_OAUTH], "description": _SECURITY},
                "operation": [
                    {"name": OPERATION, "definition": definition_url(service_url), "documentation": _PURPOSE},
                ],
            }
        ],
    }


_OAUTH: Element = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "OAuth", "display": "OAuth"}],
    "text": "OAuth 2.0 bearer token, or an API key",
}


def operation_definition(service_url: str, service_version: str | None = None) -> Element:
    """The OperationDefinition of `$prrt-assess`; with a version it is what a GuidanceResponse names as its module."""
    definition: Element = without_empties(
        {
            "resourceType": "OperationDefinition",
            "id": OPERATION,
            "url": definition_url(service_url),
            "version": service_version,
            "name": "PrrtAssess",
            "title": "Assess a patient for PRRT",
            "status": "active",
            "kind": "operation",
            "description": _PURPOSE,
            "affectsState": True,  # every answer is recorded
            "code": OPERATION,
            "system": True,
            "type": False,
            "instance": False,
            "parameter": [
                _bundle("resource", "in", "Everything known about one patient; what is not read is listed with the reason."),
                {
                    "name": "patient",
                    "use": "in",
                    "min": 0,
                    "max": "1",
                    "documentation": "The id of the Patient who is asked for, if the Bundle holds several.",
                    "type": "string",
                },
                _bundle("return", "out", "GuidanceResponse, Parameters, RiskAssessment, DetectedIssue, Device, Provenance."),
            ],
        }
    )
    return definition


def _bundle(name: str, use: str, documentation: str) -> Element:
    return {"name": name, "use": use, "min": 1, "max": "1", "documentation": documentation, "type": "Bundle"}
