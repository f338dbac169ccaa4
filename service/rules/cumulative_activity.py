"""Cumulative-activity target: 29.6 GBq of Lu-177 DOTATATE in a first course.

The study's hazard ratios are associations. Only a patient who lives, does not progress and
stays fit for treatment can reach the target (immortal time): this rule may state a shortfall,
and may never advise more than the label, a shorter interval, or a cycle against toxicity.

A toxicity hold or stop in force explains a shortfall before anything else does. A cycle at 3.7 GBq
counts as a labelled reduction.

Doubt: "the remaining cycles reach it" has the same 5 % tolerance as "reached".
"""

from service.evidence import CRITERIA, load
from service.facts import Facts
from service.facts.exposure import Exposure, activities, earliest_completion, reached_on, total, withheld
from service.phrases import SEND_TREATMENTS, treatments_not_told
from service.terminology.quantity import Quantity
from service.verdict import (
    Answer,
    Missing,
    Reason,
    above,
    at_least,
    cite,
    clear,
    fires,
    not_applicable,
    note,
    recalled_mark,
    rule,
    unknown,
)
from service.vocabulary import AGENT_NAMES

EVIDENCE = load(__name__)
TARGET = EVIDENCE["target"]
UPPER_BOUND = EVIDENCE["upper_bound"]
LOWER_BOUND = EVIDENCE["lower_bound"]
STUDY = (cite(EVIDENCE.finding("progression_free_survival")), cite(EVIDENCE.finding("overall_survival")))
FURTHER_COURSE = cite(EVIDENCE.finding("activity_of_a_further_course"))
REDUCED_ACTIVITY = CRITERIA["course"]["reduced_activity"]
AGENT = "lutetium_177_dotatate"
CAVEATS = (
    "Association, not effect: only patients who live and do not progress long enough can reach the target (immortal time).",
    "Never a reason to exceed the label, to shorten an interval or to override toxicity.",
)
OTHER_PATIENTS = "The study's patients had skeletal metastases; of this patient none are known."


@rule("Cumulative-activity target", evidence=EVIDENCE)
def cumulative_activity(facts: Facts) -> Answer:
    """Compare the sum of the current course, and what is still planned, with the target."""
    exposure = facts.exposure
    if not exposure.cycles_told:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    if exposure.agent is None and exposure.planned:
        missing = Missing("plan.agent", "The planned agent was not told: the target belongs to Lu-177 DOTATATE alone.")
        return unknown("agent_not_told", "Name the planned agent.", missing)
    if exposure.agent != AGENT:
        return not_applicable("another_agent", note(_whose_target(exposure)))
    without = ", ".join(str(cycle.given_on) for cycle in exposure.cycles_of(AGENT) if cycle.activity is None)
    if without:
        missing = Missing("treatments.activity", f"The activity of the cycle of {without} was not told.")
        return unknown("activity_not_told", f"Send the activity of the cycle of {without}.", missing)
    given = total(activities(exposure.current_of(AGENT)))
    sums = _sums(exposure, given)
    caveats = CAVEATS if facts.bone.metastases else (*CAVEATS, OTHER_PATIENTS)
    if exposure.earlier:
        advice = "Judge a further course by retreatment evidence, not by the target of a first course."
        return fires("further_course", "info", advice, *sums, FURTHER_COURSE, *STUDY, caveats=caveats)
    exceeded = above(given, UPPER_BOUND, "Cumulative activity")
    if exceeded:
        advice = "Confirm that exceeding the labelled total is intended."
        return fires("above_target", "warning", advice, exceeded, *sums, *STUDY, caveats=caveats)
    still_planned = exposure.remaining_activities(next_is_reduced=facts.toxicity.next_is_reduced)
    course = (*activities(exposure.current_of(AGENT)), *still_planned)
    exceeds = above(total(course), UPPER_BOUND, "Activity given and still planned")
    if exposure.planned and exceeds:
        advice = "Confirm that a plan above the labelled total is intended; the label is four doses."
        return fires("plan_exceeds", "warning", advice, exceeds, *sums, *STUDY, caveats=caveats)
    reached = at_least(given, LOWER_BOUND, "Cumulative activity")
    if reached:
        day = reached_on(exposure.current_of(AGENT), LOWER_BOUND.value)
        return clear("reached", reached, note(f"The target of {_target()} was reached on {day}."), *sums)
    return _below(facts, course, (reached, *sums), caveats)


