"""What is to be measured and imaged, when it was last done, and when it is due next.

During a course: blood counts in their rhythm, CT or MRI after an early cycle. Before a dose:
fresh blood count, creatinine and liver panel. After a course: blood counts, CT or MRI, SSTR PET.

Doubt: an examination up to 14 days before a day of follow-up counts for that day.

Doubt: CT or MRI after cycle 2 is due when cycle 3 is, and is asked for as long before as what
that dose needs. A study without its modality is neither CT nor MRI nor PET.

Doubt: every 4 weeks for three months, of the EU label, are three counts; its half-yearly counts
are reckoned from the end of the three months.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from service.evidence import CRITERIA, Parameter
from service.facts.awaited import Awaited
from service.facts.blood import Blood
from service.facts.exposure import Exposure
from service.patient import PatientState
from service.terminology.quantity import months_after, weeks
from service.vocabulary import Jurisdiction

FOLLOW_UP = CRITERIA["follow_up"]
FRESH = FOLLOW_UP["fresh"]
ASKED_BEFORE_DOSE = FOLLOW_UP["asked_before_dose"]
COUNTS_EARLY = FOLLOW_UP["counts_early"]
BLOOD_COUNT_IN_COURSE = FOLLOW_UP["blood_count_in_course"]
IMAGING_AFTER_CYCLE = FOLLOW_UP["imaging_after_cycle"]
BLOOD_COUNTS = (FOLLOW_UP["blood_count_first"], FOLLOW_UP["blood_count_second"], FOLLOW_UP["blood_count_third"])
YEARLY = FOLLOW_UP["blood_count_yearly"]
EU_BLOOD_COUNT = FOLLOW_UP["eu_blood_count"]
EU_SOON = FOLLOW_UP["eu_soon"]
EU_BLOOD_COUNT_LATER = FOLLOW_UP["eu_blood_count_later"]
IMAGING = (FOLLOW_UP["imaging_first"], FOLLOW_UP["imaging_second"])
SSTR_PET = (FOLLOW_UP["sstr_pet"],)

PANELS = {
    "blood count": ("platelets", "haemoglobin", "neutrophils"),
    "creatinine": ("creatinine",),
    "liver panel": ("bilirubin", "albumin"),
}
Points = Iterator[tuple[date, Parameter]]


@dataclass(frozen=True, slots=True)
class Done:
    """One kind of examination and when it was last done."""

    name: str
    told: bool  # whether the list that it would stand in was told
    on: date | None
    lacking: tuple[str, ...] = ()  # analytes of a panel that were never measured

    @property
    def title(self) -> str:
        """The name at the beginning of a sentence."""
        return f"{self.name[0].upper()}{self.name[1:]}"


@dataclass(frozen=True, slots=True)
class Item:
    """One examination: when it was last done, when it is due next, and from when it is asked for."""

    done: Done
    due_on: date | None  # None: nothing more is scheduled, or no date follows
    asked_on: date | None  # None: nothing is to be done
    by: Parameter
    for_dose: bool = False  # whether the next dose needs it

    def is_due(self, on: date) -> bool:
        """Whether it is asked for on that day."""
        return self.asked_on is not None and self.asked_on <= on


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Every examination that is followed."""

    items: tuple[Item, ...]
    awaits_dose: bool
    dose_on: date | None
    without_modality: date | None  # the last study of which the modality was not told


def derive_follow_up(
    state: PatientState, exposure: Exposure, awaited: Awaited, blood: Blood, jurisdiction: Jurisdiction
) -> FollowUp:
    """What is due before the next dose, in the current course, and after the last one that is over."""
    awaits_dose, dose_on = awaited.cycles > 0, awaited.dose_on
    panels = [_panel(state, blood, name) for name in PANELS]
    before_dose = [_before(dose_on, panel) for panel in panels] if awaits_dose else []
    others: list[Item] = []
    if awaits_dose and exposure.current:
        others = [_rhythm(exposure.current[0].given_on, panels[0]), *_imaging_in_course(state, exposure, dose_on)]
    elif exposure.all_cycles:
        others = list(_after_course(state, exposure.all_cycles[-1].given_on, panels[0], jurisdiction))
    followed = {item.done.name for item in others}
    needed = [item for item in before_dose if item.is_due(state.as_of) or item.done.name not in followed]
    kept = [item for item in others if item.done.name not in {each.done.name for each in needed}]
    studies = [study.performed_on for study in state.imaging or () if study.modality is None]
    return FollowUp((*needed, *kept), awaits_dose, dose_on, max(studies, default=None))


