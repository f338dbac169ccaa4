"""What the service says of itself over FHIR, and how it says that something went wrong."""

from typing import get_args

import pytest

from service.presentation.fhir import (
    OPERATION,
    IssueCode,
    capability_statement,
    issue_code,
    operation_definition,
    operation_outcome,
)
from tests.presentation.fhir.validating import REQUIRED

BASE = "https://prrt.hospital.example/prefix"


def test_the_statement_offers_one_operation_of_the_system_and_nothing_else():
    told = capability_statement("0.1.0", f"{BASE}/", "2026-03-10")
    assert (told["fhirVersion"], told["kind"], told["format"], told["date"]) == ("4.0.1", "instance", ["json"], "2026-03-10")
    assert told["implementation"]["url"] == f"{BASE}/fhir"
    assert told["software"]["version"] == told["version"] == "0.1.0"
    (rest,) = told["rest"]
    assert (rest["mode"], rest.get("resource")) == ("server", None)
    (operation,) = rest["operation"]
    assert (operation["name"], operation["definition"]) == (OPERATION, operation_definition(BASE)["url"])


def test_the_statement_says_how_to_be_let_in():
    (rest,) = capability_statement("0.1.0", BASE, "2026-03-10")["rest"]
    assert rest["security"]["service"][0]["coding"][0]["code"] == "OAuth"
    assert "API keys" in rest["security"]["description"]


def test_the_operation_takes_one_bundle_and_perhaps_a_patient_and_returns_a_bundle():
    told = operation_definition(BASE, "0.1.0")
    assert (told["code"], told["kind"], told["version"]) == (OPERATION, "operation", "0.1.0")
    assert (told["system"], told["type"], told["instance"], told["affectsState"]) == (True, False, False, True)
    assert [(each["name"], each["use"], each["min"], each["max"], each["type"]) for each in told["parameter"]] == [
        ("resource", "in", 1, "1", "Bundle"),
        ("patient", "in", 0, "1", "string"),
        ("return", "out", 1, "1", "Bundle"),
    ]
    assert "version" not in operation_definition(BASE)


def test_an_outcome_tells_each_issue_and_the_place_where_it_is_known():
    told = operation_outcome(
        [("error", "required", "has no subject", "Bundle.entry[0].resource"), ("warning", "processing", "is not read", None)]
    )
    assert told["issue"] == [
        {
            "severity": "error",
            "code": "required",
            "diagnostics": "has no subject",
            "expression": ["Bundle.entry[0].resource"],
        },
        {"severity": "warning", "code": "processing", "diagnostics": "is not read"},
    ]


def test_an_outcome_without_an_issue_is_refused():
    with pytest.raises(ValueError, match="at least one issue"):
        operation_outcome([])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid"),
        (401, "login"),
        (403, "forbidden"),
        (404, "not-found"),
        (405, "not-supported"),
        (410, "deleted"),
        (412, "required"),
        (413, "too-long"),
        (415, "not-supported"),
        (422, "invalid"),
        (429, "throttled"),
        (418, "processing"),
        (500, "exception"),
        (503, "transient"),
        (504, "timeout"),
        (599, "exception"),
    ],
)
def test_every_http_status_has_an_issue_type(status, code):
    assert issue_code(status) == code


def test_every_code_that_can_be_told_is_one_of_fhir():
    assert set(get_args(IssueCode)) <= REQUIRED["OperationOutcome.issue.code"]
    assert {issue_code(status) for status in range(400, 600)} <= set(get_args(IssueCode))
