"""What cannot be understood as a patient is a 422 that names the place and never repeats the value."""

import json

CANARY = "zebra-4711"


def patient(**more):
    return {"patient": {"id": "demo", "sex": "female"}, **more}


def platelets(**more):
    told = {"analyte": "platelets", "value": 148, "unit": "10*9/L", "taken_on": "2026-03-02"}
    return patient(laboratory=[{**told, **more}])


def cycle(**activity):
    told = {"kind": "radiopharmaceutical", "agent": "lutetium_177_dotatate", "given_on": "2026-01-19"}
    return patient(treatments=[{**told, "activity": {"unit": "GBq", **activity}}])


def refused(client, told, *pointers, never=()):
    """The messages of a 422 whose pointers are these, which holds nothing of `never`."""
    answer = client.assess(told)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["type"] == "urn:prrt-cds:problem:refused-request"
    assert problem["status"] == 422
    assert tuple(error["pointer"] for error in problem["errors"]) == pointers
    for value in (CANARY, *never):
        assert value not in answer.text
    return [error["message"] for error in problem["errors"]]


def test_a_field_with_a_typing_error_is_refused(client):
    assert refused(client, patient(labratory=CANARY), "/labratory") == ["is not a field of the contract"]


def test_a_name_that_is_no_name_of_a_field_is_not_repeated(client):
    messages = refused(client, patient(**{CANARY: 1}), "")
    assert messages == ["holds a field that the contract does not name"]


def test_a_unit_of_another_measurand_is_refused(client):
    (message,) = refused(client, platelets(unit="mg/dL"), "/laboratory/0/unit", never=("mg/dL", "148"))
    assert message.startswith("is not an accepted unit of platelets; accepted: 10*9/L, ")


def test_a_unit_that_does_not_exist_is_refused(client):
    refused(client, platelets(unit=CANARY), "/laboratory/0/unit")


def test_a_boolean_is_not_a_number(client):
    messages = refused(client, platelets(value=True), "/laboratory/0/value")
    assert messages == ["must be a number, not text and not true or false"]


def test_a_boolean_is_not_a_grade(client):
    assert refused(client, patient(disease={"grade": True}), "/disease/grade") == ["must be a whole number"]


def test_text_is_not_a_number(client):
    refused(client, platelets(value="18.2"), "/laboratory/0/value", never=("18.2",))


def test_a_number_is_not_a_boolean(client):
    assert refused(client, patient(disease={"resectable": 4711}), "/disease/resectable", never=("4711",)) == [
        "must be true or false"
    ]


def test_not_a_number_is_not_a_number(client):
    told = b'{"patient": {"id": "demo", "sex": "female"}, "disease": {"ki67_percent": NaN}}'
    assert refused(client, told, "/disease/ki67_percent", never=("NaN",)) == ["must be a finite number"]


def test_infinity_is_not_a_number(client):
    told = b'{"patient": {"id": "demo", "sex": "female"}, "disease": {"ki67_percent": -Infinity}}'
    assert refused(client, told, "/disease/ki67_percent", never=("Infinity",)) == ["must be a finite number"]


def test_an_activity_below_zero_is_refused(client):
    (message,) = refused(client, cycle(value=-4.711), "/treatments/0/activity/value", never=("4.711",))
    assert message == "is not plausible for activity: the plausible range is 0.5 to 40 GBq"


def test_an_activity_in_the_wrong_unit_is_not_plausible(client):
    refused(client, cycle(value=7411), "/treatments/0/activity/value", never=("7411",))


def test_a_birth_in_the_future_is_refused(client):
    told = {"as_of": "2026-03-10", "patient": {"id": "demo", "sex": "female", "birth_date": "2026-03-11"}}
    assert refused(client, told, "/patient/birth_date", never=("2026-03",)) == ["is after as_of"]


def test_a_treatment_before_birth_is_refused(client):
    told = cycle(value=7.4)
    told["patient"]["birth_date"] = "2026-01-20"
    assert refused(client, told, "/treatments/0/given_on", never=("2026-01",)) == ["is before the birth of the patient"]


def test_a_key_that_stands_twice_is_refused(client):
    told = f'{{"patient": {{"id": "demo", "sex": "female", "sex": "{CANARY}"}}}}'.encode()
    assert refused(client, told, "/patient/sex") == ["stands twice; every key may stand once"]


def test_a_request_nested_twenty_thousand_deep_is_refused(client):
    told = b'{"patient":' * 20_000 + b"1" + b"}" * 20_000
    assert refused(client, told, "") == ["is nested too deeply"]


def test_a_list_that_is_opened_twenty_thousand_times_is_refused(client):
    assert refused(client, b"[" * 20_000, "") == ["is nested too deeply"]


def test_an_empty_body_is_refused(client):
    assert refused(client, b"", "") == ["is empty; send one JSON object"]


def test_a_body_that_is_not_json_is_refused_at_its_place(client):
    assert refused(client, f'{{"patient": {CANARY}}}'.encode(), "") == [
        "is not valid JSON, or holds a number out of range, at line 1 column 13"
    ]


def test_a_body_that_is_not_utf_8_is_refused(client):
    refused(client, b'{"patient": {"id": "\xff\xfe", "sex": "female"}}', "")


def test_a_list_is_not_a_patient(client):
    assert refused(client, [CANARY], "") == ["must be an object"]


def test_a_word_that_is_not_in_the_list_is_refused(client):
    messages = refused(client, {"patient": {"id": "demo", "sex": CANARY}}, "/patient/sex")
    assert messages == ["must be one of 'male', 'female', 'other' or 'unknown'"]


def test_what_is_required_is_named(client):
    assert refused(client, {"patient": {}}, "/patient/id", "/patient/sex") == ["is required", "is required"]


def test_a_number_with_more_digits_than_any_measurement_is_refused(client):
    told = b'{"patient": {"id": "demo", "sex": "female"}, "disease": {"ki67_percent": 4.711471147114711471}}'
    refused(client, told, "/disease/ki67_percent", never=("4.7114",))


def test_a_whole_number_of_five_thousand_digits_is_refused(client):
    told = b'{"patient": {"id": "demo", "sex": "female"}, "disease": {"grade": ' + b"9" * 5000 + b"}}"
    refused(client, told, "", never=("9999",))


def test_a_time_that_no_clock_shows_is_refused(client):
    told = platelets(taken_at="2026-03-02T25:61:00Z")
    (message,) = refused(client, told, "/laboratory/0/taken_at", never=("25:61",))
    assert message


def test_only_the_first_twenty_refusals_are_listed(client):
    told = patient(symptoms=[{"recorded_on": CANARY}] * 50)
    answer = client.assess(json.dumps(told).encode())
    assert len(answer.json()["errors"]) == 20
    assert "30 more are not listed" in answer.json()["detail"]
    assert CANARY not in answer.text
