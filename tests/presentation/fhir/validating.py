"""What is wrong with a FHIR resource, by two validators and by what both are blind to.

Without the packages of definitions, which are no Python packages, pyrofile takes its structures from the R4B classes of
fhir.resources: it checks elements, types, choices, cardinality, targets of references and the required codes of the first level.
It does not notice a required element that is a list or a choice (the classes do), nor required codes further down
(`REQUIRED`, here), nor any invariant (`_numbers`, here).
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pydantic
from fhir.resources.R4B import get_fhir_model_class
from pyrofile_validator import Validator

from service.terminology.codes import UCUM, UCUM_UNITS

# FHIR R4: required bindings below the first level of the types that are emitted.
REQUIRED = {
    "Device.deviceName.type": {
        *("udi-label-name", "user-friendly-name", "patient-reported-name"),
        *("manufacturer-name", "model-name", "other"),
    },
    "OperationOutcome.issue.severity": {"fatal", "error", "warning", "information"},
    "OperationOutcome.issue.code": {
        *("invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden"),
        *("suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long"),
        *("code-invalid", "extension", "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store"),
        *("exception", "timeout", "incomplete", "throttled", "informational"),
    },
    "Provenance.entity.role": {"derivation", "revision", "quotation", "source", "removal"},
    "CapabilityStatement.rest.mode": {"client", "server"},
    "CapabilityStatement.fhirVersion": {"4.0.1"},
    "OperationDefinition.parameter.use": {"in", "out"},
    "OperationDefinition.parameter.type": {"Bundle", "string"},
    "GuidanceResponse.dataRequirement.type": {"Observation"},
}


@cache
def _validator() -> Validator:
    return Validator()


def problems(resource: dict[str, Any]) -> list[str]:
    """Every error; what a bundle does not hold (the patient, the inputs) may be referred to."""
    kind = resource["resourceType"]
    report = _validator().validate_resource(resource)
    found = [f"{issue.code} {issue.path}" for issue in report.issues if issue.code != "reference.unresolved"]
    try:
        get_fhir_model_class(kind).model_validate(resource)
    except pydantic.ValidationError as error:
        found += [f"{kind} {each['loc']}: {each['msg']}" for each in error.errors()]
    found += [f"{path} {value}" for path, value in leaves(resource, kind) if path in REQUIRED and value not in REQUIRED[path]]
    return [*found, *_numbers(resource, kind)]


def _numbers(node: Any, path: str) -> Iterator[str]:
    """Probabilities above 1, ranges that end before they begin, units that UCUM does not have."""
    for part in node if isinstance(node, list) else ():
        yield from _numbers(part, path)
    for key, part in node.items() if isinstance(node, dict) else ():
        yield from _numbers(part, f"{path}.{key}")
        if key == "probabilityDecimal" and not (isinstance(part, float | int) and 0 <= part <= 1):
            yield f"{path}.{key} is not within 0 and 1"
        if key == "whenRange" and part["low"]["value"] > part["high"]["value"]:
            yield f"{path}.{key} ends before it begins"
        if part == UCUM and node["code"] not in UCUM_UNITS | {"mo"}:
            yield f"{path}.code is no unit of UCUM"


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no object or list, and every one of these that is empty, with its path without indices."""
    if isinstance(node, dict) and node:
        for key, part in node.items():
            yield from leaves(part, f"{path}.{key}")
    elif isinstance(node, list) and node:
        for part in node:
            yield from leaves(part, path)
    else:
        yield path, node
