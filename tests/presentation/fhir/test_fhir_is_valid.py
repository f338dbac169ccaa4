"""Everything that is emitted is FHIR R4, and whoever says so would notice if it were not."""

import pytest
from hypothesis import given, settings
from pydantic_core import to_json

from service.presentation.fhir import capability_statement, operation_definition, operation_outcome
from tests.laws.patients import patients
from tests.presentation.fhir.answers import INTAKE, SERVICE_URL, answer, bundle, resources, stored
from tests.presentation.fhir.validating import leaves, problems
from tests.vignettes import names

UNDETERMINED = "stable-disease-after-two-cycles"


def everything():
    told = answer("skeletal-metastases-cycle-3", intake=INTAKE, missing=answer(UNDETERMINED)["missing"])
    return bundle(told, request_identifier="d1577c69-dfbe-44ad-ba6d-3e05e953b2ea")


def emitted(kind):
    """One resource of a type."""
    made = {
        "CapabilityStatement": capability_statement("0.1.0", SERVICE_URL, "2026-03-10"),
        "OperationDefinition": operation_definition(SERVICE_URL, "0.1.0"),
    }
    return made.get(kind) or resources(everything(), kind)[0]


def changed(resource, path, value):
    """The resource with another value at one place; None takes it away."""
    *steps, last = path.split("/")
    node = resource
    for step in steps:
        node = node[int(step) if isinstance(node, list) else step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return resource


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("intake", [{}, {"intake": INTAKE}], ids=["as-told", "from-fhir"])
@pytest.mark.parametrize("service_url", [SERVICE_URL, None])
def test_every_resource_of_every_vignette_is_valid(name, intake, service_url):
    found = bundle(answer(name, **intake), service_url)
    assert problems(found) == []
    assert {entry["resource"]["id"]: problems(entry["resource"]) for entry in found["entry"]} == {
        entry["resource"]["id"]: [] for entry in found["entry"]
    }


@settings(max_examples=40)
@given(patients())
def test_every_patient_has_a_valid_bundle_without_anything_empty(told):
    found = bundle(stored(to_json(told)))
    assert problems(found) == []
    assert [path for path, value in leaves(found) if value in (None, "", [], {})] == []


@pytest.mark.parametrize("name", names())
def test_nothing_is_empty(name):
    found = bundle(answer(name, intake=INTAKE))
    assert [path for path, value in leaves(found) if value in (None, "", [], {})] == []


def test_what_the_service_says_of_itself_and_of_errors_is_valid():
    assert problems(emitted("CapabilityStatement")) == []
    assert problems(emitted("OperationDefinition")) == []
    assert problems(operation_definition(SERVICE_URL)) == []
    assert problems(operation_outcome([("error", "invalid", "is not JSON", None)])) == []


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("RiskAssessment", "status", None),
        ("RiskAssessment", "status", "finalized"),
        ("RiskAssessment", "subject", None),
        ("RiskAssessment", "surprise", 1),
        ("RiskAssessment", "performer", {"reference": "Patient/1"}),
        ("RiskAssessment", "occurrenceDateTime", "yesterday"),
        ("RiskAssessment", "prediction/0/surprise", 1),
        ("RiskAssessment", "prediction/0/probabilityDecimal", "0.8"),
        ("RiskAssessment", "prediction/0/probabilityDecimal", 81.0),
        ("RiskAssessment", "prediction/0/whenRange/low/value", 1000),
        ("RiskAssessment", "prediction/0/whenRange/high/code", "month"),
        ("GuidanceResponse", "status", "done"),
        ("GuidanceResponse", "moduleCanonical", None),
        ("GuidanceResponse", "moduleUri", "urn:another"),
        ("GuidanceResponse", "dataRequirement/0/type", "Labs"),
        ("DetectedIssue", "severity", "critical"),
        ("DetectedIssue", "detail", ["several"]),
        ("Device", "deviceName/0/type", "nickname"),
        ("Provenance", "target", None),
        ("Provenance", "recorded", "2026-03-10"),
        ("Provenance", "entity/0/role", "input"),
        ("Parameters", "parameter/0/name", None),
        ("Parameters", "parameter/0/valueCode", "two values"),
        ("OperationOutcome", "issue", None),
        ("OperationOutcome", "issue/0/code", "unknown-code"),
        ("CapabilityStatement", "kind", None),
        ("CapabilityStatement", "rest/0/operation/0/definition", None),
        ("OperationDefinition", "parameter/0/use", "both"),
    ],
)
def test_a_mistake_would_be_noticed(kind, path, value):
    resource = emitted(kind)
    assert problems(resource) == []
    assert problems(changed(resource, path, value)) != []