def _panel(state: PatientState, blood: Blood, name: str) -> Done:
    """The oldest of the latest values of a panel: on that day the panel was last complete."""
    latest = {analyte: blood[analyte].latest for analyte in PANELS[name]}
    taken_on = [sample.taken_on for sample in latest.values() if sample]
    lacking = tuple(analyte for analyte, sample in latest.items() if sample is None)
    return Done(name, state.laboratory is not None, None if lacking else min(taken_on), lacking)


def _before(dose_on: date | None, panel: Done) -> Item:
    """A panel that must be fresh on the day of the dose."""
    fresh = panel.on is not None and dose_on is not None and weeks(panel.on, dose_on).minus(FRESH.value) <= 0
    asked_on = None if fresh or dose_on is None else dose_on - _days(ASKED_BEFORE_DOSE)
    return Item(panel, dose_on, asked_on, FRESH, for_dose=True)


def _rhythm(started_on: date, panel: Done) -> Item:
    """Blood counts during a course, from its first dose on."""
    due_on = max(started_on, panel.on or started_on) + timedelta(weeks=int(BLOOD_COUNT_IN_COURSE.value))
    return Item(panel, due_on, due_on, BLOOD_COUNT_IN_COURSE)


def _imaging_in_course(state: PatientState, exposure: Exposure, dose_on: date | None) -> Iterator[Item]:
    number = int(IMAGING_AFTER_CYCLE.value)
    if len(exposure.current) < number:
        return
    cycle, done = exposure.current[number - 1], _ct_or_mri(state)
    if done.on is not None and done.on > cycle.given_on:
        yield Item(done, None, None, IMAGING_AFTER_CYCLE)
        return
    due_on = exposure.due_after(cycle) or dose_on
    yield Item(done, due_on, due_on - _days(ASKED_BEFORE_DOSE) if due_on else None, IMAGING_AFTER_CYCLE)


def _after_course(state: PatientState, last_dose_on: date, blood_count: Done, jurisdiction: Jurisdiction) -> Iterator[Item]:
    counts = _eu_blood_counts(last_dose_on) if jurisdiction == "eu" else _blood_counts(last_dose_on)
    yield _scheduled(blood_count, counts, YEARLY)
    yield _scheduled(_ct_or_mri(state), _points(last_dose_on, IMAGING), IMAGING[-1])
    yield _scheduled(_sstr_pet(state), _points(last_dose_on, SSTR_PET), SSTR_PET[-1])


def _scheduled(done: Done, points: Points, last: Parameter) -> Item:
    """The first day of the schedule that nothing done so far counts for; `last` ends the schedule."""
    for due_on, by in points:
        if done.on is None or done.on < due_on - _days(COUNTS_EARLY):
            return Item(done, due_on, due_on, by)
    return Item(done, None, None, last)


def _points(last_dose_on: date, after: tuple[Parameter, ...]) -> Points:
    for each in after:
        yield months_after(last_dose_on, int(each.value)), each


def _blood_counts(last_dose_on: date) -> Points:
    yield from _points(last_dose_on, BLOOD_COUNTS)
    yield from _every(last_dose_on, YEARLY)


def _eu_blood_counts(last_dose_on: date) -> Points:
    for times in range(1, int(EU_SOON.value) + 1):
        yield last_dose_on + times * timedelta(weeks=int(EU_BLOOD_COUNT.value)), EU_BLOOD_COUNT
    yield from _every(last_dose_on, EU_BLOOD_COUNT_LATER, after=int(EU_SOON.value))


def _every(last_dose_on: date, interval: Parameter, *, after: int = 0) -> Points:
    """The days of a schedule that does not end, from so many months `after` the last dose; `interval` is in months."""
    months = after
    while True:
        months += int(interval.value)
        yield months_after(last_dose_on, months), interval


def _ct_or_mri(state: PatientState) -> Done:
    studies = [study.performed_on for study in state.imaging or () if study.modality in ("ct", "mri")]
    return Done("CT or MRI", state.tells_all("imaging") or bool(studies), max(studies, default=None))


def _sstr_pet(state: PatientState) -> Done:
    """PET/CT; its tracer is not told, except of the study that stands with the disease."""
    studies = [study.performed_on for study in state.imaging or () if study.modality == "pet_ct"]
    sstr_imaging = state.disease.sstr_imaging if state.disease else None
    if sstr_imaging and sstr_imaging.performed_on:
        studies.append(sstr_imaging.performed_on)
    return Done("SSTR PET", state.tells_all("imaging") or bool(studies), max(studies, default=None))


def _days(parameter: Parameter) -> timedelta:
    return timedelta(days=int(parameter.value))
