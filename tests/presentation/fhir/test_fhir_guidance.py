"""The decision for the next cycle, for a reader and for a machine; what is missing; what was not used."""

import pytest

from service.terminology.codes import CODES
from tests.presentation.fhir.answers import INTAKE, SERVICE_URL, answer, bundle, only, resources, texts
from tests.vignettes import names

PROCEEDS = "skeletal-metastases-cycle-3"
UNDETERMINED = "stable-disease-after-two-cycles"
NO_CYCLE = ("mibg-follow-up", "sirt-candidate-liver-only")


def guidance(name, **more):
    return only(bundle(answer(name, **more)), "GuidanceResponse")


def parameters(told):
    """The parameters of the decision: name and value, in their order."""
    return [
        (each["name"], next(value for key, value in each.items() if key != "name"))
        for each in only(bundle(told), "Parameters")["parameter"]
    ]


@pytest.mark.parametrize("name", names())
def test_a_decision_that_needs_more_requires_data_and_one_that_was_taken_at_most_requests_it(name):
    told = answer(name)
    decision = told.get("next_cycle", {}).get("decision")
    expected = "data-required" if decision == "undetermined" else "data-requested" if told["missing"] else "success"
    assert guidance(name)["status"] == expected


def test_all_three_states_occur_among_the_vignettes():
    assert {guidance(name)["status"] for name in names()} == {"data-required", "data-requested", "success"}


@pytest.mark.parametrize("name", [name for name in names() if name not in NO_CYCLE])
def test_a_machine_reads_the_whole_decision(name):
    told = answer(name)
    cycle, found = told["next_cycle"], parameters(told)
    values = dict(found)
    assert (values["assessment"], values["as_of"]) == (told["id"], told["as_of"])
    assert values["decision"] == cycle["decision"]
    assert [values.get(day) for day in ("cycle", "due_on", "earliest_on")] == [
        cycle[day] for day in ("cycle", "due_on", "earliest_on")
    ]
    window = cycle["window"] and {"start": cycle["window"]["opens_on"], "end": cycle["window"]["closes_on"]}
    assert values.get("window") == window
    assert [value for key, value in found if key == "decided_by"] == cycle["decided_by"]
    assert [value for key, value in found if key == "open_questions"] == cycle["open_questions"]


def test_the_activity_is_a_quantity_in_ucum():
    assert dict(parameters(answer(PROCEEDS)))["activity"] == {
        "value": 7.4,
        "unit": "GBq",
        "system": "http://unitsofmeasure.org",
        "code": "GBq",
    }


def test_the_decision_is_told_in_words():
    told = texts(guidance(PROCEEDS))
    for words in ("Next cycle 3: proceed.", "Window 2026-03-09 to 2026-03-23.", "Not before 2026-03-10.", "Activity 7.4 GBq."):
        assert words in told
    assert "Next cycle 3: undetermined." in texts(guidance(UNDETERMINED))
    assert "Open questions: administration_route, " in texts(guidance(UNDETERMINED))
    unknown = texts(guidance("almost-no-data"))
    assert "Next cycle: undetermined. Decided by eligibility" in unknown


@pytest.mark.parametrize("name", NO_CYCLE)
def test_without_a_next_cycle_no_decision_is_told(name):
    told = bundle(answer(name))
    assert resources(told, "Parameters") == []
    assert "outputParameters" not in only(told, "GuidanceResponse")
    assert "No next cycle is awaited" in texts(only(told, "GuidanceResponse"))


@pytest.mark.parametrize("name", names())
def test_every_notice_and_everything_missing_is_told(name):
    told = answer(name)
    notes = texts(guidance(name))
    for part in (*told["notices"], *(asked["why"] for asked in told["missing"])):
        assert part in notes


def test_a_unit_with_an_asterisk_survives_markdown_and_nothing_becomes_html():
    notes = texts(guidance(PROCEEDS, notices=["75 10*9/L and 100 10*9/L", "<b>bold</b>"]))
    assert "75 10\\*9/L and 100 10\\*9/L" in notes
    assert "\\<b>bold\\</b>" in notes


def test_the_request_and_the_module_with_its_version_are_named():
    told = only(bundle(answer(PROCEEDS), request_identifier="hook-1"), "GuidanceResponse")
    assert told["requestIdentifier"] == {"value": "hook-1"}
    assert told["moduleCanonical"] == f"{SERVICE_URL}/fhir/OperationDefinition/prrt-assess|0.1.0"
    assert "requestIdentifier" not in guidance(PROCEEDS)


def codes_wanted(*items):
    missing = [{"item": item, "why": "It is needed.", "asked_by": ["eligibility"]} for item in items]
    wanted = guidance(PROCEEDS, missing=missing).get("dataRequirement", [])
    assert all(each["type"] == "Observation" and each["codeFilter"][0]["path"] == "code" for each in wanted)
    return [[code["code"] for code in each["codeFilter"][0]["code"]] for each in wanted]


def test_an_analyte_that_is_missing_is_asked_for_by_its_codes():
    assert codes_wanted("platelets", "bilirubin") == [["777-3", "26515-7"], ["1975-2", "14631-6"]]


def test_a_baseline_and_a_limit_ask_for_the_same_codes_once():
    assert codes_wanted("creatinine", "baseline_creatinine") == [["2160-0", "38483-4", "14682-9"]]
    assert codes_wanted("bilirubin.upper_limit") == [["1975-2", "14631-6"]]


def test_either_performance_status_will_do():
    assert codes_wanted("performance") == [["89247-1", "89243-0"]]


def test_what_has_no_code_is_asked_for_in_words_only():
    assert codes_wanted("treatments", "disease.grade", "patient.pregnant") == []
    assert "Missing: disease.grade. It is needed." in texts(
        guidance(PROCEEDS, missing=[{"item": "disease.grade", "why": "It is needed.", "asked_by": []}])
    )


def test_a_code_that_is_only_recalled_is_not_asked_for():
    (code,) = [code for code in CODES if code.means == "bone_alkaline_phosphatase"]
    assert code.mark == "recalled"
    assert codes_wanted("bone_alkaline_phosphatase") == []


def test_what_was_not_used_is_told_with_the_reason_and_matters_more_where_it_could_have_been():
    told = bundle(answer(PROCEEDS, intake=INTAKE))
    outcome = only(told, "OperationOutcome")
    assert [(issue["severity"], issue["diagnostics"]) for issue in outcome["issue"]] == [
        ("warning", "Not used: Observation/anc-1 is not plausible for neutrophils"),
        ("information", "Not used: Encounter/7 is of a type that is not read"),
        ("warning", "Not used: urn:uuid:4f3b2a10-6ad5-4c6f-a0d7-0d6b6f6d1f11 has no status"),
    ]
    assert only(told, "GuidanceResponse")["evaluationMessage"] == [{"reference": f"urn:uuid:{outcome['id']}"}]


def test_an_intake_that_used_everything_has_no_message():
    told = bundle(answer(PROCEEDS, intake=INTAKE | {"not_used": []}))
    assert resources(told, "OperationOutcome") == []
    assert "evaluationMessage" not in only(told, "GuidanceResponse")
