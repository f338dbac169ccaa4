"""Observation: laboratory values, performance status, weight, Ki-67, pregnancy, a judged course of the disease."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from service.intake.concepts import codes_at, of_kind
from service.intake.gathering import Claim, Gathered, origin
from service.intake.laboratory import read_laboratory_value
from service.intake.members import entries_at, object_at, text_at
from service.intake.moments import When
from service.intake.observed import Observed, observed_in
from service.intake.pregnancy_tests import is_pregnancy_test, note_pregnancy_test
from service.intake.quantities import NotReadError, read_amount
from service.intake.settling import settle
from service.intake.sources import Source, Sources
from service.intake.unread import note_unread
from service.intake.unread_imaging import EVIDENCE_TYPE, evidence_of
from service.patient.disease import Disease
from service.patient.fields import MOST_DIGITS
from service.patient.findings import AssessmentOfResponse
from service.patient.measures import Weight
from service.patient.person import Performance
from service.terminology.codes import Code

_NO_UNITS: Mapping[str, str] = {}
_SCORE_UNITS = ("{score}", "1")


def read_observation(source: Source, gathered: Gathered, sources: Sources) -> None:  # noqa: ARG001  # every reader has this shape
    """Add what an observation and its components say."""
    for observed in observed_in(source):
        if is_pregnancy_test(observed):
            note_pregnancy_test(observed, gathered)
        else:
            _read(observed, gathered)


def _read(observed: Observed, gathered: Gathered) -> None:
    try:
        code, when = _checked(observed)
        reader = read_laboratory_value if code.kind == "analyte" else _READERS[code.means]
        reader(observed, code, when, gathered)
    except NotReadError as reason:
        gathered.refuse(observed.label, str(reason))
        note_unread(observed, gathered)


def _checked(observed: Observed) -> tuple[Code, When]:
    """The code and the date of something that can be read. Raises NotReadError."""
    codes = of_kind(observed.codes, "analyte", "not_comparable", "reading")
    if not codes:
        raise NotReadError("has no code that is read")
    if len(codes) > 1:
        raise NotReadError("has codes that mean different things")
    if codes[0].kind == "not_comparable":
        raise NotReadError(codes[0].means)
    if "modifierExtension" in observed.node:
        raise NotReadError("has a modifier that is not understood")
    if "dataAbsentReason" in observed.node:
        raise NotReadError("says that its value is absent")
    if observed.when is None:
        raise NotReadError("has no full date")
    return codes[0], observed.when


def _score(observed: Observed, code: Code, when: When, gathered: Gathered) -> None:
    value = observed.node.get("valueInteger")
    if value is None and "valueCodeableConcept" in observed.node:
        value = _answered(observed, code)
    if value is None:
        amount = read_amount(object_at(observed.node, "valueQuantity"), _NO_UNITS)
        value = amount.value
        if amount.unit not in _SCORE_UNITS:
            raise NotReadError("has a unit, and a score has none")
        if isinstance(value, Decimal) and _is_whole(value):
            value = int(value)
    told = {code.means: value, "recorded_on": when.on}
    part = settle(Performance, told, lambda reason: gathered.refuse(observed.label, reason))
    score = getattr(part, code.means, None)
    if part is not None and part.recorded_on is not None and score is not None:
        claim = Claim(score, origin(observed.label, when, value), when.on)
        gathered.claim("performance", code.means, claim)
    else:
        note_unread(observed, gathered)


def _answered(observed: Observed, code: Code) -> int:
    """The score that stands there as an answer in words."""
    answers = of_kind(codes_at(observed.node, "valueCodeableConcept"), f"{code.means}_answer")
    if len(answers) != 1:
        raise NotReadError("has no answer that is read")
    return int(answers[0].means)


def _is_whole(value: Decimal) -> bool:
    return value.is_finite() and value.adjusted() < MOST_DIGITS and value == value.to_integral_value()


def _weight(observed: Observed, code: Code, when: When, gathered: Gathered) -> None:  # noqa: ARG001
    amount = read_amount(object_at(observed.node, "valueQuantity"), _NO_UNITS)
    told = {"unit": amount.unit, "value": amount.value, "measured_on": when.on}
    weight = settle(Weight, told, lambda reason: gathered.refuse(observed.label, reason))
    if weight is not None and weight.measured_on is not None:
        claim = Claim(weight, origin(observed.label, when, amount.value, amount.told_unit), when.on)
        gathered.claim("patient", "weight", claim)


def _ki67(observed: Observed, code: Code, when: When, gathered: Gathered) -> None:
    amount = read_amount(object_at(observed.node, "valueQuantity"), _NO_UNITS)
    if amount.unit != "%":
        raise NotReadError("has a unit that is not per cent")
    disease = settle(Disease, {code.means: amount.value}, lambda reason: gathered.refuse(observed.label, reason))
    if disease is not None and disease.ki67_percent is not None:
        claim = Claim(disease.ki67_percent, origin(observed.label, when, amount.value, amount.told_unit), when.on)
        gathered.claim("disease", code.means, claim)


def _pregnancy(observed: Observed, code: Code, when: When, gathered: Gathered) -> None:
    answers = of_kind(codes_at(observed.node, "valueCodeableConcept"), "pregnancy")
    if len(answers) != 1:
        raise NotReadError("has no answer that is read")
    claim = Claim(answers[0].means == "pregnant", origin(observed.label, when, answers[0].code), when.on)
    gathered.claim("patient", code.means, claim)


def _disease_status(observed: Observed, code: Code, when: When, gathered: Gathered) -> None:  # noqa: ARG001
    trends = of_kind(codes_at(observed.node, "valueCodeableConcept"), "trend")
    if len(trends) != 1:
        raise NotReadError("has no answer that is read")
    extensions = [each for each in entries_at(observed.resource, "extension") if text_at(each, "url") == EVIDENCE_TYPE]
    kinds = evidence_of(observed)
    if not kinds and extensions:
        raise NotReadError("rests on evidence that is not read")
    if not kinds:
        raise NotReadError("does not say on what evidence it rests")
    for kind in kinds:
        told = {"assessed_on": when.on, "kind": kind, "response": trends[0].means}
        part = settle(AssessmentOfResponse, told, lambda reason: gathered.refuse(observed.label, reason))
        if part is not None:
            gathered.add("assessments_of_response", part, origin(observed.label, when, trends[0].code))
        else:
            note_unread(observed, gathered)


_READERS: dict[str, Callable[[Observed, Code, When, Gathered], None]] = {
    "ecog": _score,
    "karnofsky": _score,
    "weight": _weight,
    "ki67_percent": _ki67,
    "pregnant": _pregnancy,
    "disease_status": _disease_status,
}
