"""Response over time: each study against the baseline of the course, computed and stated.

A stated response of bone (MD Anderson criteria) counts with the stated overall response: the worse of
the two. A study is computed by RECIST 1.1 where target lesions are measured at both times. Without a
word on non-target disease and on new lesions progression is not excluded: then the worse of
stated and computed counts. `bone_sclerosis_only` is not a new lesion (MD Anderson criteria).

A study of which nothing was told or could be read is no time point. While it is newer than every time point, what it showed
is an open question. Where another study can be compared with, it is no baseline.

Doubt: of one day a reading speaks for every study of that day.

Doubt: a judgement recorded elsewhere (an imaging assessment, a progression event) counts as
a stated response of its day. An assessment called "response" is read as a partial response.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from service.facts.exposure import Exposure
from service.facts.order import in_order
from service.facts.recist import SEVERITY, doubts_about_targets, measured_targets, overall_response, target_response
from service.patient import PatientState
from service.patient.findings import ImagingStudy
from service.terminology.quantity import Quantity, percent_change
from service.vocabulary import Response

_ASSESSED: dict[str, Response] = {
    "response": "partial_response",
    "stable": "stable_disease",
    "progression": "progressive_disease",
}


@dataclass(frozen=True, slots=True)
class TimePoint:
    """What one day says about the response."""

    on: date
    stated: Response | None
    computed: Response | None  # None: nothing to compute from
    not_told: tuple[str, ...]  # without these progression is not excluded
    sum_mm: Quantity | None = None
    change: Quantity | None = None  # of the sum, against the baseline
    nadir_mm: Quantity | None = None  # smallest sum before this study, baseline included
    growth: Quantity | None = None  # of the sum, over the nadir
    sclerosis_only: bool = False
    not_comparable: str = ""  # why the targets cannot be compared with the baseline
    doubts: tuple[str, ...] = ()

    @property
    def is_read(self) -> bool:
        """Whether it says anything of the response."""
        return self.stated is not None or self.computed is not None

    @property
    def shows_progression(self) -> bool:
        """Computed progression is certain, whatever else was not told."""
        return self.computed == "progressive_disease"

    @property
    def disagrees(self) -> bool:
        """Stated and computed differ, and the computed one needs nothing more to be told."""
        known = {self.stated, self.computed} - {None, "not_evaluable"}
        severities = {SEVERITY[str(response)] for response in known}
        return (not self.not_told or self.sclerosis_only) and len(severities) > 1

    @property
    def settled(self) -> Response | None:
        """The response that counts; "not_evaluable" when it cannot be judged; None when progression is open."""
        if self.shows_progression:
            return "progressive_disease"
        if self.stated == "not_evaluable" or self.computed == "not_evaluable":
            return "not_evaluable" if self.stated != "progressive_disease" else "progressive_disease"
        if self.computed is None:
            return self.stated
        if not self.not_told:
            return self.computed
        return None if self.stated is None else max(self.stated, self.computed, key=lambda response: SEVERITY[response])


@dataclass(frozen=True, slots=True)
class ResponseFacts:
    """Every time point of the course, earliest first."""

    time_points: tuple[TimePoint, ...]
    baseline_on: date | None
    without_reading: tuple[date, ...]  # days of studies after the baseline that tell no response, earliest first

    def latest_after(self, day: date) -> TimePoint | None:
        """The last time point after a day; of several on one day, the worst."""
        later = [point for point in self.time_points if point.on > day]
        return later[-1] if later else None

    def unread_after(self, day: date) -> date | None:
        """The last study without a reading after a day, if it is newer than every time point after that day."""
        latest = self.latest_after(day)
        newer = [on for on in self.without_reading if on > (latest.on if latest else day)]
        return newer[-1] if newer else None

    def progression_after(self, day: date) -> TimePoint | None:
        """The last time point after a day that found progression."""
        found = [point for point in self.time_points if point.on > day and point.settled == "progressive_disease"]
        return found[-1] if found else None


def derive_response(state: PatientState, exposure: Exposure) -> ResponseFacts:
    """Every time point since earlier courses, against the imaging baseline of the current course."""
    earlier_until = max((course[-1].given_on for course in exposure.earlier), default=date.min)
    later = [study for study in state.imaging or () if study.performed_on > earlier_until]
    studies = in_order(later, lambda study: (study.performed_on, len(study.target_lesions or ())))
    baseline = imaging_baseline(studies, exposure.course_started_on)
    imaged = list(_imaged(studies, baseline))
    points = [*(point for point in imaged if point.is_read), *_judged(state)]
    ranked = sorted(points, key=lambda point: (point.on, SEVERITY.get(point.settled or "", -1)))
    without_reading = tuple(point.on for point in imaged if not point.is_read)
    return ResponseFacts(tuple(ranked), baseline.performed_on if baseline else None, without_reading)


def imaging_baseline(studies: list[ImagingStudy], course_started_on: date | None) -> ImagingStudy | None:
    """The study marked so (the last of several), else the last on or before the first cycle of the course.

    One that tells nothing to compare with gives way to one that does.
    """
    marked = [study for study in studies if study.baseline]
    before = [study for study in studies if course_started_on is not None and study.performed_on <= course_started_on]
    candidates = marked or before
    comparable = [study for study in candidates if _tells_anything(study)] or candidates
    return comparable[-1] if comparable else None


def _tells_anything(study: ImagingStudy) -> bool:
    told = (study.target_lesions, study.non_target, study.new_lesions, study.bone_response, study.overall_response)
    return any(each is not None for each in told)


def _imaged(studies: list[ImagingStudy], baseline: ImagingStudy | None) -> Iterator[TimePoint]:
    sums: list[tuple[date, Decimal]] = []
    for study in studies:
        if study is baseline or (baseline is not None and study.performed_on < baseline.performed_on):
            continue
        earlier_mm = [sum_mm for day, sum_mm in sums if day < study.performed_on]
        point = _read(study, baseline, earlier_mm)
        yield point
        if point.sum_mm is not None:
            sums.append((point.on, point.sum_mm.amount))


def _read(study: ImagingStudy, baseline: ImagingStudy | None, earlier_mm: list[Decimal]) -> TimePoint:
    """One study. `earlier_mm` are the complete sums of the studies between the baseline and this one."""
    sclerosis_only = bool(study.new_lesions) and study.new_lesion_kind == "bone_sclerosis_only"
    new_lesion = bool(study.new_lesions) and not sclerosis_only
    target: Response | None = None
    sum_mm = change = nadir_mm = growth = None
    not_comparable = ""
    doubts: tuple[str, ...] = ()
    if baseline is not None and baseline.target_lesions and (study.target_lesions or study.non_target or new_lesion):
        target = "not_evaluable"
        not_comparable = f"The baseline of {baseline.performed_on} was taken with another modality."
        if not _another_modality(study, baseline):
            not_comparable = ""
            targets = measured_targets(study, baseline)
            baseline_mm = measured_targets(baseline, baseline).sum_mm
            nadir_mm = Quantity(min([baseline_mm, *earlier_mm]), "mm")
            target = target_response(targets, baseline_mm, nadir_mm.amount)
            doubts = doubts_about_targets(baseline.target_lesions)
            if targets.complete:
                sum_mm = Quantity(targets.sum_mm, "mm")
                change = percent_change(targets.sum_mm, baseline_mm) if baseline_mm else None
                growth = percent_change(targets.sum_mm, nadir_mm.amount) if nadir_mm.amount else None
            else:
                not_comparable = f"Not every target lesion of the baseline of {baseline.performed_on} was measured."
    stated = _stated(study)
    computed: Response | None = None
    if target is not None or study.non_target is not None or new_lesion:
        computed = overall_response(target, study.non_target, new_lesion)
    if study.target_lesions and target is None and computed != "progressive_disease":
        # targets without a baseline to compare with: what was stated counts, if anything was
        computed = None if stated else "not_evaluable"
        not_comparable = "There is no baseline with target lesions to compare with."
    return TimePoint(
        on=study.performed_on,
        stated=stated,
        computed=computed,
        not_told=tuple(name for name in ("non_target", "new_lesions") if getattr(study, name) is None),
        sum_mm=sum_mm,
        change=change,
        nadir_mm=nadir_mm,
        growth=growth,
        sclerosis_only=sclerosis_only,
        not_comparable=not_comparable,
        doubts=doubts,
    )


def _stated(study: ImagingStudy) -> Response | None:
    """The worse of the stated overall response and the stated response of bone."""
    stated = [response for response in (study.overall_response, study.bone_response) if response is not None]
    judged = [response for response in stated if response != "not_evaluable"] or stated
    return max(judged, key=lambda response: SEVERITY.get(response, 0), default=None)


def _another_modality(study: ImagingStudy, baseline: ImagingStudy) -> bool:
    return None not in (study.modality, baseline.modality) and study.modality != baseline.modality


def _judged(state: PatientState) -> Iterator[TimePoint]:
    for assessment in state.assessments_of_response or ():
        if assessment.kind == "imaging":
            yield TimePoint(assessment.assessed_on, _ASSESSED[assessment.response], None, not_told=())
    for event in state.events or ():
        if event.kind == "progression":
            yield TimePoint(event.occurred_on, "progressive_disease", None, not_told=())
