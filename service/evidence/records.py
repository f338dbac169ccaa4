"""What an evidence record is: claim, decision rows, parameters, findings; and what a source is."""

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from service.terminology.quantity import Quantity

# reported: printed in the source. derived: arithmetic on reported figures. assumed: chosen by this
# service. recalled: from general knowledge, still to be read in the primary document.
Kind = Literal["reported", "derived", "assumed", "recalled"]


def _told(meaning: str, example: Any, **more: Any) -> Any:
    return Field(description=meaning, examples=[example], **more)


Exact = Annotated[
    Decimal,
    BeforeValidator(lambda value: Decimal(value) if type(value) is int else value),
    PlainSerializer(float, return_type=float, when_used="json"),
]


class Entry(BaseModel):
    """A part of a record: frozen, strict, nothing unknown."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Source(Entry):
    """Where numbers come from, with what limits them."""

    id: str = _told("Id of the source.", "chandekar-2025")
    title: str = _told("Descriptive title, in our words.", "Change of alkaline phosphatase during PRRT")
    citation: str = _told("Citation.", "Ruhwedel T, et al. Cancers 2023;15(24):5717")
    year: int = _told("Year of publication. Unit: calendar year.", 2023)
    doi: str | None = _told("DOI.", "10.3390/cancers15245717", default=None)
    design: str = _told("Design.", "retrospective, one centre")
    n: int | None = _told("Number of patients. Unit: 1 (a count).", 74, default=None)
    population: str = _told("Who was studied.", "Neuroendocrine tumour with skeletal metastases")
    limits: str = _told("What limits it.", "Associations, not effects.")

    def design_with(self, n: int | None) -> str:
        """The design with a number of patients: of a part of the study, or of all of it."""
        return self.design if n is None else f"{self.design}, n = {n}"


class Number(Entry):
    """One clinical number with its unit, source, place in the source, kind and review date."""

    id: str = _told("Name of the number in its record.", "raised")
    meaning: str = _told("What it is.", "Multiple of the upper limit above which ALP is called raised")
    value: Exact = _told("The number. Unit: as told in `unit`.", 1)
    unit: str = _told("UCUM unit; xULN is a multiple of the laboratory's upper limit.", "xULN")
    source: str = _told("Id of the source.", "chandekar-2025")
    locator: str = _told("Where in the source.", "abstract, multivariable Cox")
    kind: Kind = _told("reported, derived, assumed by this service, or recalled and still to be checked.", "reported")
    reviewed_on: date = _told("When a human last checked it.", "2026-11-20")
    note: str | None = _told("What else to know.", "Prognostic, not a measure of benefit.", default=None)


class Parameter(Number):
    """A number that a rule or a fact compares with."""

    @cached_property
    def words(self) -> str:
        """The number with its unit in words."""
        return Quantity(self.value, self.unit).words


class Finding(Number):
    """A number that a study reports; it is cited, never compared with."""

    effect: Literal["hazard_ratio", "odds_ratio", "proportion", "mean", "median", "scheme"] = _told(
        "Kind of effect.", "hazard_ratio"
    )
    n: int | None = _told("Number of patients behind it. Unit: 1 (a count).", 74, default=None)
    p: str | None = _told("P value, as printed.", "= 0.048", default=None)
    ci: Annotated[tuple[Exact, Exact | None], BeforeValidator(tuple)] | None = _told(
        "95 % confidence interval. Unit: as told in `unit`.", [1.01, 7.12], default=None
    )
    ci_kind: Kind | None = _told("Whether the interval is reported or derived.", "derived", default=None)


# What a row means for the next cycle. A row that fires critical holds it without saying so here.
Consequence = Literal["absent", "stop", "complete", "not_awaited", "undetermined", "proceed_reduced"]


class Decision(Entry):
    """One row of a rule's decision table. The first row that holds wins."""

    id: str = _told("Name of the row.", "raised")
    situation: str = _told("When it holds.", "Raised")
    answer: Literal["not_applicable", "unknown", "clear", "fires info", "fires warning", "fires critical"] = _told(
        "What the rule answers then.", "fires info"
    )
    next_cycle: Consequence | None = _told(
        "What the row means for the next cycle; fires critical holds it anyway.", "stop", default=None
    )


class Record(Entry):
    """The evidence of one rule, or of one set of criteria that facts are computed by."""

    id: str = _told("Name of the rule or of the criteria.", "alkaline_phosphatase")
    claim: str = _told("What the evidence says.", "Raised ALP marks worse survival.")
    reviewed_on: date = _told("When a human last checked it.", "2026-11-20")
    speaks_of_absence: bool = _told("Whether the rule may fire because something is missing.", False, default=False)
    criteria: Annotated[tuple[str, ...], BeforeValidator(tuple)] = _told(
        "Records of the criteria that the facts of this rule are computed by.", ["dose_modification"], default=()
    )
    decisions: Annotated[tuple[Decision, ...], BeforeValidator(tuple)] = _told("Decision table.", [], default=())
    parameters: dict[str, Parameter] = _told("Numbers that are compared with, by name.", {}, default_factory=dict)
    findings: dict[str, Finding] = _told("Numbers that are cited, by name.", {}, default_factory=dict)

    def __getitem__(self, name: str) -> Parameter:
        """The parameter called `name`. Raises KeyError."""
        return self.parameters[name]

    def finding(self, name: str) -> Finding:
        """The finding called `name`. Raises KeyError."""
        return self.findings[name]

    def row(self, decision: str) -> Decision:
        """The decision row called `decision`. Raises KeyError."""
        return self._rows[decision]

    @cached_property
    def _rows(self) -> dict[str, Decision]:
        return {row.id: row for row in self.decisions}

    def is_overdue(self, on: date) -> bool:
        """Whether nobody has reviewed the record for over a year."""
        reviewed = self.reviewed_on
        return (on.year - 1, on.month, on.day) > (reviewed.year, reviewed.month, reviewed.day)

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Every number of the record."""
        return (*self.parameters.values(), *self.findings.values())

    @cached_property
    def sources(self) -> frozenset[str]:
        """The ids of the sources that its numbers name."""
        return frozenset(number.source for number in self.numbers)


class Step(Entry):
    """One bound of one grade: `value` absolute in the term's unit, or `value` times what `of` names."""

    grade: int
    when: Literal["baseline_normal", "baseline_abnormal", "baseline_below_lower_limit"] | None = None
    comparison: Literal["above", "at_least", "below"] = Field(alias="is")
    value: Exact
    of: Literal["lower_limit", "upper_limit", "baseline", "higher_of_baseline_and_upper_limit"] | None = None


class Term(Entry):
    """The grades of one analyte, with the text as printed."""

    term: str
    unit: str
    printed: str
    steps: Annotated[tuple[Step, ...], BeforeValidator(tuple)]


class Grading(Entry):
    """One version of CTCAE: the laboratory terms."""

    id: str
    version: str
    source: str
    kind: Kind
    reviewed_on: date
    terms: dict[str, Term]
