"""Follow-up after I-131 MIBG: what was found in symptoms, biochemistry and imaging, and what is due?

The study's differences are of median survival by the response at the first follow-up. They are associations seen in
those who lived until then: they are shown with what was recorded, and never as the effect of a response.

Doubt: the last treatment counts, because a follow-up is owed after each; of earlier ones only their number is said.
Anything recorded after it counts, and what is later than the first follow-up is said to be so. Of chromogranin A and
5-HIAA the change is reported and no category is computed, because the study's cut-offs are not told. Progression found
at any time after treatment counts, also when a later record is better. What is overdue is asked for before anything
is said of several treatments.
"""

from datetime import date

from service.evidence import load
from service.facts import Facts
from service.facts.mibg import Marker, Mibg, Recorded, latest
from service.phrases import SEND_TREATMENTS, treatments_not_told
from service.terminology.quantity import count, months_after, readable
from service.terminology.units import MEASURANDS
from service.verdict import (
    Answer,
    Missing,
    Reason,
    above,
    cite,
    clear,
    fires,
    not_applicable,
    note,
    rule,
    together,
    unknown,
)

EVIDENCE = load(__name__)
DUE_FROM = EVIDENCE["due_from"]
DUE_UNTIL = EVIDENCE["due_until"]
SEVERAL = EVIDENCE["several"]
SYMPTOMS = cite(EVIDENCE.finding("symptomatic_response"))
BIOCHEMISTRY = cite(EVIDENCE.finding("biochemical_response"))
IMAGING = cite(EVIDENCE.finding("imaging_response"))
SEVERAL_TREATMENTS = cite(EVIDENCE.finding("several_treatments"))
ASSESS = "Assess symptoms, chromogranin A or 5-HIAA against the value before, and imaging after I-131 MIBG."
MARKERS: dict[str, str] = {"chromogranin_a": "Chromogranin A", "five_hiaa": "5-HIAA"}
LANDMARK = "A response is only known in those who lived to the first follow-up: these are associations, not effects."
LONGER = (
    "The difference by biochemistry cannot hold around the median survival of the whole study: "
    "those evaluable must have lived longer."
)
GUARANTEE_TIME = "Only those who lived long enough could be treated again (guarantee time): no reason for a further treatment."


@rule("Follow-up after I-131 MIBG", evidence=EVIDENCE)
def mibg_follow_up(facts: Facts) -> Answer:
    """Judge what was recorded after the last I-131 MIBG."""
    mibg = facts.mibg
    if not facts.exposure.cycles_told:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    if not mibg.given_on:
        return not_applicable("no_mibg", note("No I-131 MIBG was given."))
    recorded = (*_symptoms(mibg), *_biochemistry(mibg), *_imaging(mibg))
    if not recorded:
        return _nothing_recorded(facts)
    missing = _missing(mibg)
    progression = (*_progression("Biochemistry", mibg.biochemistry), *_progression("Imaging", mibg.imaging))
    if progression:
        advice = "Review further treatment: there is progression after I-131 MIBG."
        ground = fires("progression", "warning", advice, *progression, *recorded, caveats=_caveats(mibg), missing=missing)
    else:
        advice = f"Weigh the recorded response at the board as an association{', and complete the follow-up' if missing else ''}."
        ground = fires("recorded", "info", advice, *recorded, caveats=_caveats(mibg), missing=missing)
    return together(ground, *_several(mibg))


def _nothing_recorded(facts: Facts) -> Answer:
    """Not due yet, due, or overdue."""
    mibg = facts.mibg
    due_from, due_until = months_after(mibg.last_on, int(DUE_FROM.value)), _due_until(mibg)
    given = note(f"I-131 MIBG was last given on {mibg.last_on}; nothing was recorded since.")
    if facts.as_of > due_until:
        overdue = note(f"The first follow-up was due until {due_until}.", DUE_UNTIL)
        why = [reason for ground in _several(mibg) for reason in (*ground.reasons, *map(note, ground.caveats))]
        return unknown("overdue", ASSESS, *_missing(mibg), reasons=(given, overdue, *why))
    when = note(f"The first follow-up is due from {due_from} to {due_until}.", DUE_FROM)
    if facts.as_of >= due_from:
        return together(fires("due", "info", ASSESS, given, when, missing=_missing(mibg)), *_several(mibg))
    several = _several(mibg, given, when)
    return together(*several) if several else clear("not_due", given, when)


