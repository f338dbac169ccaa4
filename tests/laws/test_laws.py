"""Laws that hold for every rule and every patient."""

from copy import deepcopy
from datetime import timedelta

from hypothesis import assume, example, given
from hypothesis import strategies as st

from service.evidence import RISK
from service.rules import RULES
from service.terminology.units import MEASURANDS
from service.vocabulary import ANALYTE_NAMES
from tests.laws.patients import AS_OF, laboratory_value, patients, study
from tests.reading import assessed

RECORDS = {rule.name: rule.evidence for rule in RULES}
RANK = {None: 0, "info": 1, "warning": 2, "critical": 3}
TOMORROW = str(AS_OF + timedelta(days=1))


def verdicts(told):
    return {verdict["rule"]: verdict for verdict in assessed(told)["verdicts"]}


@given(patients())
def test_a_rule_always_answers_and_always_says_why(told):
    for name, verdict in verdicts(told).items():
        row = next(row for row in RECORDS[name].decisions if row.id == verdict["decision"])
        assert row.answer == f"{verdict['status']} {verdict['urgency'] or ''}".strip()
        assert verdict["reasons"]
        assert (verdict["advice"] is not None) == (verdict["status"] in ("fires", "unknown"))
        assert verdict["missing"] or verdict["status"] != "unknown"


@given(patients())
def test_the_same_patient_has_the_same_answer(told):
    again = {"id": None, "created_at": None}
    assert assessed(told) | again == assessed(deepcopy(told)) | again


@given(patients(), st.randoms(use_true_random=False))
def test_the_order_of_entries_is_irrelevant(told, random):
    before = verdicts(told)
    for entries in told.values():
        if isinstance(entries, list):
            random.shuffle(entries)
    for each in told.get("imaging", ()):
        random.shuffle(each.get("target_lesions", []))
    assert verdicts(told) == before


@given(patients())
def test_mci_and_gbq_give_one_answer(told):
    before = verdicts(told)
    for treatment in told.get("treatments", ()):
        if treatment.get("activity") == {"value": 200, "unit": "mCi"}:
            treatment["activity"] = {"value": 7400, "unit": "MBq"}
    assert verdicts(told) == before


@given(patients(), st.integers(1, 10))
def test_units_and_microkatals_give_one_answer(told, ukat):
    def in_unit(unit, factor):
        value = {"value": ukat * factor, "upper_limit": 2 * factor, "unit": unit}
        return told | {"laboratory": [{"analyte": "alkaline_phosphatase", "taken_on": str(AS_OF), **value}]}

    assert verdicts(in_unit("ukat/L", 1)) == verdicts(in_unit("U/L", 60))


@given(patients(), laboratory_value(), study())
def test_what_is_dated_after_as_of_is_invisible(told, value, imaging):
    told = told | {"laboratory": told.get("laboratory", []), "imaging": told.get("imaging", [])}
    later = told | {
        "laboratory": [value | {"taken_on": TOMORROW}, *told["laboratory"]],
        "imaging": [*told["imaging"], imaging | {"performed_on": TOMORROW}],
    }
    assert verdicts(later) == verdicts(told)
    of_what = f"laboratory ({ANALYTE_NAMES[value['analyte']]})"
    assert f"Not used, because it is dated after {AS_OF}: {of_what} of {TOMORROW}." in assessed(later)["notices"]


@given(patients().filter(lambda told: told.get("laboratory")))
def test_losing_every_value_of_an_analyte_never_makes_a_rule_fire(told):
    before = verdicts(told)
    for analyte in sorted({value["analyte"] for value in told["laboratory"]}):
        kept = [value for value in told["laboratory"] if value["analyte"] != analyte]
        for name, verdict in verdicts(told | {"laboratory": kept}).items():
            if before[name]["status"] != "fires" and not RECORDS[name].speaks_of_absence:
                assert verdict["status"] != "fires"


@given(patients().filter(lambda told: told.get("laboratory")), st.integers(2, 4))
def test_a_worse_value_is_never_less_urgent(told, factor):
    latest = max(told["laboratory"], key=lambda value: value["taken_on"])
    measurand = MEASURANDS[latest["analyte"]]
    same_day = [
        value for value in told["laboratory"] if (value["analyte"], value["taken_on"]) == (latest["analyte"], latest["taken_on"])
    ]
    assume(same_day == [latest])
    worse = latest["value"] * factor if measurand.worse == "higher" else latest["value"] / factor
    assume(measurand.lowest <= worse <= measurand.highest)
    before = verdicts(told)
    latest["value"] = worse
    after = verdicts(told)
    for name, verdict in after.items():
        # a toxicity that begins to hold explains a shortfall of activity: the warning moves to the toxicity rule
        if verdict["decision"] != "held" or name != "cumulative_activity":
            assert RANK[verdict["urgency"]] >= RANK[before[name]["urgency"]]
    assert max(RANK[verdict["urgency"]] for verdict in after.values()) >= max(
        RANK[verdict["urgency"]] for verdict in before.values()
    )


@given(patients())
@example({"as_of": str(AS_OF), "patient": {"id": "law", "sex": "unknown"}})
def test_recommendations_are_the_verdicts_that_fire_most_urgent_first(told):
    answer = assessed(told)
    ranks = [RANK[verdict["urgency"]] for verdict in answer["recommendations"]]
    assert ranks == sorted(ranks, reverse=True)
    assert {verdict["rule"] for verdict in answer["recommendations"]} == {
        verdict["rule"] for verdict in answer["verdicts"] if verdict["status"] == "fires"
    }


@given(patients())
def test_every_source_that_a_reason_names_is_in_the_answer(told):
    answer = assessed(told)
    named = {reason["source"] for verdict in answer["verdicts"] for reason in verdict["reasons"] if reason["source"]}
    shown = {reference["source"] for reference in answer["reference_outcomes"]}
    trained_on = {number.source for risk in answer["risks"] if risk["horizons"] for number in RISK[risk["model"]["name"]].numbers}
    assert named | shown | trained_on == set(answer["sources"])
