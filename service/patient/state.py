"""The request of `POST /v1/assessments`: one patient, as told, on one day."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator, model_validator
from pydantic_core import InitErrorDetails, ValidationError

from service.patient.disease import Disease
from service.patient.fields import Day, RequestPart, Sequence, field, refused
from service.patient.findings import (
    AssessmentOfResponse,
    Event,
    ImagingStudy,
    LaboratoryValue,
    Symptoms,
    UptakeRatio,
)
from service.patient.person import Comorbidity, Performance, Person
from service.patient.treatment import Options, Plan, Treatment
from service.vocabulary import PartlyTold

# The field that dates an entry of each list.
DATED: dict[str, str] = {
    "treatments": "given_on",
    "laboratory": "taken_on",
    "imaging": "performed_on",
    "symptoms": "recorded_on",
    "assessments_of_response": "assessed_on",
    "uptake_ratios": "measured_on",
    "events": "occurred_on",
}


class PatientState(RequestPart):
    """One patient. An absent list means "not told"; a list that is present, even empty, is complete."""

    as_of: Day = field(
        "The day for which the question is asked; later entries are not used. Default: today.",
        "2026-03-10",
        validate_default=True,
    )
    patient: Person = field("The patient.", {"id": "demo-017", "sex": "male"}, default=...)
    disease: Disease | None = field("The tumour.", {"primary_site": "pancreas", "grade": 2})
    performance: Performance | None = field("Performance status.", {"ecog": 1})
    comorbidities: Annotated[tuple[Comorbidity, ...], Sequence] | None = field(
        "Conditions that matter for PRRT.", [{"kind": "hypertension"}], max_length=50
    )
    plan: Plan | None = field("What is intended for the current course.", {"planned_cycles": 4})
    treatments: Annotated[tuple[Treatment, ...], Sequence] | None = field(
        "Treatments given; [] when there were none.",
        [
            {
                "kind": "radiopharmaceutical",
                "agent": "lutetium_177_dotatate",
                "given_on": "2026-01-19",
                "activity": {"value": 7.4, "unit": "GBq"},
            }
        ],
        max_length=500,
    )
    laboratory: Annotated[tuple[LaboratoryValue, ...], Sequence] | None = field(
        "Laboratory values.",
        [{"analyte": "alkaline_phosphatase", "value": 182, "unit": "U/L", "upper_limit": 120, "taken_on": "2026-03-02"}],
        max_length=5000,
    )
    imaging: Annotated[tuple[ImagingStudy, ...], Sequence] | None = field(
        "Imaging studies.", [{"performed_on": "2026-03-05", "overall_response": "stable_disease"}], max_length=200
    )
    symptoms: Annotated[tuple[Symptoms, ...], Sequence] | None = field(
        "Symptoms.", [{"recorded_on": "2026-03-09", "bone_pain": "improved"}], max_length=500
    )
    assessments_of_response: Annotated[tuple[AssessmentOfResponse, ...], Sequence] | None = field(
        "Responses that somebody has judged already.",
        [{"assessed_on": "2026-01-05", "kind": "biochemical", "response": "stable"}],
        max_length=200,
    )
    uptake_ratios: Annotated[tuple[UptakeRatio, ...], Sequence] | None = field(
        "Uptake of tumour over liver, by lobe.",
        [{"measured_on": "2025-11-25", "lobe": "left", "infused": True, "tumour_to_non_tumour": 17.4}],
        max_length=200,
    )
    events: Annotated[tuple[Event, ...], Sequence] | None = field(
        "Events.",
        [{"occurred_on": "2025-12-12", "kind": "skeletal_related_event", "detail": "pathological_fracture"}],
        max_length=500,
    )
    told_in_part: Annotated[tuple[PartlyTold, ...], Sequence] | None = field(
        "What is told only in part: what is listed is there, more may be. Of `treatments` radiopharmaceuticals or others; "
        "`conditions`: a diagnosis is recorded that could not be told here and may be a ground against the dose.",
        ["other_treatments"],
        max_length=5,
    )
    options: Options | None = field("What the caller decides for this one answer.", {"jurisdiction": "us"})

    def tells_all(self, part: PartlyTold) -> bool:
        """Whether what is not listed there is known to be absent."""
        lists = {"radiopharmaceuticals": self.treatments, "other_treatments": self.treatments, "conditions": ()}
        told = lists[part] if part in lists else getattr(self, part)
        return told is not None and part not in (self.told_in_part or ())

    @property
    def concerns_prrt(self) -> bool:
        """Whether anything told speaks of a neuroendocrine tumour, or of a radiopharmaceutical given or planned."""
        disease, treatments = self.disease, self.treatments or ()
        is_net = disease is not None and any((disease.primary_site, disease.differentiation, disease.functional_syndrome))
        return is_net or self.plan is not None or any(each.kind == "radiopharmaceutical" for each in treatments)

    @field_validator("as_of", mode="before")
    @classmethod
    def _today(cls, as_of: Any, info: ValidationInfo) -> Any:
        """No clock here: whoever reads the request says which day it is."""
        return info.context["today"] if as_of is None and info.context else as_of

    @model_validator(mode="after")
    def _dates_fit(self) -> "PatientState":
        refused = [*self._before_birth(), *self._given_twice()]
        if refused:
            raise ValidationError.from_exception_data("PatientState", refused)
        return self

    def _before_birth(self) -> Iterator[InitErrorDetails]:
        born = self.patient.birth_date
        if born is None:
            return
        if born > self.as_of:
            yield _refusal("is after as_of", "patient", "birth_date")
            return
        for name, dated_by in DATED.items():
            for index, entry in enumerate(getattr(self, name) or ()):
                if getattr(entry, dated_by) < born:
                    yield _refusal("is before the birth of the patient", name, index, dated_by)

    def _given_twice(self) -> Iterator[InitErrorDetails]:
        """Two administrations of one agent on one day would count its activity twice."""
        seen: set[tuple[str | None, date]] = set()
        for index, treatment in enumerate(self.treatments or ()):
            if treatment.kind == "radiopharmaceutical":
                key = (treatment.agent, treatment.given_on)
                if key in seen:
                    yield _refusal("repeats an administration of the same agent on the same day", "treatments", index, "given_on")
                seen.add(key)


def _refusal(why: str, *location: str | int) -> InitErrorDetails:
    return InitErrorDetails(type=refused(why), loc=location, input=None)
