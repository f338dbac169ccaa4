"""What several rules say alike: sentences and questions made from facts. No decision is taken here."""

from collections.abc import Callable, Iterable
from datetime import date

from service.evidence import CRITERIA, Parameter
from service.facts import Facts
from service.facts.exposure import LABELLED_AGENT, REDUCED_ACTIVITY
from service.facts.toxicity.episode import Reading, State
from service.facts.toxicity.families import Toxicity
from service.terminology.quantity import Quantity, days
from service.verdict import (
    Missing,
    Reason,
    above,
    at_least,
    at_most,
    below,
    note,
    recalled_mark,
)
from service.vocabulary import AGENT_NAMES, ANALYTE_NAMES

SEND_TREATMENTS = "Send the treatments given so far, or say that there were none."
END_TREATMENT = "Give no further dose: the label ends treatment for good."
RESUME_REDUCED = "Give the next dose with the reduced activity, and the one after it in full if no toxicity comes back."
NO_CYCLE = note("No cycle was given in this course; eligibility is judged instead.")
LABEL = CRITERIA["dose_modification"]
LONGEST_DELAY = {"us": LABEL["longest_delay"], "eu": LABEL["longest_interval"]}
ASKED_BEFORE_DUE = LABEL["asked_before_due"]
OLDEST = LABEL["oldest"]

# What is asked for where a plain condition of the patient was not told.
CONDITION_NOT_TOLD = {
    "pregnant": Missing("patient.pregnant", "Pregnancy was not told: it must be ruled out before every dose."),
    "breast_feeding": Missing("patient.breast_feeding", "Breast-feeding was not told: it must be ruled out before every dose."),
    "poorly_differentiated": Missing(
        "disease.differentiation", "Differentiation was not told: PRRT is for well-differentiated tumours."
    ),
    "discordant": Missing(
        "disease.sstr_imaging.fdg_positive_sstr_negative",
        "FDG-positive disease without SSTR uptake was not told: PRRT does not reach it.",
    ),
    "not_all_positive": Missing(
        "disease.sstr_imaging.all_lesions_positive",
        "Whether every lesion has uptake was not told: PRRT does not reach those without.",
    ),
    "hydronephrosis": Missing(
        "comorbidities", "Carcinoid heart disease, hydronephrosis and bowel obstruction were not told: they ask for care."
    ),
    "brain_metastases": Missing("disease.metastases", "Brain metastases were not told: they ask for care."),
    "primary_outside_the_label": Missing(
        "disease.primary_site", "The primary site was not told: the label is for gastroenteropancreatic tumours."
    ),
    "functional_syndrome": Missing("disease.functional_syndrome", "A functional syndrome was not told: it asks for preparation."),
    "well_differentiated_grade_3": Missing(
        "disease.grade", "The grade was not told: the labels and the evidence differ by grade."
    ),
}

# How the label compares each criterion that is no CTCAE grade.
_COMPARED: dict[str, tuple[str, Callable[[Quantity, Parameter, str], Reason]]] = {
    "creatinine_rise": ("Change of creatinine against the baseline", at_least),
    "clearance_low": ("Creatinine clearance", below),
    "clearance_fall": ("Change of creatinine clearance against the baseline", at_most),
    "bilirubin": ("Bilirubin", above),
    "liver_synthesis": ("Albumin", below),
}


def by_analogy(facts: Facts, what: str = "label") -> tuple[str, ...]:
    """The caveat that the label, or the study, is of another agent than this patient's."""
    agent = facts.exposure.agent
    if agent is None or agent == LABELLED_AGENT:
        return ()
    return (f"The {what} is of Lu-177 DOTATATE, applied to {AGENT_NAMES[agent]} by analogy.",)


def reading_told(reading: Reading) -> Reason:
    """What one reading says, compared with the label's threshold."""
    on = str(reading.on)
    remark = f", {reading.remark}" if reading.remark else ""
    graded = f", {reading.grade}" if reading.grade else ""
    if reading.triggers is None:
        remark = f"{remark}; it cannot be judged"
    if reading.criterion in _COMPARED and reading.observed is not None and reading.threshold is not None:
        label, compare = _COMPARED[reading.criterion]
        compared = compare(reading.observed, reading.threshold, f"{label} on {on}{remark}{graded}:")
        return Reason(compared.said, bool(reading.triggers), compared.observed, compared.number)
    value = f" {reading.observed.words}" if reading.observed is not None else ""
    day = "" if on in reading.criterion else f" on {on}"  # an event is named with its day
    statement = f"{_named(reading.criterion)}{value}{day}{graded}{remark}."
    return Reason(statement, bool(reading.triggers), reading.observed, reading.threshold)


def _named(what: str) -> str:
    """An analyte, a toxicity or an event at the beginning of a sentence."""
    name = ANALYTE_NAMES.get(what) or what.replace("_", " ")
    return f"{name[0].upper()}{name[1:]}"


