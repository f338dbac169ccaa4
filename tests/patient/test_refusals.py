"""Each thing that can be wrong with a request: the place is named, the value never is."""

import pytest

from tests.patients import EXAMPLE, changed, patient, refused

CANARY = "canary 7f3a"
NUMBER = 8675309

# what is wrong, where the example is changed, to what, the pointer of the refusal, its message
REFUSED = [
    ("a typo in a field", "/laboratory/0/vaule", NUMBER, "/laboratory/0/vaule", "is not a field of the contract"),
    ("a typo at the top", "/tretments", [CANARY], "/tretments", "is not a field of the contract"),
    ("a field that is no word", f"/patient/{CANARY}", 1, "/patient", "holds a field that the contract does not name"),
    ("a field that is no word, at the top", f"/{CANARY}", 1, "", "holds a field that the contract does not name"),
    ("a number for an object", "/patient", NUMBER, "/patient", "must be an object"),
    ("a list for an object", "/disease", [CANARY], "/disease", "must be an object"),
    ("an object for a list", "/laboratory", {"a": CANARY}, "/laboratory", "must be a list"),
    ("a text for an entry", "/laboratory/0", CANARY, "/laboratory/0", "must be an object"),
    ("an unknown word", "/patient/sex", CANARY, "/patient/sex", "must be one of 'male', 'female', 'other' or 'unknown'"),
    ("a word in a list", "/patient/sex", [CANARY], "/patient/sex", "must be one of 'male', 'female', 'other' or 'unknown'"),
    (
        "an unknown unit",
        "/laboratory/0/unit",
        CANARY,
        "/laboratory/0/unit",
        "is not an accepted unit of alkaline_phosphatase; acc",
    ),
    ("a unit of another analyte", "/laboratory/0/unit", "g/L", "/laboratory/0/unit", "is not an accepted unit of alkaline_phos"),
    (
        "a unit of another measure",
        "/patient/weight/unit",
        "GBq",
        "/patient/weight/unit",
        "of weight; accepted: kg, g, [lb_av], lb",
    ),
    ("a number for a unit", "/laboratory/0/unit", NUMBER, "/laboratory/0/unit", "must be text"),
    ("true for a number", "/laboratory/0/value", True, "/laboratory/0/value", "must be a number, not text and not true or false"),
    ("false for a number", "/laboratory/0/value", False, "/laboratory/0/value", "must be a number, not text and not true or fal"),
    (
        "text for a number",
        "/laboratory/0/value",
        "18.2",
        "/laboratory/0/value",
        "must be a number, not text and not true or false",
    ),
    ("nothing for a number", "/laboratory/0/value", None, "/laboratory/0/value", "must be a number, not text and not true or f"),
    ("a text for a limit", "/laboratory/0/upper_limit", CANARY, "/laboratory/0/upper_limit", "must be a number, not text and n"),
    ("not a number", "/laboratory/0/value", float("nan"), "/laboratory/0/value", "must be a finite number"),
    ("infinity", "/laboratory/0/value", float("inf"), "/laboratory/0/value", "must be a finite number"),
    ("minus infinity", "/patient/weight/value", float("-inf"), "/patient/weight/value", "must be a finite number"),
    ("an infinite grade", "/disease/grade", float("inf"), "/disease/grade", "must be a whole number"),
    ("a negative activity", "/treatments/0/activity/value", -7.4, "/treatments/0/activity/value", "is 0.5 to 40 GBq"),
    ("an implausible activity", "/treatments/1/activity/value", NUMBER, "/treatments/1/activity/value", "is 0.5 to 40 GBq"),
    ("an implausible limit", "/laboratory/0/upper_limit", NUMBER, "/laboratory/0/upper_limit", "range is 1 to 20000 U/L"),
    ("an implausible lower limit", "/laboratory/0/lower_limit", 0.5, "/laboratory/0/lower_limit", "range is 1 to 20000 U/L"),
    ("a negative limit", "/laboratory/0/lower_limit", -NUMBER, "/laboratory/0/lower_limit", "must be at least 0"),
    ("an upper limit of 0", "/laboratory/6/upper_limit", 0, "/laboratory/6/upper_limit", "must be above 0"),
    ("equal limits", "/laboratory/0/upper_limit", 40, "/laboratory/0/upper_limit", "must be above lower_limit"),
    ("limits the wrong way round", "/laboratory/0/upper_limit", 39, "/laboratory/0/upper_limit", "must be above lower_limit"),
    ("more than 100 per cent", "/disease/ki67_percent", 100.1, "/disease/ki67_percent", "must be at most 100"),
    ("less than 0 per cent", "/disease/metastases/0/involvement_percent", -1, None, "must be at least 0"),
    ("a grade above 3", "/disease/grade", NUMBER, "/disease/grade", "must be at most 3"),
    ("a grade of 0", "/disease/grade", 0, "/disease/grade", "must be at least 1"),
    ("a broken grade", "/disease/grade", 2.5, "/disease/grade", "must be a whole number"),
    ("true for a grade", "/disease/grade", True, "/disease/grade", "must be a whole number"),
    ("ECOG 5", "/performance/ecog", 5, "/performance/ecog", "must be at most 4"),
    ("Karnofsky 85", "/performance/karnofsky", 85, "/performance/karnofsky", "must be a multiple of 10"),
    ("1 for true", "/disease/resectable", 1, "/disease/resectable", "must be true or false"),
    ("a text for true", "/disease/resectable", CANARY, "/disease/resectable", "must be true or false"),
    ("no name", "/patient/id", "", "/patient/id", "must not be empty"),
    ("an endless name", "/patient/id", CANARY * 20, "/patient/id", "must have at most 200 characters"),
    ("a number for a name", "/patient/id", NUMBER, "/patient/id", "must be text"),
    ("a date in words", "/as_of", CANARY, "/as_of", "must be a date of the calendar, written YYYY-MM-DD"),
    ("a day that does not exist", "/as_of", "2026-02-30", "/as_of", "must be a date of the calendar, written YYYY-MM-DD"),
    ("a date with a time", "/as_of", "2026-03-10T00:00:00", "/as_of", "must be a date of the calendar, written YYYY-MM-DD"),
    ("a number for a date", "/as_of", 20260310, "/as_of", "must be a date of the calendar, written YYYY-MM-DD"),
    ("a treatment before birth", "/treatments/2/given_on", "1961-04-01", "/treatments/2/given_on", "is before the birth of the"),
    (
        "a sample before birth",
        "/laboratory/4/taken_on",
        "1961-04-01",
        "/laboratory/4/taken_on",
        "is before the birth of the pati",
    ),
    (
        "a study before birth",
        "/imaging/0/performed_on",
        "1961-04-01",
        "/imaging/0/performed_on",
        "is before the birth of the pat",
    ),
    ("a cycle told twice", "/treatments/1/given_on", "2025-11-24", "/treatments/1/given_on", "repeats an administration of the"),
    ("a site told twice", "/disease/metastases/1/site", "liver", "/disease/metastases", "names one site twice"),
    ("a lesion told twice", "/imaging/0/target_lesions/1/id", "seg-6", "/imaging/0/target_lesions", "measures one lesion twice"),
    (
        "an unknown isotope",
        "/treatments/0/agent",
        CANARY,
        "/treatments/0/agent",
        "of a radiopharmaceutical is one of: lutetium_177_d",
    ),
    (
        "a cycle of nothing",
        "/treatments/0/agent",
        None,
        "/treatments/0/agent",
        "of a radiopharmaceutical is one of: lutetium_177_",
    ),
    (
        "a route of a drug",
        "/treatments/2/route",
        "intravenous",
        "/treatments/2/route",
        "only to a treatment of kind radiopharmaceutic",
    ),
    (
        "a depot of a cycle",
        "/treatments/0/formulation",
        "long_acting",
        "/treatments/0/formulation",
        "of kind somatostatin_analog",
    ),
    (
        "a planned drug",
        "/plan/agent",
        CANARY,
        "/plan/agent",
        "must be one of 'lutetium_177_dotatate', 'lutetium_177_edotreotide' or",
    ),
    ("no planned cycle", "/plan/planned_cycles", 0, "/plan/planned_cycles", "must be at least 1"),
    ("an unknown version", "/options", {"ctcae_version": "4.03"}, "/options/ctcae_version", "must be one of '5.0' or '6.0'"),
]


