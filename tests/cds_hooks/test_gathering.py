"""What is known about the patient of a call: whose it is, what is missing, and when there is nothing to speak of."""

import copy
import json

import pytest

from service.cds_hooks.catalogue import PREFETCH
from tests.cds_hooks.fhir_server import (
    SKELETAL,
    as_json,
    call,
    cards,
    details,
    kit,
    not_used,
    outcome,
    page,
    recorded,
    serving_ehr,
    whole_record,
    with_server,
)
from tests.vignettes import names

ZEBRA = {"resourceType": "Patient", "id": "zebra", "name": [{"family": "Zebra"}], "gender": "male", "birthDate": "1950-01-01"}
PATIENT = kit()["prefetch"]["patient"]


def without(told, *keys):
    return {**told, "prefetch": {key: value for key, value in told["prefetch"].items() if key not in keys}}


def holding(told, **values):
    return {**told, "prefetch": {**told["prefetch"], **values}}


def is_no_patient(answer):
    """A 412 whose OperationOutcome names the key, and says nothing of anybody."""
    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (412, "application/fhir+json")
    assert told["resourceType"] == "OperationOutcome"
    assert [(issue["severity"], issue["code"]) for issue in told["issue"]] == [("error", "required")]
    assert "prefetch.patient" in told["issue"][0]["diagnostics"]
    assert not {"demo-017", "zebra", "Zebra"} & set(answer.text.replace('"', " ").replace("/", " ").split())
    return True


@pytest.mark.parametrize("hook", ["patient-view", "order-select", "order-sign"])
def test_i_54_without_the_patient_the_precondition_fails(service, hook):
    assert is_no_patient(call(service, without(kit(hook=hook), "patient")))


@pytest.mark.parametrize("prefetch", [None, {}, [], "x"], ids=repr)
def test_without_anything_the_precondition_fails(service, prefetch):
    assert is_no_patient(call(service, {**kit(), "prefetch": prefetch}))


@pytest.mark.parametrize("value", [None, {}, [], "x", 7, outcome("forbidden"), page([])], ids=repr)
def test_a_patient_that_is_none_is_missing(service, value):
    assert is_no_patient(call(service, holding(kit(), patient=value)))


def test_a_patient_that_is_null_is_missing_whatever_the_server_holds(service, ehr):
    assert is_no_patient(call(service, holding(with_server(kit(), ehr.base), patient=None)))
    assert ehr.asked == []


def test_a_foreign_patient_is_none_of_this_call(service):
    assert is_no_patient(call(service, holding(kit(), patient=ZEBRA)))


def test_a_patient_without_an_id_is_none_of_this_call(service):
    nameless = {name: value for name, value in PATIENT.items() if name != "id"}
    assert is_no_patient(call(service, holding(kit(), patient=nameless)))


def test_a_server_that_cannot_be_reached_leaves_the_patient_missing(service):
    with serving_ehr() as ehr:
        base = ehr.base
    assert is_no_patient(call(service, with_server(kit(), base, "patient")))


@pytest.mark.parametrize(
    "answer",
    [
        as_json(outcome("no"), 404),
        as_json(outcome("no"), 401),
        as_json(outcome("no")),
        as_json(ZEBRA),
        as_json({}),
        as_json(page([])),
    ],
    ids=["404", "401", "an outcome", "somebody else", "no resource", "an empty search"],
)
def test_a_server_without_the_patient_leaves_the_patient_missing(service, ehr, answer):
    ehr.says["patient"] = answer
    assert is_no_patient(call(service, with_server(kit(), ehr.base, "patient")))
    assert ehr.keys == ["patient"]


def test_i_54_while_nothing_but_the_patient_can_be_had_it_is_not_said_that_there_is_nothing_to_say(service, ehr):
    ehr.says = dict.fromkeys(set(PREFETCH) - {"patient"}, as_json(outcome("away"), 500))
    told = with_server(kit(), ehr.base, *PREFETCH, "prrt_state")
    answer = call(service, told)
    assert answer.status_code == 412 or answer.json()["cards"], "whether it is a patient of ours could not be found out"


def test_a_refused_call_leaves_nothing_in_the_record(service, tmp_path):
    call(service, holding(kit(), patient=ZEBRA))
    found = whole_record(tmp_path / "data")
    assert b"Zebra" not in found
    assert b"demo-017" not in found


def test_a_patient_sent_as_the_result_of_a_search_is_the_patient(service):
    told = holding(kit(), patient=page([{"resource": PATIENT}]))
    assert cards(call(service, told)) == cards(call(service, kit()))


def test_a_patient_of_the_server_that_comes_as_a_search_is_the_patient(service, ehr):
    ehr.says["patient"] = as_json(page([{"resource": PATIENT}]))
    assert cards(call(service, with_server(kit(), ehr.base, "patient"))) == cards(call(service, kit()))


