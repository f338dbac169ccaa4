"""Bone beyond its lesions: fractures and cord compression, bone pain, bone-modifying agents, criteria of response.

A response of bone is taken as it was stated and never computed: the quantitative MD Anderson criterion is only
recalled, and the "modified" criteria of the study are not defined in what was read of it.

Doubt: what an event is, its `detail` says in free words: "fracture" or "compression", in any case of letters. A
skeletal-related event without a detail could be either, and is kept apart. Of two records of bone pain on one day
the worse counts. An agent is dated by the day on which it was given or started; whether it goes on is not told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from service.patient import PatientState
from service.patient.findings import ImagingStudy
from service.vocabulary import Response, ResponseCriteria, SymptomWord

_FROM_BEST_TO_WORST: tuple[SymptomWord, ...] = ("none", "resolved", "improved", "stable", "present", "worse")
_NAMES = {"fracture": "Fracture", "compression": "Spinal cord compression"}
_MD_ANDERSON: tuple[ResponseCriteria, ...] = ("md_anderson", "modified_md_anderson")


@dataclass(frozen=True, slots=True)
class SkeletalEvent:
    """A skeletal-related event; `what` is empty when its detail was not told."""

    on: date
    what: str
    resolved_on: date | None


@dataclass(frozen=True, slots=True)
class BonePain:
    """The last word on bone pain."""

    on: date
    word: SymptomWord


@dataclass(frozen=True, slots=True)
class StatedBoneResponse:
    """A response of bone by MD Anderson criteria, as its reader stated it."""

    on: date
    response: Response
    modified: bool  # by the modified criteria


@dataclass(frozen=True, slots=True)
class BoneHealth:
    """What was told of the bones."""

    events: tuple[SkeletalEvent, ...]  # fractures, cord compressions, and events without a detail; earliest first
    pain: BonePain | None
    agent_on: date | None  # the last bone-modifying agent
    only_site: bool  # bone is the only site of spread that was told
    stated_response: StatedBoneResponse | None  # the last one
    studies: tuple[ImagingStudy, ...]

    def assessed_by_recist_alone(self, after: date) -> date | None:
        """The last day of imaging after a day, if bone was judged on it by RECIST 1.1 and by nothing else."""
        later = [study for study in self.studies if study.performed_on > after]
        on = max((study.performed_on for study in later), default=None)
        that_day = [study for study in later if study.performed_on == on]
        by_recist = any(study.criteria == "recist_1_1" for study in that_day)
        return on if by_recist and not any(_stated_of(study) for study in that_day) else None


def derive_bone_health(state: PatientState) -> BoneHealth:
    """Everything about the bones of one patient. Entries after `as_of` must be gone."""
    disease = state.disease
    sites = [metastasis.site for metastasis in (disease.metastases if disease else None) or ()]
    complete = disease is not None and disease.metastases_complete is not False
    agents = [treatment.given_on for treatment in state.treatments or () if treatment.kind == "bone_modifying_agent"]
    pains = [BonePain(each.recorded_on, each.bone_pain) for each in state.symptoms or () if each.bone_pain]
    stated = [found for study in state.imaging or () if (found := _stated_of(study))]
    return BoneHealth(
        events=tuple(sorted(_events(state), key=lambda event: (event.on, event.what, event.resolved_on or date.max))),
        pain=max(pains, key=lambda pain: (pain.on, _FROM_BEST_TO_WORST.index(pain.word)), default=None),
        agent_on=max(agents, default=None),
        only_site=sites == ["bone"] and complete,
        stated_response=max(stated, key=lambda found: (found.on, found.response, found.modified), default=None),
        studies=state.imaging or (),
    )


def _events(state: PatientState) -> Iterator[SkeletalEvent]:
    for event in state.events or ():
        if event.kind == "skeletal_related_event":
            detail = (event.detail or "").lower()
            what = next((name for word, name in _NAMES.items() if word in detail), "")
            if what or not detail:
                yield SkeletalEvent(event.occurred_on, what, event.resolved_on)


def _stated_of(study: ImagingStudy) -> StatedBoneResponse | None:
    """The response of bone; of a study read by MD Anderson criteria, else its overall response."""
    by_md_anderson = study.criteria in _MD_ANDERSON
    response = study.bone_response or (study.overall_response if by_md_anderson else None)
    return StatedBoneResponse(study.performed_on, response, study.criteria == "modified_md_anderson") if response else None
