"""What an EHR sends, changed at random: never a 5xx, and nothing of it in an error or a line of the log."""

import json

import pytest
import simplejson
from hypothesis import HealthCheck, given, settings

from service.settings import Settings
from tests.conftest import EXAMPLES
from tests.mutating import CANARY, mutated

UNKNOWN_CARD = "b5a345b5-48b6-50f6-af9b-e44a27de5ed4"
FEEDBACK = {
    "feedback": [
        {
            "card": UNKNOWN_CARD,
            "outcome": "overridden",
            "overrideReason": {"reason": {"code": "patient-refuses", "system": "s"}, "userComment": "c"},
            "outcomeTimestamp": "2026-03-10T09:12:44Z",
        },
        {
            "card": UNKNOWN_CARD,
            "outcome": "accepted",
            "acceptedSuggestions": [{"id": UNKNOWN_CARD}],
            "outcomeTimestamp": "2026-03-10T09:12:44Z",
        },
    ]
}
STATUSES = {200, 400, 404, 412, 422}


def kit(name):
    return json.loads((EXAMPLES / name).read_text("utf-8"))


@pytest.fixture
def service(start):
    return start(Settings(requests_per_minute=1_000_000))


def answered(service, path, told):
    """The answer to a request; nothing of it is seen where it must not be."""
    service.log.seek(0)
    service.log.truncate()
    body = simplejson.dumps(told, use_decimal=True, allow_nan=True)
    answer = service.request("POST", path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in STATUSES, answer.text
    assert CANARY not in service.log.getvalue()
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/fhir+json"
        assert answer.json()["resourceType"] == "OperationOutcome"
        assert CANARY not in answer.text
    return answer


def many(count):
    return settings(max_examples=count, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@many(800)
@given(mutated(kit("cds-hooks/patient-view-skeletal-metastases-cycle-3.json")))
def test_a_changed_patient_view_gets_cards_or_a_refusal(service, told):
    answered(service, "/cds-services/prrt-patient-view", told)


@many(400)
@given(mutated(kit("cds-hooks/order-sign-almost-no-data.json")))
def test_a_changed_order_gets_cards_or_a_refusal(service, told):
    answered(service, "/cds-services/prrt-order-sign", told)


@many(700)
@given(mutated(kit("fhir/skeletal-metastases-cycle-3.json")))
def test_a_changed_bundle_gets_a_bundle_or_a_refusal(service, told):
    answered(service, "/fhir/$prrt-assess", told)


@many(300)
@given(mutated(FEEDBACK))
def test_changed_feedback_on_a_card_that_was_never_shown_is_refused(service, told):
    assert answered(service, "/cds-services/prrt-patient-view/feedback", told).status_code in (404, 422)


def test_the_unchanged_requests_are_answered(service):
    for path, name in (
        ("/cds-services/prrt-patient-view", "cds-hooks/patient-view-skeletal-metastases-cycle-3.json"),
        ("/cds-services/prrt-order-sign", "cds-hooks/order-sign-almost-no-data.json"),
        ("/fhir/$prrt-assess", "fhir/skeletal-metastases-cycle-3.json"),
    ):
        assert answered(service, path, kit(name)).status_code == 200