def _due_until(mibg: Mibg) -> date:
    return months_after(mibg.last_on, int(DUE_UNTIL.value))


def _several(mibg: Mibg, *before: Reason) -> tuple[Answer, ...]:
    """The ground that I-131 MIBG was given more than once."""
    several = above(count(len(mibg.given_on)), SEVERAL, "Number of I-131 MIBG treatments")
    if not several:
        return ()
    advice = "Do not read longer survival after several treatments as their effect."
    return (fires("several_treatments", "info", advice, *before, several, SEVERAL_TREATMENTS, caveats=(GUARANTEE_TIME,)),)


def _symptoms(mibg: Mibg) -> tuple[Reason, ...]:
    last = latest(mibg.symptoms)
    if last is None:
        return ()
    if last.word == "none":
        return (note(f"Symptoms on {last.on}: none."),)
    return (note(f"Symptoms on {last.on}: {last.word}."), SYMPTOMS)


def _biochemistry(mibg: Mibg) -> tuple[Reason, ...]:
    last = latest(mibg.biochemistry)
    judged = (note(f"Biochemistry on {last.on}: {last.word}."),) if last else ()
    changes = tuple(_change(marker) for marker in mibg.markers)
    return (*judged, *changes, BIOCHEMISTRY) if judged or changes else ()


def _change(marker: Marker) -> Reason:
    """The change of one marker, without a category."""
    before, after = (readable(sample.limits.value) for sample in (marker.before, marker.after))
    name, unit = MARKERS[marker.analyte], MEASURANDS[marker.analyte].unit
    values = f"{before} {unit} on {marker.before.taken_on}, {after} {unit} on {marker.after.taken_on}"
    statement = f"{name}: {values}, a change of {marker.change.words}; no category is computed."
    return note(statement, observed=marker.change)


def _imaging(mibg: Mibg) -> tuple[Reason, ...]:
    last = latest(mibg.imaging)
    return (note(f"Imaging on {last.on}: {_words(last)}."), IMAGING) if last else ()


def _progression(kind: str, told: tuple[Recorded, ...]) -> tuple[Reason, ...]:
    """The last progression of one kind, if there was any."""
    last = latest(each for each in told if each.is_progression)
    return (note(f"{kind} showed progression on {last.on}."),) if last else ()


def _words(recorded: Recorded) -> str:
    return "non-CR/non-PD" if recorded.word == "non_cr_non_pd" else recorded.word.replace("_", " ")


def _caveats(mibg: Mibg) -> tuple[str, ...]:
    other, until, first = mibg.other_treatment_on, mibg.recorded_until or mibg.last_on, _due_until(mibg)
    told = {
        f"Another treatment was given on {other}; what was recorded after it is not of I-131 MIBG alone.": (
            other is not None and until > other
        ),
        f"Not everything here is of the first follow-up (until {first}), to which the study's differences belong.": until > first,
        "Value before and after came with different limits; the change may be due to the method.": any(
            not marker.same_limit for marker in mibg.markers
        ),
        LANDMARK: True,
        LONGER: bool(mibg.biochemistry or mibg.markers),
    }
    return tuple(caveat for caveat, holds in told.items() if holds)


def _missing(mibg: Mibg) -> tuple[Missing, ...]:
    last = mibg.last_on
    asked: list[Missing] = []
    if not mibg.symptoms:
        asked.append(Missing("symptoms.response", f"No response of symptoms was told since I-131 MIBG of {last}."))
    if not mibg.biochemistry and not mibg.markers:
        asked += [
            Missing(analyte, f"A value before I-131 MIBG of {last} was not told: later ones are compared with it.")
            for analyte in mibg.without_before
        ] or [Missing("chromogranin_a", f"Neither chromogranin A nor 5-HIAA was told since I-131 MIBG of {last}.")]
    if not mibg.imaging:
        asked.append(Missing("imaging", f"No response on imaging was told since I-131 MIBG of {last}."))
    return tuple(asked)