def _below(facts: Facts, course: tuple[Quantity, ...], why: tuple[Reason, ...], caveats: tuple[str, ...]) -> Answer:
    """The target is not reached: because of a reduction, the end of the plan, or not yet."""
    exposure = facts.exposure
    planned = total(course)
    if facts.toxicity.in_force:
        advice = "Do not let the target override the toxicity that withholds the dose."
        in_force = note(f"Withheld or stopped for: {', '.join(each.name for each in facts.toxicity.in_force)}.")
        return fires("held", "info", advice, *why, in_force, *STUDY, caveats=caveats)
    reaches = at_least(planned, LOWER_BOUND, "Activity given and still planned")
    explained = None if reaches else _with_full_doses(course, planned)
    if explained:
        advice = "Do not make up for a labelled dose reduction; the target does not override it."
        return fires("reduced", "info", advice, *why, reaches, explained, _reduction(), *STUDY, caveats=caveats)
    if not exposure.remaining_cycles:
        advice = "Record the shortfall; do not give a further cycle on this ground alone."
        ended = note(f"All {exposure.planned_cycles} planned cycles were given, {_short_of_target(planned)}.")
        return fires("course_given", "info", advice, *why, ended, *STUDY, caveats=caveats)
    if reaches:
        advice = "Give the remaining cycles only as the other rules allow; with them the labelled total is reached."
        dated, missing = _completion(facts)
        return fires("plan_reaches", "info", advice, *why, reaches, dated, *STUDY, caveats=caveats, missing=missing)
    advice = "Confirm at the board that a plan below the labelled total is intended; add no dose on this ground alone."
    ends = note(f"The plan ends {_short_of_target(planned)}. The label is four doses; more are never advised.")
    return fires("plan_falls_short", "warning", advice, *why, reaches, ends, *STUDY, caveats=caveats)


def _with_full_doses(course: tuple[Quantity, ...], planned: Quantity) -> Reason:
    full = Quantity(planned.amount + withheld(course).amount, planned.unit)
    return at_least(full, LOWER_BOUND, "Activity with full instead of reduced doses")


def _short_of_target(planned: Quantity) -> str:
    return f"{Quantity(TARGET.value - planned.amount, planned.unit).words} short of {_target()}"


def _reduction() -> Reason:
    reduced = REDUCED_ACTIVITY.words
    return note(f"A dose of {reduced} counts as reduced by the label{recalled_mark(REDUCED_ACTIVITY)}.", REDUCED_ACTIVITY)


def _target() -> str:
    return TARGET.words


def _whose_target(exposure: Exposure) -> str:
    if exposure.agent is None:
        return "No Lu-177 DOTATATE was given and none is planned."
    return f"The target belongs to Lu-177 DOTATATE; the agent here is {AGENT_NAMES[exposure.agent]}."


def _sums(exposure: Exposure, given: Quantity) -> tuple[Reason, ...]:
    course, lifetime = exposure.current_of(AGENT), exposure.cycles_of(AGENT)
    in_lifetime = total(activities(lifetime)).words
    given_here = f"Cycles given in this course: {len(course)}, {given.words} of Lu-177 DOTATATE"
    stated = note(f"{given_here}; in a lifetime {in_lifetime}.", observed=given)
    if len(lifetime) == len(exposure.all_cycles):
        return (stated,)
    return (stated, note("Cycles of another radiopharmaceutical are not in these sums."))


def _completion(facts: Facts) -> tuple[Reason, tuple[Missing, ...]]:
    exposure = facts.exposure
    assumed = "" if exposure.planned else " (assumed; no plan was told)"
    each = exposure.planned_activity.words
    remain = f"Cycles that remain: {exposure.remaining_cycles} of {exposure.planned_cycles}{assumed}, {each} each"
    last = earliest_completion(exposure, facts.as_of)
    if last is None:
        first = Missing(
            "plan.next_cycle_on", "The date of the first cycle was not told: it gives the earliest date of completion."
        )
        return note(f"{remain}."), (first,)
    asked = () if exposure.planned else (Missing("plan", "No plan was told; that cycles remain is assumed from the label."),)
    return note(f"{remain}; at the labelled interval they are complete on {last} at the earliest."), asked