@pytest.mark.parametrize(("pointer", "value", "named", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_wrong_is_refused_where_it_stands_without_its_value(pointer, value, named, message):
    refusal = refused(changed(pointer, value))
    (only,) = refusal.refusals
    assert only.pointer == (pointer if named is None else named)
    assert message in only.message
    for said in (only.pointer, only.message, str(refusal), repr(refusal)):
        assert CANARY not in said
        assert str(NUMBER) not in said


@pytest.mark.parametrize(
    ("without", "pointer"),
    [("patient", "/patient"), ("patient/id", "/patient/id"), ("patient/sex", "/patient/sex"), ("laboratory/0/taken_on", None)],
)
def test_what_is_required_is_asked_for(without, pointer):
    *steps, last = without.split("/")
    told = changed("/as_of", "2026-03-10")
    node = told
    for step in steps:
        node = node[int(step) if isinstance(node, list) else step]
    del node[last]
    assert [(each.pointer, each.message) for each in refused(told).refusals] == [(pointer or f"/{without}", "is required")]


def test_a_cycle_without_its_agent_is_refused_as_a_whole():
    told = changed("/treatments/0", {"kind": "radiopharmaceutical", "given_on": "2025-11-24"})
    (only,) = refused(told).refusals
    assert (only.pointer, only.message) == ("/treatments/0", "a radiopharmaceutical needs its agent")


def test_everything_that_is_wrong_is_named_at_once():
    told = changed("/patient/sex", CANARY, changed("/laboratory/0/value", "18.2", changed("/as_of", CANARY)))
    assert {each.pointer for each in refused(told).refusals} == {"/as_of", "/patient/sex", "/laboratory/0/value"}


def test_a_birth_after_as_of_is_refused():
    alone = {"as_of": "2026-03-10", "patient": {"id": "demo-1", "sex": "female", "birth_date": "2026-03-11"}}
    assert [(each.pointer, each.message) for each in refused(alone).refusals] == [("/patient/birth_date", "is after as_of")]


def test_every_entry_before_birth_is_named():
    born = changed("/patient/birth_date", "2025-11-15")
    assert {each.pointer for each in refused(born).refusals} == {"/imaging/0/performed_on"}


def test_of_many_refusals_twenty_are_told_and_the_rest_is_counted():
    refusal = refused(changed("/events", [{"kind": "progression"}] * 22))
    assert (len(refusal.refusals), refusal.more) == (20, 2)
    assert refused(changed("/events", [{"kind": "progression"}] * 20)).more == 0


@pytest.mark.parametrize(("entries", "accepted"), [(200, True), (201, False)])
def test_a_list_has_an_end(entries, accepted):
    told = changed("/imaging", [{"performed_on": "2026-03-05"}] * entries)
    if accepted:
        assert len(patient(imaging=told["imaging"]).imaging) == 200
    else:
        assert [each.message for each in refused(told).refusals] == ["must have at most 200 entries"]


def test_a_wrong_unit_or_analyte_is_the_only_complaint_about_its_value():
    """Whether the value is plausible cannot be said before its unit is known."""
    told = [
        {"analyte": CANARY, "value": NUMBER, "unit": CANARY, "lower_limit": 0, "upper_limit": NUMBER, "taken_on": "2026-03-02"}
    ]
    assert [each.pointer for each in refused(EXAMPLE | {"laboratory": told}).refusals] == ["/laboratory/0/analyte"]
    told[0]["analyte"] = "alt"
    assert [each.pointer for each in refused(EXAMPLE | {"laboratory": told}).refusals] == ["/laboratory/0/unit"]
    weight = changed("/patient/weight", {"value": NUMBER, "unit": CANARY})
    assert [each.pointer for each in refused(weight).refusals] == ["/patient/weight/unit"]
