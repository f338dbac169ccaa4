"""Calls: what a client must send, what it may send besides, and what is refused (checklist 2.1 and 2.3)."""

# ruff: noqa: N802  # I-nn is the number of a requirement

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.cds_hooks.catalogue import PREFETCH, SERVICES
from tests.cds_hooks.calling import (
    CANARY,
    ID_OF,
    JSON,
    KIT,
    cards,
    empties,
    guidance,
    kit,
    not_used,
    post,
    recorded,
    refused,
    searchset,
    view,
    words_of_error,
)
from tests.intake.hospital import ICD, PATIENT, administration, condition, lab

VIEW = "patient-view-skeletal-metastases-cycle-3"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}
SECRET = "secret-token-of-the-ehr"  # noqa: S105  # no secret
AUTHORIZATION = {
    "access_token": SECRET,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/Patient.read",
    "subject": "cds-service4",
    "patient": "demo-017",
}


def changed(name=VIEW, **members):
    """A call of the kit with these members; None takes one away."""
    told = kit(name) | members
    return {name: member for name, member in told.items() if member is not None}


def with_context(**members):
    told = kit(VIEW)
    told["context"] |= members
    return told


@pytest.mark.parametrize("name", KIT)
def test_I_74_every_call_of_the_kit_is_answered_with_200_and_a_list_of_cards_as_json(shared, name):
    answer = post(shared, kit(name))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert isinstance(answer.json()["cards"], list)


@pytest.mark.parametrize("name", KIT)
def test_I_74_system_actions_were_never_agreed_and_are_never_sent(shared, name):
    assert set(post(shared, kit(name)).json()) == {"cards"}


def test_I_16_the_id_of_a_service_stands_in_its_address(shared):
    assert {post(shared, kit(f"{hook}-skeletal-metastases-cycle-3")).status_code for hook in ID_OF} == {200}


def test_an_id_that_no_service_has_is_not_found_and_not_repeated(shared):
    assert "No service" in refused(shared, kit(VIEW), 404, CANARY)
    assert "No service" in refused(shared, kit(VIEW), 404, "PRRT-patient-view")


