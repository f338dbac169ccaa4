"""What the service itself could not have is told with its key and its reason, both from closed tables."""

import pytest

from service.cds_hooks.catalogue import PREFETCH
from service.intake.notes import KEYS, SYSTEM, WHY
from service.intake.trace import NotUsed
from tests.intake.hospital import read

OTHER = "is an OperationOutcome: what was searched for may be incomplete"


def note(key="medication-orders", code="not-sent", system=SYSTEM):
    details = {"coding": [{"system": system, "code": code}]}
    return {"resourceType": "OperationOutcome", "id": key, "issue": [{"severity": "warning", "details": details}]}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("not-sent", "was not sent along, and there is no FHIR server that may be asked"),
        ("not-fetched", "could not be fetched"),
        ("too-slow", "did not come in time"),
        ("too-large", "is too large"),
        ("refused", "was refused by the FHIR server"),
        ("elsewhere", "names a next page elsewhere"),
    ],
)
def test_a_note_says_why_a_key_could_not_be_had(code, reason):
    assert read(note(code=code)).not_used == (NotUsed("prefetch medication_orders", reason),)


def test_every_reason_is_tested_and_every_key_that_is_asked_for_is_known():
    assert len(WHY) == 6
    assert list(KEYS) == list(PREFETCH)
    assert {key: template.partition("?")[0].partition("/")[0] for key, template in PREFETCH.items()} == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_each_key_is_named(key):
    (only,) = read(note(key.replace("_", "-"))).not_used
    assert only.resource == f"prefetch {key}"


@pytest.mark.parametrize(
    "changed",
    [
        note(key="canary"),
        note(code="canary"),
        note(system="urn:other"),
        note() | {"issue": []},
        note() | {"issue": [{"severity": "warning"}]},
        note() | {"issue": [{"details": {"coding": []}}]},
        note() | {"issue": [{"details": {"coding": [{"system": SYSTEM}]}}]},
    ],
)
def test_any_other_outcome_is_one_of_somebody_else(changed):
    (only,) = read(changed).not_used
    assert only == NotUsed(f"OperationOutcome/{changed['id']}", OTHER)
    assert read({"resourceType": "OperationOutcome"}).not_used[0].reason == OTHER