def of_zebra(told):
    """The same resources under other names, of another patient, each value wildly different."""
    text = json.dumps(told).replace('"id": "told-', '"id": "zebra-').replace("Patient/demo-017", "Patient/zebra")
    entries = json.loads(text)["entry"]
    for entry in entries:
        if "valueQuantity" in entry["resource"]:
            entry["resource"]["valueQuantity"]["value"] = 1
            entry["resource"]["note"] = [{"text": "Zebra"}]
    return entries


def test_resources_of_another_patient_change_nothing_and_are_told(service):
    told = kit()
    laboratory = copy.deepcopy(told["prefetch"]["laboratory"])
    laboratory["entry"] += of_zebra(laboratory)
    answer = call(service, holding(told, laboratory=laboratory))
    expected = recorded(service, call(service, told))[1]
    assert {key: recorded(service, answer)[1][key] for key in ("verdicts", "next_cycle", "risks")} == {
        key: expected[key] for key in ("verdicts", "next_cycle", "risks")
    }
    others = [reason for resource, reason in not_used(service, answer) if resource.startswith("Observation/zebra-")]
    assert others == ["is of another patient"] * (len(laboratory["entry"]) // 2)


def test_resources_of_another_patient_from_the_server_change_nothing_and_are_told(service, ehr):
    laboratory = copy.deepcopy(kit()["prefetch"]["laboratory"])
    laboratory["entry"] += of_zebra(laboratory)
    ehr.says["laboratory"] = as_json(laboratory)
    answer = call(service, with_server(kit(), ehr.base, "laboratory"))
    expected = recorded(service, call(service, kit()))[1]
    assert recorded(service, answer)[1]["verdicts"] == expected["verdicts"]
    assert sum(reason == "is of another patient" for _, reason in not_used(service, answer)) == len(laboratory["entry"]) // 2


@pytest.mark.parametrize("key", ["somebody", "patient_2", "laboratory"])
def test_another_patient_is_not_recorded_under_the_name_of_this_one(service, tmp_path, key):
    assert cards(call(service, holding(kit(), **{key: ZEBRA})))
    assert b"Zebra" not in whole_record(tmp_path / "data")


@pytest.mark.parametrize("key", ["somebody", "laboratory", "patient"])
def test_another_patient_in_a_bundle_is_not_recorded_under_the_name_of_this_one(service, tmp_path, key):
    told = kit()
    held = {"laboratory": told["prefetch"]["laboratory"]["entry"], "patient": [{"resource": PATIENT}]}.get(key, [])
    assert cards(call(service, holding(told, **{key: page([*held, {"resource": ZEBRA}])})))
    assert b"Zebra" not in whole_record(tmp_path / "data")


def test_another_patient_from_the_server_is_not_recorded_under_the_name_of_this_one(service, ehr, tmp_path):
    ehr.says["conditions"] = as_json(page([*kit()["prefetch"]["conditions"]["entry"], {"resource": ZEBRA}]))
    assert cards(call(service, with_server(kit(), ehr.base, "conditions")))
    assert b"Zebra" not in whole_record(tmp_path / "data")


OTHER_KEYS = {
    "patient": "Patient",
    "observation": ("laboratory", "findings"),
    "condition": ("conditions",),
    "medicationadministration": ("treatments",),
    "procedure": ("procedures",),
    "diagnosticreport": ("reports",),
    "servicerequest": ("service_orders",),
    "medicationrequest": ("medication_orders",),
    "basic": ("prrt_state",),
}


def under_other_keys(told):
    """The same values under the keys of a client that does not read our templates."""
    sent = told["prefetch"]
    found = {"subject": sent["patient"]}
    for key, ours in list(OTHER_KEYS.items())[1:]:
        found[key] = page([entry for each in ours for entry in sent[each]["entry"]])
    return {**told, "prefetch": found}


def test_values_under_the_keys_of_somebody_else_are_read_by_what_they_are(service):
    answer, expected = call(service, under_other_keys(kit())), call(service, kit())
    assert answer.status_code == 200
    told, wanted = recorded(service, answer)[1], recorded(service, expected)[1]
    assert (told["verdicts"], told["next_cycle"], told["risks"]) == (wanted["verdicts"], wanted["next_cycle"], wanted["risks"])


def test_values_under_the_keys_of_somebody_else_and_of_the_server_count_once(service, ehr):
    answer = call(service, with_server(under_other_keys(kit()), ehr.base))
    told, wanted = recorded(service, answer)[1], recorded(service, call(service, kit()))[1]
    assert (told["verdicts"], told["next_cycle"], told["risks"]) == (wanted["verdicts"], wanted["next_cycle"], wanted["risks"])
    assert not any("more than once" in reason for _, reason in not_used(service, answer))


@pytest.mark.parametrize("key", sorted(set(PREFETCH) - {"patient"}))
def test_what_was_not_sent_along_and_cannot_be_asked_for_is_told(service, key):
    answer = call(service, without(kit(), key))
    assert answer.status_code == 200
    assert f"prefetch {key}" in {resource for resource, _ in not_used(service, answer)}
    assert f"Not used: `prefetch {key}`" in details(answer)


@pytest.mark.parametrize("key", sorted(set(PREFETCH) - {"patient"}))
def test_i_53_null_says_that_there_is_nothing_and_is_no_gap(service, key):
    answer = call(service, holding(kit(), **{key: None}))
    assert answer.status_code == 200
    assert not any(resource.startswith("OperationOutcome") for resource, _ in not_used(service, answer))


@pytest.mark.parametrize("value", [{}, [], "x", 7, False], ids=repr)
def test_a_value_that_is_no_resource_is_a_gap(service, value):
    answer = call(service, holding(kit(), laboratory=value))
    assert answer.status_code == 200
    assert "prefetch laboratory" in {resource for resource, _ in not_used(service, answer)}


@pytest.mark.parametrize(
    "value",
    [
        outcome("search failed"),
        page([{"resource": outcome("search failed"), "search": {"mode": "outcome"}}]),
        page([], "page-2"),
        page([], total=3),
        {"resourceType": "Bundle", "total": 3},
        {"resourceType": "Bundle", "type": "collection", "link": [{"relation": "next", "url": "x"}]},
    ],
    ids=["outcome", "outcome as an entry", "next link", "total", "total without a type", "next link without a search"],
)
def test_i_48_and_i_52_a_failed_or_partial_search_that_cannot_be_asked_again_is_told(service, value):
    answer = call(service, holding(kit(), laboratory=value))
    reasons = [reason for _, reason in not_used(service, answer)]
    assert any("incomplete" in reason or "only a part" in reason for reason in reasons)
    assert "Not used: " in details(answer)


@pytest.mark.parametrize("name", names())
def test_whoever_it_is_a_gap_stands_on_a_card(service, name):
    answer, complete = call(service, without(kit(name), "laboratory")), call(service, kit(name))
    has_something_to_say = bool(cards(complete))
    assert ("Not used: `prefetch laboratory`" in details(answer)) == has_something_to_say


HOSTILE = [
    "../../admin",
    "a/b",
    "a?b=c",
    "a&_count=1",
    "a#b",
    "a%2fb",
    "%2e%2e",
    "a\r\nX-Evil: 1",
    "a b",
    "é",
    "",
    "a" * 65,
    ".",
    "..",
    "...",
]


@pytest.mark.parametrize("patient_id", HOSTILE, ids=repr)
def test_a_patient_id_cannot_lead_anywhere_else(service, patient_id):
    with serving_ehr() as ehr:
        told = with_server(kit(), ehr.base, *PREFETCH)
        told["context"]["patientId"] = patient_id
        answer = call(service, told)
    assert answer.status_code in {400, 412}
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert {asked.key for asked in ehr.asked} <= set(PREFETCH), [asked.target for asked in ehr.asked]
    assert not any("X-Evil" in asked.headers for asked in ehr.asked)
    assert "X-Evil" not in answer.text


@pytest.mark.parametrize("patient_id", [None, 7, [], {}, True], ids=repr)
def test_a_patient_id_that_is_no_text_is_a_call_that_cannot_be_answered(service, patient_id):
    told = kit()
    told["context"]["patientId"] = patient_id
    answer = call(service, told)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/fhir+json")


def test_a_patient_named_as_a_reference_is_the_patient(service):
    told = kit()
    told["context"]["patientId"] = "Patient/demo-017"
    assert cards(call(service, told)) == cards(call(service, kit()))


@pytest.mark.parametrize("number", ["1e999999", "1" * 4000, "1" * 5000, "-" + "7" * 9000, "0." + "3" * 6000])
def test_a_number_without_measure_does_not_stop_the_call(service, number):
    body = json.dumps(kit()).replace('"type": "searchset", "entry"', f'"type": "searchset", "meta": {number}, "entry"', 1)
    assert number in body
    headers = {"content-type": "application/json"}
    answer = service.request("POST", "/cds-services/prrt-patient-view", content=body, headers=headers)
    assert answer.status_code < 500


def test_a_draft_order_is_recorded_with_what_was_fetched(service, ehr):
    answer = call(service, with_server(kit(hook="order-sign"), ehr.base, *PREFETCH))
    asked, _ = recorded(service, answer)
    told = {each["name"]: each.get("valueString") for each in asked["parameter"]}
    assert told["patient"] == "demo-017"
    assert told["hook"] == "order-sign"
    assert "draft-1" in json.dumps(asked)


def test_orders_of_something_else_ask_the_server_for_nothing(service, ehr):
    told = with_server(kit(hook="order-sign"), ehr.base, *PREFETCH)
    told["context"]["draftOrders"]["entry"] = []
    assert cards(call(service, told)) == []
    assert ehr.asked == []


def test_the_same_call_gives_the_same_cards(service, ehr):
    told = with_server(kit(SKELETAL), ehr.base, "laboratory", "conditions")
    assert cards(call(service, told)) == cards(call(service, told))