@pytest.mark.parametrize("service_id", SERVICES)
def test_a_service_is_called_by_post_alone(shared, service_id):
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = shared.request(method, f"/cds-services/{service_id}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        words_of_error(answer)


@pytest.mark.parametrize(
    "hook", [*ID_OF, CANARY, "", "Patient-View", 1, True, None, [], ["patient-view"], {"hook": "patient-view"}]
)
@pytest.mark.parametrize("called", ID_OF)
def test_the_hook_must_be_that_of_the_service(shared, hook, called):
    told = kit(f"{called}-skeletal-metastases-cycle-3") | {"hook": hook}
    if hook == called:
        cards(shared, told, ID_OF[called])
    else:
        assert f"`hook` must be {called}" in refused(shared, told, 400, ID_OF[called])


@pytest.mark.parametrize("told", [None, "", " ", 1, {}, ["67254c24"], "a b", "a\nb", "ä", "x" * 201, f"{CANARY}\u2028"])
def test_I_19_a_call_without_an_instance_of_its_hook_is_refused(shared, told):
    assert "`hookInstance`" in refused(shared, kit(VIEW) | {"hookInstance": told}, 400)
    assert "`hookInstance`" in refused(shared, changed(hookInstance=None), 400)


@pytest.mark.parametrize("told", ["67254c24-35e1-5f99-ac50-b40dd1c6db49", "67254C24-35E1-5F99-AC50-B40DD1C6DB49", "x" * 200])
def test_I_19_the_instance_of_the_hook_is_recorded(service, told):
    cards(service, changed(hookInstance=told))
    assert told.encode() in recorded(service)[0].request


@pytest.mark.parametrize("told", [None, [], "context", 1, {}])
def test_I_20_a_call_without_a_context_is_refused(shared, told):
    assert "`context.patientId`" in refused(shared, kit(VIEW) | {"context": told}, 400)


@pytest.mark.parametrize(
    "told",
    [None, "", "Patient/", 17, {"reference": "Patient/demo-017"}, "x" * 65, "a/b", "a b", "demo_017", "a?b", "../Patient/a", "ä"],
)
def test_I_20_a_patient_of_the_context_that_is_no_id_of_fhir_is_refused(shared, told):
    assert "`context.patientId`" in refused(shared, with_context(patientId=told), 400)


@pytest.mark.parametrize("told", ["demo-017", "Patient/demo-017"])
def test_the_patient_may_be_named_by_its_reference(shared, told):
    assert guidance(cards(shared, with_context(patientId=told))) == guidance(cards(shared, kit(VIEW)))


@pytest.mark.parametrize("length", [1, 64])
def test_the_shortest_and_the_longest_id_of_fhir_are_ids(shared, length):
    told = view(administration(subject={"reference": f"Patient/{'a' * length}"}))
    told["context"]["patientId"] = told["prefetch"]["patient"]["id"] = "a" * length
    assert cards(shared, told) != []


@pytest.mark.parametrize("user", ["Practitioner/a", "PractitionerRole/a", "Patient/demo-017", "RelatedPerson/a"])
def test_the_user_may_be_anyone_whom_the_hook_allows_and_is_recorded(service, user):
    assert cards(service, with_context(userId=user)) != []
    assert user.encode() in recorded(service)[0].request


@pytest.mark.parametrize("user", [None, "", 1, {}, "a b", "\u202e", "x" * 201])
def test_a_user_that_cannot_be_read_is_left_out_and_stops_nothing(service, user):
    assert cards(service, with_context(userId=user)) != []
    names = [each["name"] for each in json.loads(recorded(service)[0].request)["parameter"]]
    assert names == ["patient", "hook", "hook_instance", "resource"]


def test_the_encounter_may_be_told(shared):
    assert guidance(cards(shared, with_context(encounterId="e1"))) == guidance(cards(shared, kit(VIEW)))


@pytest.mark.parametrize(
    "more",
    [
        {"extension": {"com.example.timestamp": "2026-03-10", "com.example.deep": {"a": [1, None]}}},
        {"extension": []},
        {"fhirVersion": "4.0.1", "user": "x", "patient": "somebody-else", "oauth": None, "redirect": "x"},
        {"fhirAuthorization": None},
        {"fhirServer": None},
        {"fhirServer": "https://fhir.example/r4"},
        {"fhirServer": "https://fhir.example/r4", "fhirAuthorization": None},
        {"fhirServer": "https://fhir.example/r4", "fhirAuthorization": AUTHORIZATION},
        {"fhirServer": "https://fhir.example/r4", "fhirAuthorization": []},
        {"fhirServer": "not an address", "fhirAuthorization": {"access_token": 1}},
    ],
    ids=lambda more: " and ".join(f"{name} {json.dumps(member)[:25]}" for name, member in more.items()),
)
def test_I_22_what_is_not_needed_is_let_through_and_changes_nothing(shared, more):
    assert guidance(cards(shared, kit(VIEW) | more)) == guidance(cards(shared, kit(VIEW)))


@pytest.mark.parametrize("authorization", [AUTHORIZATION, {}, "x"])
@pytest.mark.parametrize("server", [{}, {"fhirServer": None}, {"fhirServer": 1}])
def test_I_21_an_authorization_without_a_server_is_refused(shared, authorization, server):
    words = refused(shared, kit(VIEW) | {"fhirAuthorization": authorization} | server, 400)
    assert words == "`fhirServer` is required with `fhirAuthorization`."


def test_the_access_token_and_the_server_are_neither_recorded_nor_logged_nor_answered(service):
    more = {"fhirServer": "https://fhir.example/r4", "fhirAuthorization": AUTHORIZATION}
    answer = post(service, kit(VIEW) | more)
    (entry,) = recorded(service)
    seen = [answer.text, service.log.getvalue(), entry.request.decode(), entry.answer.decode()]
    assert not any(word in text for text in seen for word in (SECRET, "fhir.example"))


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/fhir+json",
        "application/fhir+json; charset=utf-8",
    ],
)
def test_json_and_json_of_fhir_are_read(shared, content_type):
    assert post(shared, kit(VIEW), **{"content-type": content_type}).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/jsonp",
    ],
)
def test_anything_else_is_an_unsupported_media_type(shared, content_type):
    assert "application/fhir+json" in refused(shared, kit(VIEW), 415, **{"content-type": content_type})


def test_a_body_that_does_not_say_what_it_is_is_an_unsupported_media_type(shared):
    answer = shared.request("POST", "/cds-services/prrt-patient-view", content=json.dumps(kit(VIEW)).encode())
    assert answer.status_code == 415
    words_of_error(answer)


@pytest.mark.parametrize("accept", ["application/fhir+json, */*;q=0.1", "application/json", "*/*", "text/html"])
def test_a_call_is_answered_whatever_the_client_accepts(shared, accept):
    assert post(shared, kit(VIEW), accept=accept).status_code == 200


