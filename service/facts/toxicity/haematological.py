"""Platelets, haemoglobin and neutrophils of one course, as readings of the dose modification.

A transfusion counts as grade 3 anaemia (CTCAE: "transfusion indicated"), and so does every haemoglobin
that was taken within the window after it. Doubt: red cells are assumed unless the detail says platelets; for
those the same window is taken.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from service.evidence import CRITERIA, Parameter
from service.facts.blood import Blood, History
from service.facts.toxicity.episode import Reading
from service.patient.findings import Event
from service.terminology.quantity import Quantity, days
from service.terminology.units import MEASURANDS

LABEL = CRITERIA["dose_modification"]
TRANSFUSION_WINDOW = LABEL["transfusion_window"]
EARLIER_VERSION = "5.0"
HELD_FROM: dict[str, Parameter] = {
    "platelets": LABEL["thrombocytopenia_grade"],
    "haemoglobin": LABEL["anaemia_grade"],
    "neutrophils": LABEL["neutropenia_grade"],
}


def graded(history: History, held_from: Parameter) -> Iterator[Reading]:
    """Every sample of the course, judged by its CTCAE grade."""
    held_grade, unit = int(held_from.value), MEASURANDS[history.analyte].unit
    for sample in history.during_course:
        grade = history.grade_of(sample)
        triggers = grade.at_least(held_grade) if grade else None
        observed = Quantity(sample.limits.value, unit)
        recovered = None if triggers is None else not triggers
        yield Reading(sample.taken_on, history.analyte, triggers, recovered, observed, held_from, grade)


def thrombocytopenia(blood: Blood, transfused_on: list[date]) -> Iterator[Reading]:
    """Platelets; transfused ones show neither that there is no toxicity nor that it has recovered."""
    for reading in graded(blood["platelets"], HELD_FROM["platelets"]):
        hidden_by = [day for day in transfused_on if day <= reading.on and _within_the_window(day, reading.on)]
        if not hidden_by:
            yield reading
            continue
        remark = f"platelets were transfused on {hidden_by[-1]}"
        yield reading._replace(triggers=reading.triggers or None, recovered=False, remark=remark)


def anaemia(blood: Blood, transfused_on: list[date], until: date) -> Iterator[Reading]:
    """Haemoglobin, with the transfusions that hide its grade."""
    readings = list(graded(blood["haemoglobin"], HELD_FROM["haemoglobin"]))
    for reading in readings:
        hidden_by = [day for day in transfused_on if day <= reading.on and _within_the_window(day, reading.on)]
        yield _transfused(reading.on, hidden_by[-1], reading.observed) if hidden_by else reading
    for day in transfused_on:
        yield _transfused(day, day, None)
    # with no haemoglobin at all an old transfusion leaves a question, not a toxicity that never recovers
    if transfused_on and not readings and not _within_the_window(transfused_on[-1], until):
        passed = transfused_on[-1] + timedelta(days=int(TRANSFUSION_WINDOW.value) + 1)
        yield Reading(passed, "haemoglobin", None, True, remark="no haemoglobin is known since the transfusion")


def _within_the_window(transfused_on: date, day: date) -> bool:
    return days(transfused_on, day).minus(TRANSFUSION_WINDOW.value) <= 0


def _transfused(day: date, transfused_on: date, observed: Quantity | None) -> Reading:
    remark = f"a transfusion on {transfused_on} counts as grade 3"
    return Reading(day, "haemoglobin", True, False, observed, TRANSFUSION_WINDOW, remark=remark)


def milder_neutropenia(blood: Blood) -> Reading | None:
    """The latest neutrophils, if CTCAE 5.0 would withhold the dose and the version in use does not."""
    threshold = HELD_FROM["neutrophils"]
    if blood["neutrophils"].ctcae_version == EARLIER_VERSION:
        return None
    now = list(graded(blood["neutrophils"], threshold))[-1:]
    then = list(graded(blood["neutrophils"].graded_by(EARLIER_VERSION), threshold))[-1:]
    return then[0] if then and then[0].triggers and not now[0].triggers else None


def transfusions(events: tuple[Event, ...], after: date, until: date, *, of_platelets: bool) -> list[date]:
    """The days of transfusions in a course: of platelets, or of anything else."""
    those = (event for event in events if event.kind == "transfusion" and _of_platelets(event) == of_platelets)
    return sorted({event.occurred_on for event in those if after < event.occurred_on <= until})


def _of_platelets(event: Event) -> bool:
    return "platelet" in (event.detail or "").lower()
