"""I-131 MIBG: when it was given, and what was recorded after the last treatment.

The last treatment counts: a follow-up is owed after each, and a response found before it is a response to an
earlier one. Only chromogranin A and 5-HIAA are biochemistry here; routine blood tests are not.

Doubt: imaging is judged against the imaging baseline of the response facts, and a progression event counts as
imaging of its day. Of two words on one day the worse counts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from service.facts.blood import Blood, Sample
from service.facts.response import ResponseFacts
from service.patient import PatientState
from service.terminology.quantity import Quantity, percent_change
from service.vocabulary import Analyte, AssessmentKind

AGENT = "iodine_131_mibg"
MARKERS: tuple[Analyte, ...] = ("chromogranin_a", "five_hiaa")
_NOT_AGAINST_THE_TUMOUR = ("somatostatin_analogue", "bone_modifying_agent")
_FROM_BEST_TO_WORST = ("none", "resolved", "response", "improved", "stable", "present", "worse", "progression")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded on one day, in the words of the request."""

    on: date
    word: str

    @property
    def is_progression(self) -> bool:
        """Whether it says progression."""
        return self.word in ("progression", "progressive_disease")


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker: the last value up to the day of treatment, and the last value after it."""

    analyte: Analyte
    before: Sample
    after: Sample

    @property
    def change(self) -> Quantity:
        """Change in per cent of the value before."""
        return percent_change(self.after.limits.value, self.before.limits.value)

    @property
    def same_limit(self) -> bool:
        """Whether both came with the same upper limit, as values of one method do."""
        return self.after.limits.upper == self.before.limits.upper


@dataclass(frozen=True, slots=True)
class Mibg:
    """Every treatment, and every record after the last one, earliest first."""

    given_on: tuple[date, ...]
    symptoms: tuple[Recorded, ...] = ()
    biochemistry: tuple[Recorded, ...] = ()  # responses that somebody has judged
    imaging: tuple[Recorded, ...] = ()
    markers: tuple[Marker, ...] = ()
    without_before: tuple[Analyte, ...] = ()  # markers measured after treatment only
    other_treatment_on: date | None = None  # the first treatment against the tumour after the last MIBG

    @property
    def last_on(self) -> date:
        """The day of the last treatment. Raises ValueError if there was none."""
        return max(self.given_on)

    @property
    def recorded_until(self) -> date | None:
        """The day of the last record."""
        told = (*self.symptoms, *self.biochemistry, *self.imaging)
        return max((*(each.on for each in told), *(each.after.taken_on for each in self.markers)), default=None)


def latest(told: Iterable[Recorded]) -> Recorded | None:
    """The last of some records that stand in their order."""
    return next(reversed(tuple(told)), None)


def derive_mibg(state: PatientState, response: ResponseFacts, blood: Blood) -> Mibg:
    """Everything about I-131 MIBG in one patient. Entries after `as_of` must be gone."""
    treatments = state.treatments or ()
    given_on = sorted(each.given_on for each in treatments if each.kind == "radiopharmaceutical" and each.agent == AGENT)
    if not given_on:
        return Mibg(())
    last = given_on[-1]
    others = [
        treatment.given_on
        for treatment in treatments
        if treatment.given_on > last and treatment.kind not in _NOT_AGAINST_THE_TUMOUR
    ]
    points = [point for point in response.time_points if point.on > last]
    after = [analyte for analyte in MARKERS if _split(blood, analyte, last)[1]]
    return Mibg(
        given_on=tuple(given_on),
        symptoms=_since(last, (*_assessed(state, "symptomatic"), *_symptoms(state))),
        biochemistry=_since(last, _assessed(state, "biochemical")),
        imaging=tuple(Recorded(point.on, point.settled) for point in points if point.settled not in (None, "not_evaluable")),
        markers=tuple(_markers(blood, last)),
        without_before=tuple(analyte for analyte in after if not _split(blood, analyte, last)[0]),
        other_treatment_on=min(others, default=None),
    )


def _assessed(state: PatientState, kind: AssessmentKind) -> tuple[Recorded, ...]:
    told = state.assessments_of_response or ()
    return tuple(Recorded(each.assessed_on, each.response) for each in told if each.kind == kind)


def _symptoms(state: PatientState) -> tuple[Recorded, ...]:
    return tuple(Recorded(each.recorded_on, each.response) for each in state.symptoms or () if each.response)


def _since(day: date, told: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    later = [each for each in told if each.on > day]
    return tuple(sorted(later, key=lambda each: (each.on, _FROM_BEST_TO_WORST.index(each.word))))


def _split(blood: Blood, analyte: Analyte, day: date) -> tuple[list[Sample], list[Sample]]:
    """The samples up to a day, and those after it."""
    samples = blood[analyte].samples
    return [each for each in samples if each.taken_on <= day], [each for each in samples if each.taken_on > day]


def _markers(blood: Blood, last: date) -> Iterator[Marker]:
    for analyte in MARKERS:
        before, after = _split(blood, analyte, last)
        if before and after:
            yield Marker(analyte, before[-1], after[-1])
