"""The JSON shapes of the contract: what the OpenAPI document describes and `as_json` builds."""

from typing import Annotated, NotRequired

# pydantic needs this TypedDict, not typing's, below Python 3.12
from typing_extensions import TypedDict

from service.evidence.records import Kind
from service.next_cycle import Choice
from service.presentation.wire_intake import IntakeOut
from service.presentation.wire_risks import ReferenceOut, RiskOut
from service.presentation.wire_risks import told as _told
from service.verdict import Status, Urgency


class Amount(TypedDict):
    """A value with its unit."""

    value: Annotated[float, _told("The value, rounded for reading. Unit: as told in `unit`.", 1.52)]
    unit: Annotated[str, _told("UCUM unit; xULN is a multiple of the laboratory's upper limit.", "xULN")]


class ReasonOut(TypedDict):
    """One sentence of the why."""

    statement: Annotated[str, _told("The reason as a sentence.", "ALP 1.52 x ULN is above 1")]
    holds: Annotated[bool, _told("Whether the comparison holds.", True)]
    observed: Annotated[Amount | None, _told("What was compared.", {"value": 1.52, "unit": "xULN"})]
    parameter: Annotated[str | None, _told("The number of the evidence record behind it.", "raised")]
    source: Annotated[str | None, _told("Id of the source in `sources`.", "chandekar-2025")]
    locator: Annotated[str | None, _told("Where in the source.", "abstract, multivariable Cox")]
    certainty: Annotated[
        Kind | None,
        _told(
            "reported in the source, derived from it, assumed by this service, or recalled and still to be checked.", "reported"
        ),
    ]


class MissingOut(TypedDict):
    """Something that was not told."""

    item: Annotated[str, _told("What is missing.", "gamma_gt")]
    why: Annotated[str, _told("Why it is asked for.", "GGT tells whether a raised ALP points to liver or to bone.")]


class AskedOut(MissingOut):
    """Something that was not told, with the rules that ask for it."""

    asked_by: Annotated[list[str], _told("Names of the rules.", ["alkaline_phosphatase"])]


class VerdictOut(TypedDict):
    """The answer of one rule."""

    rule: Annotated[str, _told("Name of the rule.", "alkaline_phosphatase")]
    title: Annotated[str, _told("Title of the rule.", "ALP alert")]
    status: Annotated[Status, _told("fires, clear, not_applicable, or unknown: what the rule needs is missing.", "fires")]
    decision: Annotated[str, _told("The row of the rule's decision table that holds.", "raised")]
    urgency: Annotated[
        Urgency | None,
        _told("info: worth knowing; warning: look before the next cycle; critical: do not give it until resolved.", "warning"),
    ]
    advice: Annotated[str | None, _told("One sentence to act on.", "Repeat ALP before the next cycle.")]
    reasons: Annotated[list[ReasonOut], _told("Why, with numbers and sources.", [])]
    caveats: Annotated[list[str], _told("What the answer must not be taken for.", ["Association, not effect."])]
    missing: Annotated[list[MissingOut], _told("What the rule would need to say more.", [])]


class WindowOut(TypedDict):
    """The days that the label allows for the next cycle."""

    opens_on: Annotated[str, _told("First day (ISO 8601 date).", "2026-03-09")]
    closes_on: Annotated[str, _told("Last day (ISO 8601 date).", "2026-03-23")]


class NextCycleOut(TypedDict):
    """One decision for the next cycle, derived from the verdicts."""

    decision: Annotated[
        Choice,
        _told(
            "stop for good; complete: the planned cycles are given; hold: a critical verdict; undetermined: a needed answer "
            "is missing; proceed_reduced; proceed.",
            "proceed",
        ),
    ]
    cycle: Annotated[int | None, _told("Number of the next cycle in the course. Unit: 1 (a count).", 3)]
    due_on: Annotated[str | None, _told("Labelled interval after the last cycle; before cycle 1 the planned date.", "2026-03-16")]
    window: Annotated[WindowOut | None, _told("The days that the label allows.", {"opens_on": "2026-03-09"})]
    earliest_on: Annotated[str | None, _told("First day that every rule allows; null while there is no dose.", "2026-03-10")]
    activity: Annotated[Amount | None, _told("Activity of the next cycle.", {"value": 7.4, "unit": "GBq"})]
    decided_by: Annotated[list[str], _told("Names of the rules behind the decision.", ["eligibility"])]
    open_questions: Annotated[list[str], _told("Names of the rules that are unknown.", ["mid_prrt_response"])]


class SourceOut(TypedDict):
    """Where a number comes from, and what limits it."""

    title: Annotated[str, _told("Descriptive title, in our words.", "Change of alkaline phosphatase during PRRT")]
    citation: Annotated[str, _told("Citation.", "Ruhwedel T, et al. Cancers 2023;15(24):5717")]
    year: Annotated[int, _told("Year of publication. Unit: calendar year.", 2023)]
    doi: Annotated[str | None, _told("DOI.", "10.3390/cancers15245717")]
    design: Annotated[str, _told("Design, with the number of patients.", "retrospective, n = 74")]
    population: Annotated[str, _told("Who was studied.", "Neuroendocrine tumour with skeletal metastases")]
    limits: Annotated[str, _told("What limits it.", "Associations, not effects.")]


class KnowledgeOut(TypedDict):
    """What the answer was made with."""

    service: Annotated[str, _told("Version of the service.", "0.1.0")]
    rules: Annotated[
        str, _told("Digest over everything that an answer depends on: rules, facts, evidence, units.", "sha256:4f...")
    ]
    models: Annotated[dict[str, str], _told("Version of each risk model.", {"overall_survival": "1.0.0"})]


class AssessmentOut(TypedDict):
    """The answer about one patient on one day."""

    id: Annotated[str, _told("Id of this assessment (UUIDv7).", "01939c1e-8a5b-7c3d-9e2f-1a2b3c4d5e6f")]
    as_of: Annotated[str, _told("The day for which the question was asked (ISO 8601 date).", "2026-03-10")]
    created_at: Annotated[str, _told("When the answer was made (ISO 8601, UTC).", "2026-03-10T09:12:44Z")]
    patient_id: Annotated[str, _told("Your identifier of the patient.", "demo-017")]
    knowledge: Annotated[KnowledgeOut, _told("What the answer was made with.", {"service": "0.1.0"})]
    next_cycle: NotRequired[Annotated[NextCycleOut, _told("Absent when no PRRT is given or planned.", {"decision": "proceed"})]]
    recommendations: Annotated[list[VerdictOut], _told("The verdicts that fire, most urgent first.", [])]
    verdicts: Annotated[list[VerdictOut], _told("The answer of every rule.", [])]
    missing: Annotated[list[AskedOut], _told("Everything that is asked for.", [])]
    risks: Annotated[list[RiskOut], _told("One answer per served question, refused ones included.", [])]
    reference_outcomes: Annotated[list[ReferenceOut], _told("Outcomes of published cohorts; never a prediction.", [])]
    notices: Annotated[list[str], _told("What the reader must know about the data and the evidence.", [])]
    sources: Annotated[dict[str, SourceOut], _told("Every source that a reason names, by id.", {})]
    intake: NotRequired[Annotated[IntakeOut, _told("What was read from FHIR; else absent.", {"used": []})]]
