"""The next cycle: one decision, derived from the verdicts, and the days and the activity that go with it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.evidence import Record
from service.evidence.records import Decision
from service.next_cycle import NextCycle, derive_next_cycle
from service.rules import RULES
from service.terminology.quantity import Quantity
from service.verdict import Missing, Verdict, clear, fires, not_applicable, note, unknown
from tests.patients import cycle, facts_of, lab
from tests.reading import assessed

MUST_ANSWER = ["eligibility", "haematological_toxicity", "renal_toxicity", "hepatic_toxicity"]
BEFORE, NOW = "2025-11-20", "2026-03-02"
GIVEN = ("2025-11-24", "2026-01-19")  # the third of four cycles is due on 2026-03-16, in a window from 03-09 to 03-23
PERSON = {"sex": "female", "birth_date": "1961-04-02", "pregnant": False, "breast_feeding": False}
DISEASE = {
    "primary_site": "small_intestine",
    "differentiation": "well",
    "grade": 2,
    "metastases": [{"site": "liver"}],
    "functional_syndrome": "none",
    "sstr_imaging": {"krenning_score": 4, "all_lesions_positive": True, "fdg_positive_sstr_negative": False},
}
STABLE = [{"performed_on": "2026-03-05", "overall_response": "stable_disease"}]
PROGRESSION = [{"performed_on": "2026-03-05", "overall_response": "progressive_disease"}]
NORMAL = {
    "platelets": (210, "10*9/L", {"lower_limit": 150}),
    "haemoglobin": (130, "g/L", {"lower_limit": 120}),
    "neutrophils": (3.2, "10*9/L", {"lower_limit": 1.8}),
    "leukocytes": (5.2, "10*9/L", {"lower_limit": 4}),
    "creatinine": (70, "umol/L", {"upper_limit": 90}),
    "creatinine_clearance": (90, "mL/min", {}),
    "bilirubin": (12, "umol/L", {"upper_limit": 21}),
    "albumin": (41, "g/L", {"lower_limit": 35}),
    "inr": (1, "1", {"upper_limit": 1.2}),
    "alt": (20, "U/L", {"upper_limit": 35}),
    "ast": (20, "U/L", {"upper_limit": 35}),
    "alkaline_phosphatase": (80, "U/L", {"upper_limit": 120}),
    "gamma_gt": (20, "U/L", {"upper_limit": 40}),
}


def normal(*days, without=()):
    """Every value normal on these days, but for some analytes."""
    return [
        lab(analyte, value, unit, day, **limits)
        for day in days
        for analyte, (value, unit, limits) in NORMAL.items()
        if analyte not in without
    ]


def platelets(**found):
    """Platelets by day, as d_2026_03_02=60."""
    return [lab("platelets", value, "10*9/L", day.removeprefix("d_").replace("_", "-")) for day, value in found.items()]


def in_course(*given_on, more=(), laboratory=None, without=(), **parts):
    """A healthy woman in the middle of her course; `without` and `laboratory` change her values."""
    told = {
        "patient": PERSON,
        "disease": DISEASE,
        "performance": {"ecog": 1},
        "comorbidities": [],
        "plan": {"agent": "lutetium_177_dotatate", "planned_cycles": 4},
        "treatments": [*(cycle(day) for day in given_on or GIVEN), *more],
        "laboratory": [*normal(BEFORE, NOW, without=without), *(laboratory or [])],
        "imaging": STABLE,
        "events": [],
    }
    return told | parts


def before_the_course(**parts):
    """The same woman before cycle 1."""
    return in_course() | {"treatments": [], "laboratory": normal(NOW), "plan": {"next_cycle_on": "2026-03-16"}} | parts


def analogue(given_on, formulation="long_acting"):
    return {"kind": "somatostatin_analogue", "formulation": formulation, "given_on": given_on}


def next_cycle(told):
    return assessed(told)["next_cycle"]


def settled(told):
    """The decision with all that goes with it, but for the questions of other rules."""
    found = next_cycle(told)
    return {key: value for key, value in found.items() if key != "open_questions"}


def decision(told):
    found = next_cycle(told)
    return found["decision"], found["decided_by"]


RECOVERED = {"without": ["platelets"], "laboratory": platelets(d_2025_11_20=210, d_2026_02_09=60, d_2026_03_02=210)}
LOW = {"without": ["platelets"], "laboratory": platelets(d_2025_11_20=210, d_2026_03_02=60)}
# low after the first dose, recovered before the second, low again after it
AGAIN = {"without": ["platelets"], "laboratory": platelets(d_2025_11_20=210, d_2025_12_15=60, d_2026_01_12=210, d_2026_03_02=60)}


# The table, row by row


def test_a_toxicity_that_came_back_stops_for_good():
    assert settled(in_course(**AGAIN)) == {
        "decision": "stop",
        "cycle": None,
        "due_on": None,
        "window": None,
        "earliest_on": None,
        "activity": None,
        "decided_by": ["haematological_toxicity"],
    }


@pytest.mark.parametrize("planned_cycles", [2, 1])
def test_a_course_that_was_given_as_planned_is_complete(planned_cycles):
    assert settled(in_course(plan={"planned_cycles": planned_cycles})) == {
        "decision": "complete",
        "cycle": None,
        "due_on": None,
        "window": None,
        "earliest_on": None,
        "activity": None,
        "decided_by": ["eligibility"],
    }


def test_a_critical_verdict_holds_the_cycle():
    assert settled(in_course(**LOW)) == {
        "decision": "hold",
        "cycle": 3,
        "due_on": "2026-03-16",
        "window": {"opens_on": "2026-03-09", "closes_on": "2026-03-23"},
        "earliest_on": None,
        "activity": None,
        "decided_by": ["haematological_toxicity"],
    }


IN_PART = {"told_in_part": ["radiopharmaceuticals"]}


def test_where_cycles_may_be_missing_the_next_one_is_undetermined_and_has_no_number():
    told = in_course(**IN_PART)
    assert decision(told) == ("undetermined", ["eligibility"])
    assert (next_cycle(told)["cycle"], next_cycle(told)["earliest_on"]) == (None, None)
    assert any("there may be more cycles" in notice for notice in assessed(told)["notices"])
    assert not any("there may be more cycles" in notice for notice in assessed(in_course())["notices"])


def test_where_cycles_may_be_missing_a_critical_verdict_still_holds():
    assert decision(in_course(**LOW, **IN_PART)) == ("hold", ["haematological_toxicity"])


@pytest.mark.parametrize("part", ["other_treatments", "comorbidities", "imaging"])
def test_where_something_else_may_be_missing_the_next_cycle_is_decided(part):
    assert decision(in_course(told_in_part=[part])) == ("proceed", MUST_ANSWER)


UNREAD = [{"performed_on": "2026-03-09"}]


@pytest.mark.parametrize(
    ("imaging", "decided"),
    [
        (STABLE, ("proceed", MUST_ANSWER)),
        (UNREAD, ("undetermined", ["mid_prrt_response"])),
        (STABLE + UNREAD, ("undetermined", ["mid_prrt_response"])),
        (PROGRESSION, ("hold", ["mid_prrt_response"])),
        (PROGRESSION + UNREAD, ("hold", ["mid_prrt_response"])),
    ],
)
def test_imaging_that_was_not_read_leaves_the_next_cycle_open_and_lifts_no_hold(imaging, decided):
    assert decision(in_course(imaging=imaging)) == decided


def test_a_condition_that_was_not_read_leaves_the_next_cycle_open():
    assert decision(in_course(told_in_part=["conditions"])) == ("undetermined", ["eligibility"])
    assert decision(in_course(**LOW, told_in_part=["conditions"])) == ("hold", ["haematological_toxicity"])


def planning(value, agent="lutetium_177_dotatate"):
    return {"plan": {"agent": agent, "planned_cycles": 4, "planned_activity": {"value": value, "unit": "GBq"}}}


@pytest.mark.parametrize(
    ("value", "agent", "shown"),
    [
        (7.3, "lutetium_177_dotatate", 7.3),
        (7.4, "lutetium_177_dotatate", 7.4),
        (7.5, "lutetium_177_dotatate", 7.4),
        (14.8, "lutetium_177_dotatate", 7.4),
        (7.5, "lutetium_177_edotreotide", 7.5),
    ],
)
def test_no_more_than_the_label_allows_is_shown_as_the_activity_to_give(value, agent, shown):
    told = before_the_course(plan=planning(value, agent)["plan"] | {"next_cycle_on": "2026-03-16"})
    assert next_cycle(told)["activity"] == {"value": shown, "unit": "GBq"}
    above = [notice for notice in assessed(told)["notices"] if "above the label" in notice]
    assert len(above) == (value != shown)


def test_a_plan_above_the_label_is_named_with_both_activities():
    told = in_course(**planning(14.8))
    assert "The planned activity of 14.8 GBq is above the label's 7.4 GBq, which is shown instead." in assessed(told)["notices"]


def test_a_hold_names_every_critical_rule():
    told = in_course(**LOW, patient=PERSON | {"pregnant": True}, imaging=PROGRESSION)
    assert decision(told) == ("hold", ["eligibility", "haematological_toxicity", "mid_prrt_response"])


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        (in_course(patient=PERSON | {"pregnant": True}), "eligibility"),
        (in_course(imaging=PROGRESSION), "mid_prrt_response"),
        (in_course(without=["bilirubin"], laboratory=[lab("bilirubin", 90, "umol/L", NOW, upper_limit=21)]), "hepatic_toxicity"),
        (
            in_course(without=["creatinine_clearance"], laboratory=[lab("creatinine_clearance", 39, "mL/min", NOW)]),
            "renal_toxicity",
        ),
        (before_the_course(patient=PERSON | {"breast_feeding": True}), "eligibility"),
    ],
)
def test_any_rule_that_fires_critical_holds_it(told, rule):
    found = next_cycle(told)
    assert (found["decision"], found["decided_by"], found["earliest_on"], found["activity"]) == ("hold", [rule], None, None)


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        (in_course(disease={"grade": 2}), "eligibility"),
        (in_course(without=["platelets"]), "haematological_toxicity"),
        (in_course(without=["creatinine"]), "renal_toxicity"),
        (in_course(without=["bilirubin"]), "hepatic_toxicity"),
    ],
)
def test_without_one_of_the_four_answers_it_is_undetermined(told, rule):
    found = next_cycle(told)
    assert (found["decision"], found["decided_by"], found["activity"]) == ("undetermined", [rule], None)
    assert (found["cycle"], found["due_on"], found["earliest_on"]) == (3, "2026-03-16", "2026-03-10")
    assert rule in found["open_questions"]


def test_without_several_of_them_each_is_named():
    told = in_course(without=["creatinine", "bilirubin"], disease={"grade": 2})
    assert decision(told) == ("undetermined", ["eligibility", "hepatic_toxicity", "renal_toxicity"])


def test_where_treatments_were_not_told_nobody_knows_which_cycle_is_next():
    told = in_course()
    del told["treatments"]
    found = next_cycle(told)
    assert (found["decision"], found["cycle"], found["due_on"]) == ("undetermined", None, None)
    assert sorted(found["decided_by"]) == sorted(MUST_ANSWER)


def open_questions_noticed(answer):
    return [notice for notice in answer["notices"] if "open questions" in notice]


def test_a_missing_scan_alone_does_not_make_it_undetermined():
    answer = assessed(in_course(imaging=[]))
    found = answer["next_cycle"]
    assert found["decision"] == "proceed"
    assert "mid_prrt_response" in found["open_questions"]
    titles = {verdict["rule"]: verdict["title"] for verdict in answer["verdicts"]}
    told = f"The next cycle was decided with open questions: {', '.join(titles[rule] for rule in found['open_questions'])}."
    assert open_questions_noticed(answer) == [told]


def test_other_toxicity_that_is_unknown_does_not_make_it_undetermined():
    found = next_cycle(in_course(without=["alt"]))
    assert found["decision"] == "proceed"
    assert "other_toxicity" in found["open_questions"]


def test_after_recovery_it_proceeds_with_the_reduced_activity():
    assert settled(in_course(**RECOVERED)) == {
        "decision": "proceed_reduced",
        "cycle": 3,
        "due_on": "2026-03-16",
        "window": {"opens_on": "2026-03-09", "closes_on": "2026-03-23"},
        "earliest_on": "2026-03-10",
        "activity": {"value": 3.7, "unit": "GBq"},
        "decided_by": ["haematological_toxicity"],
    }


def test_several_toxicities_that_recovered_are_all_named():
    bilirubin = [
        lab("bilirubin", value, "umol/L", day, upper_limit=21) for day, value in ((BEFORE, 12), ("2026-02-09", 90), (NOW, 12))
    ]
    told = in_course(without=["platelets", "bilirubin"], laboratory=[*RECOVERED["laboratory"], *bilirubin])
    assert decision(told) == ("proceed_reduced", ["haematological_toxicity", "hepatic_toxicity"])


def test_a_healthy_patient_in_the_course_proceeds():
    assert settled(in_course()) == {
        "decision": "proceed",
        "cycle": 3,
        "due_on": "2026-03-16",
        "window": {"opens_on": "2026-03-09", "closes_on": "2026-03-23"},
        "earliest_on": "2026-03-10",
        "activity": {"value": 7.4, "unit": "GBq"},
        "decided_by": MUST_ANSWER,
    }


def test_a_warning_does_not_hold_it():
    answer = assessed(in_course(comorbidities=[{"kind": "carcinoid_heart_disease"}]))
    assert answer["next_cycle"]["decision"] == "proceed"
    assert [verdict["urgency"] for verdict in answer["recommendations"] if verdict["rule"] == "eligibility"] == ["warning"]


@pytest.mark.parametrize(
    "told",
    [
        {"treatments": []},
        {"treatments": [], "patient": {"sex": "female", "pregnant": True}},
        {"treatments": [cycle("2026-01-19", agent="iodine_131_mibg")]},
        {"treatments": [], "plan": {"agent": "iodine_131_mibg", "next_cycle_on": "2026-03-16"}},
    ],
)
def test_without_prrt_given_or_planned_there_is_no_next_cycle(told):
    assert "next_cycle" not in assessed(told)


def long_after(**values):
    """The woman long after her second cycle, with no plan told."""
    told = in_course(as_of="2026-07-21", **values)
    del told["plan"]
    return told


def test_long_after_the_last_cycle_and_without_a_plan_nothing_proceeds():
    found = assessed(long_after()).get("next_cycle")
    assert found is None or found["decision"] == "complete"


def test_a_stop_is_told_however_long_ago_the_last_cycle_was():
    assert decision(long_after(**AGAIN)) == ("stop", ["haematological_toxicity"])


def test_of_a_patient_of_whom_nothing_is_told_it_is_undetermined_and_not_absent():
    assert next_cycle({})["decision"] == "undetermined"


# The most restrictive wins


def test_stop_wins_over_complete():
    assert decision(in_course(**AGAIN, plan={"planned_cycles": 2})) == ("stop", ["haematological_toxicity"])


def test_stop_wins_over_hold_and_names_only_the_rule_that_stops():
    assert decision(in_course(**AGAIN, patient=PERSON | {"pregnant": True})) == ("stop", ["haematological_toxicity"])


def test_complete_wins_over_hold():
    assert decision(in_course(**LOW, plan={"planned_cycles": 2})) == ("complete", ["eligibility"])


def test_hold_wins_over_undetermined():
    told = in_course(without=["platelets", "creatinine"], laboratory=LOW["laboratory"])
    found = next_cycle(told)
    assert (found["decision"], found["decided_by"]) == ("hold", ["haematological_toxicity"])
    assert "renal_toxicity" in found["open_questions"]
    assert open_questions_noticed(assessed(told)) == []


def test_undetermined_wins_over_proceeding_with_less():
    told = in_course(without=["platelets", "creatinine"], laboratory=RECOVERED["laboratory"])
    assert decision(told) == ("undetermined", ["renal_toxicity"])
    assert open_questions_noticed(assessed(told)) == []


def test_proceeding_with_less_wins_over_proceeding_and_tells_its_open_questions():
    answer = assessed(in_course(**RECOVERED, imaging=[]))
    assert answer["next_cycle"]["decision"] == "proceed_reduced"
    assert "mid_prrt_response" in answer["next_cycle"]["open_questions"]
    assert len(open_questions_noticed(answer)) == 1


# Days


@pytest.mark.parametrize(
    ("as_of", "earliest_on"),
    [
        ("2026-03-05", "2026-03-09"),  # before the window
        ("2026-03-08", "2026-03-09"),
        ("2026-03-09", "2026-03-09"),
        ("2026-03-10", "2026-03-10"),  # in it
        ("2026-03-23", "2026-03-23"),
    ],
)
def test_the_earliest_day_is_the_first_of_the_window_or_today(as_of, earliest_on):
    answer = assessed(in_course(as_of=as_of))
    assert answer["next_cycle"]["earliest_on"] == earliest_on
    assert not [notice for notice in answer["notices"] if "lies after its window" in notice]


def test_when_the_window_has_passed_a_notice_says_so():
    answer = assessed(in_course(as_of="2026-03-24"))
    assert answer["next_cycle"]["earliest_on"] == "2026-03-24"
    expected = "The earliest day of the next cycle, 2026-03-24, lies after its window, 2026-03-09 to 2026-03-23."
    assert expected in answer["notices"]


@pytest.mark.parametrize(
    ("given_on", "earliest_on", "late"),
    [
        ("2026-02-09", "2026-03-10", False),  # the pause was over yesterday
        ("2026-02-20", "2026-03-20", False),
        ("2026-02-23", "2026-03-23", False),  # the last day of the window
        ("2026-02-24", "2026-03-24", True),
    ],
)
def test_the_pause_after_an_analogue_postpones_the_earliest_day(given_on, earliest_on, late):
    answer = assessed(in_course(more=[analogue(given_on)]))
    found = answer["next_cycle"]
    assert (found["decision"], found["due_on"], found["earliest_on"]) == ("proceed", "2026-03-16", earliest_on)
    assert any("lies after its window" in notice for notice in answer["notices"]) is late


def test_while_it_is_held_no_day_is_the_earliest_and_none_is_too_late():
    answer = assessed(in_course(**LOW, more=[analogue("2026-03-09")]))
    assert (answer["next_cycle"]["decision"], answer["next_cycle"]["earliest_on"]) == ("hold", None)
    assert not [notice for notice in answer["notices"] if "lies after its window" in notice]


def test_while_it_is_undetermined_the_analogue_still_postpones_it():
    found = next_cycle(in_course(without=["creatinine"], more=[analogue("2026-02-20")]))
    assert (found["decision"], found["earliest_on"]) == ("undetermined", "2026-03-20")


def test_a_planned_date_in_a_course_does_not_move_the_due_date():
    found = next_cycle(in_course(plan={"planned_cycles": 4, "next_cycle_on": "2026-03-19"}))
    assert (found["due_on"], found["window"]) == ("2026-03-16", {"opens_on": "2026-03-09", "closes_on": "2026-03-23"})


def test_before_the_first_cycle_it_is_due_as_planned_and_has_no_window():
    assert settled(before_the_course()) == {
        "decision": "proceed",
        "cycle": 1,
        "due_on": "2026-03-16",
        "window": None,
        "earliest_on": "2026-03-10",
        "activity": {"value": 7.4, "unit": "GBq"},
        "decided_by": MUST_ANSWER,
    }


def test_before_the_first_cycle_the_analogue_postpones_it_and_no_window_is_missed():
    answer = assessed(before_the_course(treatments=[analogue("2026-03-02")]))
    assert answer["next_cycle"]["earliest_on"] == "2026-03-30"
    assert not [notice for notice in answer["notices"] if "lies after its window" in notice]


def test_before_the_first_cycle_without_a_date_nothing_is_due():
    found = next_cycle(before_the_course(plan={"agent": "lutetium_177_dotatate"}))
    assert (found["cycle"], found["due_on"], found["window"]) == (1, None, None)


def test_the_first_cycle_of_a_further_course_is_number_one():
    found = next_cycle(before_the_course(treatments=[cycle("2023-01-09"), cycle("2023-03-06")]))
    assert (found["cycle"], found["due_on"], found["window"]) == (1, "2026-03-16", None)


# Edotreotide has no labelled interval


def edotreotide(**plan):
    return in_course(plan={"agent": "lutetium_177_edotreotide", **plan}) | {
        "treatments": [cycle("2026-01-19", agent="lutetium_177_edotreotide")]
    }


def test_edotreotide_is_due_after_the_planned_interval_without_a_window():
    found = next_cycle(edotreotide(interval={"value": 10, "unit": "wk"}))
    assert (found["decision"], found["cycle"], found["due_on"], found["window"]) == ("proceed", 2, "2026-03-30", None)


def test_edotreotide_is_not_allowed_before_its_planned_interval():
    assert next_cycle(edotreotide(interval={"value": 10, "unit": "wk"}))["earliest_on"] == "2026-03-30"


def test_edotreotide_without_an_interval_is_due_on_no_known_day():
    found = next_cycle(edotreotide())
    assert (found["due_on"], found["window"], found["earliest_on"]) == (None, None, None)


def test_the_interval_of_edotreotide_is_asked_for():
    assert "plan.interval" in [asked["item"] for asked in assessed(edotreotide())["missing"]]


# Activity


@pytest.mark.parametrize(
    ("planned", "activity"),
    [
        ({"value": 200, "unit": "mCi"}, {"value": 7.4, "unit": "GBq"}),
        ({"value": 5550, "unit": "MBq"}, {"value": 5.55, "unit": "GBq"}),
    ],
)
def test_the_planned_activity_is_given(planned, activity):
    assert next_cycle(in_course(plan={"planned_cycles": 4, "planned_activity": planned}))["activity"] == activity


def test_the_reduced_activity_is_the_labelled_one_whatever_was_planned():
    told = in_course(**RECOVERED, plan={"planned_cycles": 4, "planned_activity": {"value": 5.55, "unit": "GBq"}})
    assert next_cycle(told)["activity"] == {"value": 3.7, "unit": "GBq"}


# It is derived from the verdicts, and from nothing else

RECORD = Record(
    id="made_up",
    claim="Claim",
    reviewed_on=date(2026, 3, 1),
    decisions=(
        Decision(id="none", situation="None", answer="not_applicable", next_cycle="absent"),
        Decision(id="back", situation="Back", answer="fires critical", next_cycle="stop"),
        Decision(id="over", situation="Over", answer="not_applicable", next_cycle="complete"),
        Decision(id="hold", situation="Hold", answer="fires critical"),
        Decision(id="open", situation="Open", answer="unknown", next_cycle="undetermined"),
        Decision(id="scan", situation="Scan", answer="unknown"),
        Decision(id="less", situation="Less", answer="fires warning", next_cycle="proceed_reduced"),
        Decision(id="look", situation="Look", answer="fires warning"),
        Decision(id="fine", situation="Fine", answer="clear"),
    ),
)
ANSWERS = {
    "none": not_applicable("none", note("So.")),
    "back": fires("back", "critical", "Stop.", note("So.")),
    "over": not_applicable("over", note("So.")),
    "hold": fires("hold", "critical", "Hold.", note("So.")),
    "open": unknown("open", "Tell.", Missing("inr", "Why.")),
    "scan": unknown("scan", "Scan.", Missing("imaging", "Why.")),
    "less": fires("less", "warning", "Less.", note("So.")),
    "look": fires("look", "warning", "Look.", note("So.")),
    "fine": clear("fine", note("So.")),
}
# The most restrictive first.
ORDER = {
    "none": None,
    "back": "stop",
    "over": "complete",
    "hold": "hold",
    "open": "undetermined",
    "less": "proceed_reduced",
    "scan": "proceed",
    "look": "proceed",
    "fine": "proceed",
}
SICK = facts_of(
    patient={"id": "demo-1", "sex": "female", "pregnant": True, "birth_date": "2020-01-01"},
    disease={"differentiation": "poor", "sstr_imaging": {"krenning_score": 0}},
    treatments=[cycle(day) for day in GIVEN],
    laboratory=[lab("platelets", 10, "10*9/L", NOW)],
    imaging=PROGRESSION,
)
DONE = facts_of(treatments=[cycle(day) for day in GIVEN], plan={"planned_cycles": 2})
NOBODY = facts_of(treatments=[])
UNTOLD = facts_of()


def verdicts(*rows):
    return [Verdict(f"rule_{number}", "Title", ANSWERS[row], RECORD) for number, row in enumerate(rows)]


@pytest.mark.parametrize("facts", [SICK, DONE, NOBODY, UNTOLD], ids=["sick", "done", "nobody", "untold"])
@pytest.mark.parametrize("one", ORDER)
@pytest.mark.parametrize("other", ORDER)
def test_the_more_restrictive_of_two_verdicts_decides_whoever_the_patient_is(one, other, facts):
    expected = ORDER[min(one, other, key=list(ORDER).index)]
    found = derive_next_cycle(verdicts(one, other), facts)
    assert (found and found.decision) == expected


def test_each_decision_names_the_rules_behind_it_in_their_order():
    assert derive_next_cycle(verdicts("fine", "back", "hold", "back"), SICK).decided_by == ("rule_1", "rule_3")
    assert derive_next_cycle(verdicts("hold", "over"), SICK).decided_by == ("rule_1",)
    assert derive_next_cycle(verdicts("open", "hold", "less", "hold"), SICK).decided_by == ("rule_1", "rule_3")
    assert derive_next_cycle(verdicts("scan", "open", "less"), SICK).decided_by == ("rule_1",)
    assert derive_next_cycle(verdicts("scan", "less", "look"), SICK).decided_by == ("rule_1",)
    assert list(derive_next_cycle(verdicts("scan", "look"), SICK).decided_by) == MUST_ANSWER


def test_open_questions_are_the_rules_that_are_unknown():
    assert derive_next_cycle(verdicts("scan", "fine", "open", "hold"), SICK).open_questions == ("rule_0", "rule_2")


def made_up(earliest_on, window):
    return NextCycle("proceed", 3, None, window, earliest_on, Quantity(Decimal("7.4"), "GBq"), ("a",), ())


def test_it_is_late_only_after_a_window():
    window = (date(2026, 3, 9), date(2026, 3, 23))
    assert not made_up(date(2026, 3, 23), window).is_late
    assert made_up(date(2026, 3, 24), window).is_late
    assert not made_up(None, window).is_late
    assert not made_up(date(2026, 3, 24), None).is_late


# What the rows of the rules mean


def rows(consequence):
    return {(rule.name, row.id) for rule in RULES for row in rule.evidence.decisions if row.next_cycle == consequence}


def test_exactly_four_rules_can_leave_it_undetermined_with_each_row_that_is_unknown():
    # something was found: it cannot be graded, or nobody told what it shows
    by_itself = {("other_toxicity", "not_judged"), ("mid_prrt_response", "newest_not_told")}
    unknown_rows = {
        (rule.name, row.id)
        for rule in RULES
        for row in rule.evidence.decisions
        if rule.name in MUST_ANSWER and row.answer == "unknown"
    }
    assert rows("undetermined") == unknown_rows | by_itself


def test_only_toxicity_stops_it_and_gives_less():
    four = {"haematological_toxicity", "renal_toxicity", "hepatic_toxicity", "other_toxicity"}
    assert rows("stop") == {(name, "stopped") for name in four}
    assert rows("proceed_reduced") == {(name, "resume") for name in four}


def test_only_eligibility_says_that_it_is_absent_or_complete():
    assert {name for name, _ in rows("absent") | rows("complete")} == {"eligibility"}
    assert ("eligibility", "no_prrt") in rows("absent")
    assert ("eligibility", "course_given") in rows("complete")


def test_what_stops_it_fires_critical_and_what_gives_less_fires_a_warning():
    answers = {(rule.name, row.id): row.answer for rule in RULES for row in rule.evidence.decisions}
    assert {answers[row] for row in rows("stop")} == {"fires critical"}
    assert {answers[row] for row in rows("proceed_reduced")} == {"fires warning"}


# The same table, computed again from the answer alone


def by_the_table(answer):
    found = {verdict["rule"]: verdict for verdict in answer["verdicts"]}
    toxicity = [found[name] for name in ("haematological_toxicity", "renal_toxicity", "hepatic_toxicity", "other_toxicity")]
    if found["eligibility"]["decision"] == "no_prrt":
        return None
    if any(verdict["decision"] == "stopped" for verdict in toxicity):
        return "stop"
    if found["eligibility"]["decision"] == "course_given":
        return "complete"
    if any(verdict["urgency"] == "critical" for verdict in found.values()):
        return "hold"
    if any(found[name]["status"] == "unknown" for name in MUST_ANSWER):
        return "undetermined"
    return "proceed_reduced" if any(verdict["decision"] == "resume" for verdict in toxicity) else "proceed"


@st.composite
def women(draw):
    counts = draw(st.sampled_from([{}, {}, LOW, RECOVERED, AGAIN]))
    absent = draw(st.sampled_from([[], [], ["creatinine"], ["alt"], ["platelets"]]))
    told = in_course(
        *draw(st.sampled_from([GIVEN, GIVEN[:1], GIVEN[1:], ("2023-01-09",)])),
        without=[*counts.get("without", []), *absent],
        laboratory=counts.get("laboratory"),
        patient=PERSON | {"pregnant": draw(st.sampled_from([False, False, False, True]))},
        plan={"planned_cycles": draw(st.sampled_from([4, 4, 2, 1]))},
        imaging=draw(st.sampled_from([STABLE, [], PROGRESSION])),
        as_of=draw(st.sampled_from(["2026-03-10", "2026-03-10", "2026-03-30", "2026-08-01"])),
        more=draw(st.sampled_from([[], [analogue("2026-02-24")]])),
    )
    not_told = draw(st.sampled_from(["nothing", "nothing", "treatments", "disease"]))
    return {key: value for key, value in told.items() if key != not_told}


@given(women())
@settings(max_examples=60, deadline=None)
def test_it_agrees_with_the_table_computed_from_the_answer(told):
    answer = assessed(told)
    found = answer.get("next_cycle")
    assert (found and found["decision"]) == by_the_table(answer)
    if found is None:
        return
    assert found["open_questions"] == [verdict["rule"] for verdict in answer["verdicts"] if verdict["status"] == "unknown"]
    assert (found["activity"] is not None) == found["decision"].startswith("proceed")
    assert found["decision"] not in ("stop", "complete", "hold") or found["earliest_on"] is None
    assert found["decided_by"]
    assert set(found["decided_by"]) <= {verdict["rule"] for verdict in answer["verdicts"]}


@pytest.mark.parametrize(("planned_on", "said"), [("2026-03-08", True), ("2026-03-09", False)])
def test_a_date_that_is_planned_before_the_window_is_noticed(planned_on, said):
    told = in_course(plan={"planned_cycles": 4, "next_cycle_on": planned_on}) | {"as_of": "2026-03-07"}
    notice = f"The next cycle is planned on {planned_on}, before its window opens on 2026-03-09."
    assert (notice in assessed(told)["notices"]) is said


def test_a_date_in_the_far_future_does_not_bring_the_next_cycle_nearer_to_the_last():
    told = before_the_course(plan={"planned_cycles": 4, "next_cycle_on": "2027-03-12"}) | {"treatments": [cycle("2026-03-07")]}
    assert next_cycle(told)["cycle"] == 1
    assert next_cycle(told)["earliest_on"] == "2026-04-25"