UNREADABLE = {
    "nothing": b"",
    "white space": b" \n",
    "null": b"null",
    "a list": b"[]",
    "a list of calls": f'[{{"hook": "{CANARY}"}}]'.encode(),
    "a text": f'"{CANARY}"'.encode(),
    "a number": b"4711",
    "true": b"true",
    "broken": f'{{"hook": "{CANARY}'.encode(),
    "two objects": b"{}{}",
    "no JSON": f"hook={CANARY}".encode(),
    "not a number": f'{{"{CANARY}": NaN}}'.encode(),
    "infinity": b'{"hook": Infinity}',
    "less than infinity": b'{"hook": -Infinity}',
    "a number out of range": b'{"hook": 1e999999999999}',
    "a key that stands twice": f'{{"hook": "patient-view", "hook": "{CANARY}"}}'.encode(),
    "20,000 objects in one another": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "20,000 lists in one another": b"[" * 20_000,
    "a lone surrogate": f'{{"hook": "\\ud800{CANARY}"}}'.encode(),
    "a lone surrogate as a key": b'{"\\udfff": 1}',
    "not UTF-8": b'{"hook": "\xff\xfe"}',
    "UTF-16": '{"hook": "patient-view"}'.encode("utf-16"),
    "a control character": b'{"hook": "a\x00b"}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("path", ["prrt-patient-view", "prrt-order-sign", "prrt-order-select", "prrt-patient-view/feedback"])
def test_a_body_that_cannot_be_read_is_refused_and_not_repeated(shared, body, path):
    answer = shared.request("POST", f"/cds-services/{path}", content=body, headers=JSON)
    assert 400 <= answer.status_code < 500
    words_of_error(answer)


@pytest.mark.parametrize("value", ["NaN", '"\\ud800"', '{"value": 1, "value": 2}', "[" * 20_000])
def test_one_such_value_deep_in_the_prefetch_is_enough_to_refuse_the_call(shared, value):
    body = json.dumps(kit(VIEW)).replace('"gender"', f'"x": {value}, "gender"', 1).encode()
    assert refused(shared, body, 422, "prrt-patient-view")


def test_two_values_of_creatinine_under_one_key_are_refused(shared):
    body = json.dumps(view(lab("2160-0", 1.1, "mg/dL"))).replace('"value": 1.1', '"value": 1.1, "value": 9.9').encode()
    assert "twice" in refused(shared, body, 422, "prrt-patient-view")


def test_a_call_that_is_too_large_is_refused(shared):
    assert "At most" in refused(shared, b" " * 16_777_217, 413, "prrt-patient-view")


def test_what_is_refused_is_not_recorded(service):
    for told in (changed(hook="order-sign"), changed(hookInstance=None), with_context(patientId="?"), changed(prefetch={})):
        assert post(service, told, "prrt-patient-view").status_code in {400, 412}
    assert recorded(service) == []


@pytest.mark.parametrize(
    "prefetch",
    [
        {},
        None,
        [],
        "prefetch",
        {"patient": None},
        {"patient": EMPTY},
        {"patient": OUTCOME},
        {"patient": PATIENT},
        {"patient": "Patient/demo-017"},
        {"patient": [{"resourceType": "Patient", "id": "demo-017"}]},
        {"patient": {"resourceType": "Person", "id": "demo-017"}},
        {"patient": {"resourceType": "Patient"}},
        {"patient": {"resourceType": "Patient", "id": "DEMO-017"}},
        {"patient": searchset(OUTCOME)},
    ],
    ids=lambda told: json.dumps(told)[:60],
)
def test_I_54_without_the_patient_of_the_call_the_missing_key_is_named_with_412(shared, prefetch):
    assert "`prefetch.patient`" in refused(shared, kit(VIEW) | {"prefetch": prefetch}, 412)


def test_I_54_a_call_without_any_prefetch_is_answered_with_412(shared):
    assert "`prefetch.patient`" in refused(shared, changed(prefetch=None), 412)


@pytest.mark.parametrize("key", [key for key in PREFETCH if key != "patient"])
@pytest.mark.parametrize(
    "value",
    [None, EMPTY, OUTCOME, searchset(OUTCOME), searchset(), {}, [], "x", 1, True, {"resourceType": "Bundle", "entry": {}}],
)
def test_I_53_a_key_with_nothing_in_it_is_answered_with_what_else_is_known(shared, key, value):
    told = kit(VIEW)
    told["prefetch"][key] = value
    assert cards(shared, told) != []


def test_I_53_null_says_that_there_is_nothing_and_an_absent_key_that_it_was_not_sent(shared):
    told = kit(VIEW)
    told["prefetch"]["reports"] = None
    assert not_used(cards(shared, told)) == []
    del told["prefetch"]["reports"]
    assert any("reports" in line for line in not_used(cards(shared, told)))


def test_keys_of_the_client_do_as_well_as_ours(shared):
    """As HealthChain sends them: one key for each type of resource."""
    told, ours = kit(VIEW), kit(VIEW)["prefetch"]
    told["prefetch"] = {
        "pat": ours["patient"],
        "observation": searchset(*(entry["resource"] for key in ("laboratory", "findings") for entry in ours[key]["entry"])),
        "condition": ours["conditions"],
        "medicationadministration": ours["treatments"],
        "procedure": ours["procedures"],
        "documents": searchset(*(entry["resource"] for key in ("reports", "prrt_state") for entry in ours[key]["entry"])),
        "requests": searchset(
            *(entry["resource"] for key in ("medication_orders", "service_orders") for entry in ours[key]["entry"])
        ),
    }
    assert [card["summary"] for card in cards(shared, told)] == [card["summary"] for card in cards(shared, kit(VIEW))]


def test_a_key_of_ours_is_only_a_hint_at_what_stands_under_it(shared):
    told, ours = kit(VIEW), kit(VIEW)["prefetch"]
    told["prefetch"] |= {"laboratory": ours["conditions"], "conditions": ours["laboratory"]}
    assert guidance(cards(shared, told)) == guidance(cards(shared, kit(VIEW)))


def test_one_bundle_with_everything_under_a_key_of_the_client_does_as_well(shared):
    told = kit(VIEW)
    every = [each for value in told["prefetch"].values() for each in value.get("entry", [{"resource": value}])]
    told["prefetch"] = {"anything": {"resourceType": "Bundle", "entry": every}}
    assert [card["summary"] for card in cards(shared, told)] == [card["summary"] for card in cards(shared, kit(VIEW))]


BESIDE = {
    "metastases of another tumour": (condition("94381002"), condition("C18.9", ICD, id="colon")),
    "diabetes": (condition("73211009"),),
    "another drug": (
        administration(medicationCodeableConcept={"coding": [{"system": "http://www.whocc.no/atc", "code": "H01CB02"}]}),
    ),
    "a tumour of somebody else": (condition("C7A.012", ICD, subject={"reference": "Patient/p2"}),),
    "PRRT of somebody else": (administration(subject={"reference": "Patient/p2"}),),
    "a tumour that was entered in error": (
        condition("C7A.012", ICD, verificationStatus={"coding": [{"code": "entered-in-error"}]}),
    ),
    "a tumour by its display alone": ({**condition("x"), "code": {"text": "Neuroendocrine tumor of ileum"}},),
}


@pytest.mark.parametrize("resources", BESIDE.values(), ids=BESIDE)
def test_I_77_of_a_patient_who_has_nothing_to_do_with_prrt_nothing_is_said_and_nothing_recorded(service, resources):
    answer = post(service, view(*resources))
    assert (answer.status_code, answer.json()) == (200, {"cards": []})
    assert recorded(service) == []


@pytest.mark.parametrize("resources", [(), (lab("777-3", 148, "10*9/L"),)], ids=["nothing", "a blood count"])
def test_I_54_while_neither_conditions_nor_treatments_are_told_it_is_not_known_whether_there_is_something_to_say(
    service, resources
):
    answer = post(service, view(*resources))
    assert answer.status_code == 412
    assert "`prefetch.conditions`" in answer.text
    assert recorded(service) == []


CONCERNED = {
    "a carcinoid of the ileum": condition("C7A.012", ICD),
    "a poorly differentiated neuroendocrine tumour": condition("C7A.1", ICD),
    "a neuroendocrine tumour without a site (SNOMED)": condition("255046005"),
    "a carcinoid of an unspecified site": condition("C7A.00", ICD),
    "a neuroendocrine tumour of another site": condition("C7A.8", ICD),
    "carcinoid metastases in the liver": condition("C7B.02", ICD),
    "a cycle of PRRT": administration(),
}


@pytest.mark.parametrize("resource", CONCERNED.values(), ids=CONCERNED)
def test_of_a_patient_with_a_neuroendocrine_tumour_or_with_prrt_something_is_said(service, resource):
    assert cards(service, view(resource)) != []
    assert [entry.kind for entry in recorded(service)] == ["assessment"]


def test_what_a_card_says_stands_in_the_assessment_that_its_link_names(service):
    for name in KIT:
        for card in cards(service, kit(name)):
            stored = service.get(f"/v1/assessments/{card['links'][0]['url'].rpartition('/')[2]}").json()
            said = [*stored["recommendations"], *stored["verdicts"]]
            code = card["source"]["topic"]["code"]
            assert stored["patient_id"] == kit(name)["context"]["patientId"]
            if code == "next_cycle":
                assert stored["next_cycle"]["decision"].replace("_", " ").upper() in card["summary"]
                assert f"As of {stored['as_of']}." in card["detail"]
            elif code == "prediction":
                assert any(risk["question"] in card["summary"] for risk in stored["risks"] if risk["status"] == "estimated")
            else:
                (verdict,) = {each["rule"]: each for each in said if each["rule"] == code}.values()
                assert card["indicator"] == verdict["urgency"]
                assert card["summary"].removesuffix("…") in f"{verdict['title']}: {verdict['advice']}"


def test_what_was_asked_is_recorded_with_its_hook_and_by_whom(service):
    cards(service, kit(VIEW))
    (entry,) = recorded(service)
    asked = {each["name"]: each.get("valueString") for each in json.loads(entry.request)["parameter"]}
    assert (entry.kind, entry.patient_id, entry.caller) == ("assessment", "demo-017", "loopback")
    assert asked == {
        "patient": "demo-017",
        "hook": "patient-view",
        "hook_instance": kit(VIEW)["hookInstance"],
        "user": "Practitioner/example",
        "resource": None,
    }


def test_the_assessment_is_that_of_the_patient_of_the_call_whatever_the_patient_says_of_itself(service):
    told = kit(VIEW)
    told["prefetch"]["patient"]["extension"] = [
        {"url": "urn:prrt-cds:fhir:patient", "extension": [{"url": "id", "valueString": "somebody-else"}]}
    ]
    cards(service, told)
    assert [entry.patient_id for entry in recorded(service)] == ["demo-017"]


def test_nothing_of_a_patient_is_logged(service):
    for name in KIT:
        cards(service, kit(name))
    log = service.log.getvalue()
    assert not any(word in log for word in ("demo-0", "1961-04-02", "Practitioner", "lanreotide", "told-"))


def test_no_other_patient_is_recorded_even_if_it_is_sent_along(service):
    told = kit(VIEW)
    told["prefetch"]["others"] = {"resourceType": "Patient", "id": "other", "name": [{"family": CANARY}]}
    assert guidance(cards(service, told)) == guidance(cards(service, kit(VIEW)))
    assert CANARY.encode() not in recorded(service)[0].request


def test_two_calls_with_the_same_data_give_the_same_guidance_with_other_ids(shared):
    for name in KIT:
        one, two = cards(shared, kit(name)), cards(shared, kit(name))
        assert guidance(one) == guidance(two)
        assert not {card["uuid"] for card in one} & {card["uuid"] for card in two}


def places(node, path=()):
    if path:
        yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in children:
        yield from places(child, (*path, step))


WHOLE = {name: kit(name) for name in (VIEW, "order-select-skeletal-metastases-cycle-3", "order-sign-almost-no-data")}
PLACES = [(name, path) for name, told in WHOLE.items() for path in places(told)]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
HOSTILE = st.sampled_from(
    [
        CANARY,
        f"<img src=x onerror=alert('{CANARY}')>",
        f"[{CANARY}](https://evil.example)",
        f"\u202e{CANARY}",
        f"{CANARY}\n\n# heading",
        "A" * 10_000,
        10**400,
        -0.0,
        [[[[[[[[]]]]]]]],
        {"resourceType": "Bundle", "entry": [{"resource": None}]},
        {"resourceType": "Patient", "id": CANARY},
    ]
)


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(where=st.sampled_from(PLACES), value=ANYTHING | HOSTILE)
def test_whatever_stands_in_one_place_of_a_call_it_is_answered_or_refused_without_being_repeated(service, where, value):
    name, path = where
    told = node = copy.deepcopy(WHOLE[name])
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    answer = post(service, told, ID_OF[WHOLE[name]["hook"]])
    assert answer.status_code in {200, 400, 412, 422}
    if answer.status_code == 200:
        assert list(empties(answer.json())) in ([], ["/cards"])
    else:
        words_of_error(answer)
    assert '"route": "/cds-services/{id}"' in service.log.getvalue()
    assert CANARY not in service.log.getvalue()
