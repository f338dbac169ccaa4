"""Whatever stands in a bundle, it is read or refused, and no reason repeats it."""

import copy
from datetime import date
from pathlib import Path
from typing import Any

import jiter
from hypothesis import given, settings

from service.intake.medications import is_of_prrt, is_of_unknown_drug, unresolved_medications
from service.intake.reading import read_bundle
from service.intake.sources import gather_sources
from service.intake.writing import state_as_fhir
from service.patient.reading import RefusedRequest, read_patient
from tests.intake import hospital
from tests.intake.hospital import TODAY, administration, amount, coded, condition, exact, lab, order
from tests.mutating import CANARY, VALUES, mutated

EXAMPLE = Path(__file__).parents[2] / "openapi" / "examples" / "skeletal-metastases-cycle-3.json"


def bundle() -> Any:
    """Everything that a hospital sends, and everything of our own."""
    state = read_patient(EXAMPLE.read_bytes(), date(2026, 3, 10))
    ours = state_as_fhir(state)
    patient = ours["entry"][0]
    subject = {"reference": patient["fullUrl"]}
    panel = lab(subject=subject, id="panel", component=[{"code": coded("777-3"), "valueQuantity": amount(148, "K/uL")}])
    contained = [{"resourceType": "Medication", "id": "m", "code": hospital.LUTETIUM}]
    given = administration(
        subject=subject, medicationCodeableConcept=None, medicationReference={"reference": "#m"}, contained=contained
    )
    draft = order(subject=subject, dosageInstruction=[{"doseAndRate": [{"doseQuantity": amount(7.4, "GBq")}]}])
    inner = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 4,
        "entry": [{"resource": condition("94222008", subject=subject)}],
    }
    extra = [
        panel,
        given,
        draft,
        inner,
        {"resourceType": "Parameters", "parameter": [{"resource": condition("1", subject=subject)}]},
    ]
    return ours | {"entry": [*ours["entry"], *({"resource": each} for each in extra)]}


BUNDLE = bundle()


def assert_read_or_refused(told: Any) -> None:
    try:
        intake = read_bundle(told, TODAY)
    except RefusedRequest as refusal:
        said = [f"{each.pointer} {each.message}" for each in refusal.refusals]
    else:
        said = [each.reason for each in intake.not_used]
    assert not [text for text in said if CANARY in text]


@settings(max_examples=600, deadline=None)
@given(mutated(BUNDLE))
def test_a_changed_bundle_is_read_or_refused_and_no_reason_repeats_it(told):
    assert_read_or_refused(told)
    sources = gather_sources([told])
    for source in sources.every:
        is_of_prrt(source, sources)
        is_of_unknown_drug(source, sources)
    assert not [reference for reference in unresolved_medications([told]) if not reference.startswith("Medication/")]


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_anything_at_all_is_refused(told):
    try:
        read_bundle(told, TODAY)
    except RefusedRequest:
        return
    raise AssertionError


def test_the_unchanged_bundle_is_read():
    assert len(read_bundle(BUNDLE, TODAY).used) > 40


def test_a_canary_in_every_text_is_in_no_reason():
    def planted(node: Any) -> Any:
        if isinstance(node, dict):
            keep = ("resourceType", "reference", "status")
            return {name: member if name in keep else planted(member) for name, member in node.items()}
        if isinstance(node, list):
            return [planted(entry) for entry in node]
        return CANARY if isinstance(node, str) else node

    for place in range(1, len(BUNDLE["entry"])):
        told = copy.deepcopy(BUNDLE)
        told["entry"][place] = planted(told["entry"][place])
        assert_read_or_refused(told)


def test_nesting_up_to_the_limit_of_the_parser_is_read():
    for opening, closing in ((b'{"resource":', b"}"), (b"[", b"]"), (b'{"extension":[', b"]}")):
        deep = opening * 60 + b"1" + closing * 60
        mine = b'{"resourceType":"Basic","subject":{"reference":"Patient/p1"},"extension":[%b]}' % deep
        entries = [{"resource": hospital.PATIENT}, {"resource": jiter.from_json(mine)}]
        assert_read_or_refused({"resourceType": "Bundle", "entry": entries})


def test_a_number_of_thousands_of_digits_is_refused_quietly():
    quantity = jiter.from_json(b'{"value": %b, "unit": "U/L"}' % (b"9" * 4000), float_mode="decimal")
    entries = [{"resource": hospital.PATIENT}, {"resource": exact(lab()) | {"valueQuantity": quantity}}]
    assert_read_or_refused({"resourceType": "Bundle", "entry": entries})
