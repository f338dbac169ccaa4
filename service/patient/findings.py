"""What was measured and seen: laboratory, imaging, symptoms, events."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from service.patient.fields import Day, Moment, Name, Number, RequestPart, Sequence, field, refused
from service.patient.measures import Diameter, check_plausible, check_unit
from service.terminology.units import MEASURANDS
from service.vocabulary import (
    Analyte,
    AssessedResponse,
    AssessmentKind,
    EventKind,
    Lobe,
    Modality,
    NewLesionKind,
    Response,
    ResponseCriteria,
    SymptomWord,
)


class LaboratoryValue(RequestPart):
    """One value of one analyte, with the laboratory's own limits."""

    analyte: Analyte = Field(description="What was measured.", examples=["alkaline_phosphatase"])
    unit: str = field("Unit of the value and of both limits, from the table of the analyte.", "U/L", default=...)
    value: Number = field("The value.", 182, unit="as told in `unit`", default=...)
    lower_limit: Number | None = field("The laboratory's lower limit of normal.", 40, unit="as told in `unit`", ge=0)
    upper_limit: Number | None = field("The laboratory's upper limit of normal.", 120, unit="as told in `unit`", gt=0)
    taken_on: Day = Field(description="Date of the sample.", examples=["2026-03-02"])
    taken_at: Moment | None = field("Time of the sample, if two were taken on one day.", "2026-03-02T08:30:00Z")

    @field_validator("unit")
    @classmethod
    def _accepted(cls, unit: str, info: ValidationInfo) -> str:
        analyte = info.data.get("analyte")
        return unit if analyte is None else check_unit(MEASURANDS[analyte], unit)

    @field_validator("value", "lower_limit", "upper_limit")
    @classmethod
    def _plausible(cls, value: Number | None, info: ValidationInfo) -> Number | None:
        told = info.data
        analyte, unit = told.get("analyte"), told.get("unit")
        if value is None or analyte is None or unit is None or (info.field_name == "lower_limit" and value == 0):
            return value
        return check_plausible(MEASURANDS[analyte], value, unit)

    @field_validator("upper_limit")
    @classmethod
    def _above_the_lower(cls, upper: Number | None, info: ValidationInfo) -> Number | None:
        lower = info.data.get("lower_limit")
        if upper is not None and lower is not None and upper <= lower:
            raise refused("must be above lower_limit")
        return upper

    @field_validator("taken_at")
    @classmethod
    def _on_that_day(cls, taken_at: Moment | None, info: ValidationInfo) -> Moment | None:
        taken_on = info.data.get("taken_on")
        if taken_at is not None and taken_on is not None and taken_at.date() != taken_on:
            raise refused("must be on the day of taken_on")
        return taken_at


class TargetLesion(RequestPart):
    """One target lesion at one study."""

    id: Name = field("Identifier of the lesion, the same at every study.", "seg-6", default=...)
    organ: Name | None = field("Organ.", "liver")
    node: bool = field("Whether it is a lymph node; a node is measured by its short axis.", False, default=False)
    diameter: Diameter = Field(description="Longest diameter; short axis of a node.", examples=[{"value": 41, "unit": "mm"}])


class ImagingStudy(RequestPart):
    """One imaging study with what was read from it."""

    performed_on: Day = Field(description="Date of the study.", examples=["2026-03-05"])
    modality: Modality | None = field("Modality.", "ct")
    criteria: ResponseCriteria | None = field("Criteria of `overall_response`.", "recist_1_1")
    baseline: bool = field("Whether this is the study to compare with.", True, default=False)
    target_lesions: Annotated[tuple[TargetLesion, ...], Sequence] | None = field(
        "Target lesions of RECIST 1.1.",
        [{"id": "seg-6", "organ": "liver", "node": False, "diameter": {"value": 27, "unit": "mm"}}],
        max_length=50,
    )
    non_target: Response | None = field("Non-target disease.", "non_cr_non_pd")
    new_lesions: bool | None = field("Whether there is a new lesion.", False)
    new_lesion_kind: NewLesionKind | None = field(
        "What the new lesion is: bone_sclerosis_only is sclerosis of a bone lesion not seen before.", "bone_sclerosis_only"
    )
    bone_response: Response | None = field("Response of bone by MD Anderson criteria.", "partial_response")
    overall_response: Response | None = field("Overall response as stated by the reader.", "partial_response")

    @field_validator("target_lesions")
    @classmethod
    def _each_lesion_once(cls, lesions: tuple[TargetLesion, ...] | None) -> tuple[TargetLesion, ...] | None:
        names = [lesion.id for lesion in lesions or ()]
        if len(names) != len(set(names)):
            raise refused("measures one lesion twice")
        return lesions


class Symptoms(RequestPart):
    """Symptoms on one day."""

    recorded_on: Day = Field(description="Date of the record.", examples=["2026-03-09"])
    bone_pain: SymptomWord | None = field("Bone pain.", "improved")
    response: SymptomWord | None = field("Symptoms as a whole, since the last treatment.", "improved")


class AssessmentOfResponse(RequestPart):
    """A response that somebody has judged already."""

    assessed_on: Day = Field(description="Date of the assessment.", examples=["2026-01-05"])
    kind: AssessmentKind = Field(description="What was assessed.", examples=["biochemical"])
    response: AssessedResponse = Field(description="The judgement.", examples=["stable"])


class UptakeRatio(RequestPart):
    """Tumour-to-non-tumour uptake of one liver lobe."""

    measured_on: Day = Field(description="Date of the measurement.", examples=["2025-11-25"])
    lobe: Lobe = Field(description="Liver lobe.", examples=["left"])
    infused: bool = Field(description="Whether this lobe was infused intra-arterially.", examples=[True])
    tumour_to_non_tumour: Number = field(
        "Uptake of tumour over uptake of liver.", 17.4, unit="1 (a ratio)", default=..., gt=0, le=1000
    )


class Event(RequestPart):
    """Something that happened."""

    occurred_on: Day = Field(description="Date of the event.", examples=["2025-12-12"])
    kind: EventKind = Field(description="Kind of event.", examples=["skeletal_related_event"])
    detail: Name | None = field(
        "What it was: pathological_fracture, spinal_cord_compression, hypersensitivity, ...", "pathological_fracture"
    )
    grade: int | None = field("CTCAE grade.", 3, unit="grade 1 to 5", ge=1, le=5)
    related: bool | None = field("Whether it may be related to PRRT.", False)
    resolved_on: Day | None = field("Date on which it had resolved.", "2026-01-10")

    @field_validator("resolved_on")
    @classmethod
    def _after_it_began(cls, resolved_on: Day | None, info: ValidationInfo) -> Day | None:
        occurred_on = info.data.get("occurred_on")
        if resolved_on is not None and occurred_on is not None and resolved_on < occurred_on:
            raise refused("is before occurred_on")
        return resolved_on