def standing(toxicity: Toxicity, facts: Facts) -> tuple[Reason, ...]:
    """Where one toxicity stands, and why."""
    episode = toxicity.episode
    why = [reading_told(reading) for reading in episode.open]
    before = episode.trigger if episode.state in ("reduced", "full") else None
    why += [reading_told(before)] if before else []
    why += [reading_told(reading) for reading in toxicity.latest if reading not in (*episode.open, before)]
    return (*why, *_because(toxicity, facts))


def standing_in(state: State, toxicities: Iterable[Toxicity], facts: Facts) -> tuple[Reason, ...]:
    """Where those toxicities stand that are in this state."""
    return tuple(reason for each in toxicities if each.episode.state == state for reason in standing(each, facts))


def _because(toxicity: Toxicity, facts: Facts) -> tuple[Reason, ...]:
    if toxicity.episode.state == "none":
        return ()
    episode, limit = toxicity.episode, LONGEST_DELAY[facts.jurisdiction]
    name, since = _named(toxicity.name), episode.since
    if toxicity.from_earlier_course and episode.state == "stopped":
        return (note(f"{name}: treatment was to end for good in an earlier course, on {since}."),)
    if toxicity.from_earlier_course:
        return (note(f"{name}: withheld since {since}, in an earlier course; no recovery is known."),)
    if episode.stopped_for == "delay" and episode.last_dose:
        longest = f"{limit.words}{recalled_mark(limit)}"
        due = f"unresolved on {episode.last_dose.next_due_on}, when the next dose was due, no recovery known by {since}"
        return (note(f"{name}: {due}; the label's limit is {longest}.", limit),)
    told = {
        "recurrence": f"it came back on {since}, after a dose that followed recovery; the label ends treatment then",
        "severity": "of this grade it ends treatment at its first occurrence; do not rechallenge",
        "held": f"withheld since {since}; not yet recovered",
        "reduced": f"recovered on {since}; no dose was given since",
        "full": "it occurred earlier in this course; a dose was given after recovery, and the same again would be a recurrence",
    }.get(episode.stopped_for or episode.state)
    return (note(f"{name}: {told}."),) if told else ()


def treatments_not_told(facts: Facts) -> Missing:
    """The question for cycles of which none, or not all, are told."""
    cycles = facts.exposure.all_cycles
    if not cycles:
        return Missing("treatments", "The treatments given so far were not told.")
    told = f"{len(cycles)} cycles were" if len(cycles) > 1 else "1 cycle was"
    return Missing("treatments", f"{told} told, the last of {cycles[-1].given_on}; whether there was another was not told.")


def response_not_told(facts: Facts, on: date) -> Missing:
    """The question for imaging that is newer than every response that is known.

    Imaging without a date that can be right stands under the day of the question.
    """
    which = f"imaging of {on}" if on < facts.as_of else "newest imaging, undated or dated today or later,"
    return Missing("imaging", f"What the {which} showed was not told; it is newer than any response that is known.")


def reduced_dose() -> Reason:
    """The activity with which the label resumes."""
    activity = REDUCED_ACTIVITY.words
    return note(f"After recovery the label resumes with {activity}{recalled_mark(REDUCED_ACTIVITY)}.", REDUCED_ACTIVITY)


def last_since_cycle(facts: Facts, analyte: str) -> date | None:
    """The day of the last value after the last cycle: what was taken before a dose does not allow the next."""
    latest, cycle_on = facts.blood[analyte].latest, facts.exposure.last_cycle_on
    return latest.taken_on if latest and cycle_on and latest.taken_on > cycle_on else None


def asked_afresh(facts: Facts, item: str, last_on: date | None) -> tuple[Missing, ...]:
    """The question for a value that is absent since the last cycle, or too old for the next dose."""
    if last_on is None:
        return (Missing(item, f"No value of {ANALYTE_NAMES.get(item, item)} is known since the last cycle."),)
    return too_old(facts, item, last_on)


def too_old(facts: Facts, item: str, last_on: date) -> tuple[Missing, ...]:
    """The question for a value that is too old for the next dose; not asked long before that."""
    if not facts.awaited.cycles:
        return ()
    dose_on = facts.awaited.dose_on
    next_on = dose_on or facts.as_of
    if days(last_on, next_on).minus(OLDEST.value) <= 0 or days(facts.as_of, next_on).minus(ASKED_BEFORE_DUE.value) > 0:
        return ()
    oldest = OLDEST.words
    name = ANALYTE_NAMES.get(item, item)
    when = f"the next dose ({next_on})" if dose_on else f"{next_on}; no date is known for the next dose"
    return (Missing(item, f"The last value of {name}, of {last_on}, is more than {oldest} older than {when}."),)


def withhold(facts: Facts, what: str) -> str:
    """The advice under a hold; after the last cycle there is no dose to withhold."""
    if facts.awaited.cycles:
        return f"Withhold the next dose and repeat {what} until recovered."
    return f"Repeat {what} within days until recovered, and refer the patient if it does not recover: it outlasts the course."
