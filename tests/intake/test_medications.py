"""Which drug is ordered or was given, wherever it is said; and what is to be fetched to know it."""

import pytest

from service.intake.medications import is_of_prrt, is_of_unknown_drug, unresolved_medications
from service.intake.sources import gather_sources
from tests.intake.hospital import ATC, LUTETIUM, administration, coded, order, read, service_request

MIBG = coded("V10XA02", ATC)
MEDICATION = {"resourceType": "Medication", "id": "x", "code": LUTETIUM}


def referring(reference="Medication/x", **more):
    return order(medicationCodeableConcept=None, medicationReference={"reference": reference}, **more)


def in_bundle(resource):
    return {"resourceType": "Bundle", "entry": [{"resource": resource}]}


def those(is_such, resource, among=()):
    """The orders of a resource, or of a bundle, that are such."""
    sources = gather_sources([resource, *among])
    return [each.resource for each in gather_sources([resource]).every if is_such(each, sources)]


@pytest.mark.parametrize(
    "among",
    [
        MEDICATION,
        in_bundle(MEDICATION),
        {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": in_bundle(MEDICATION)}]},
        {
            "resourceType": "Bundle",
            "entry": [
                {"fullUrl": "https://a.example/fhir/Medication/x", "resource": {"resourceType": "Medication", "code": LUTETIUM}}
            ],
        },
    ],
)
def test_a_medication_is_found_wherever_it_came(among):
    assert those(is_of_prrt, referring()) == []
    assert those(is_of_unknown_drug, referring()) == [referring()]
    assert those(is_of_prrt, referring(), [among]) == [referring()]
    assert those(is_of_unknown_drug, referring(), [among]) == []
    assert read(referring(), among).state.plan.agent == "lutetium_177_dotatate"


def test_an_order_that_also_says_its_drug_is_no_order_of_an_unknown_drug():
    assert those(is_of_unknown_drug, referring() | {"medicationCodeableConcept": LUTETIUM}) == []
    assert those(is_of_unknown_drug, order()) == []


def test_an_order_of_a_medication_that_did_not_come_says_so():
    intake = read(referring())
    assert [each.reason for each in intake.not_used] == ["refers to a medication that was not sent along"]
    intake = read(referring() | {"medicationCodeableConcept": coded("H01CB02", ATC)})
    assert [each.reason for each in intake.not_used] == ["orders no radiopharmaceutical that is read"]


def test_a_medication_is_found_by_its_uuid_when_its_address_was_dropped():
    name = "0f1c2a3b-0000-4000-8000-000000000009"
    assert those(is_of_prrt, referring(f"urn:uuid:{name}"), [MEDICATION | {"id": name}]) != []


@pytest.mark.parametrize(
    ("reference", "asked"),
    [
        ("Medication/y", ["Medication/y"]),
        ("Medication/y/_history/2", ["Medication/y"]),
        ("Medication/x", []),
        ("#y", []),
        ("https://a.example/fhir/Medication/y", []),
        ("Medication/y?z=1", []),
        ("Substance/y", []),
        ("Medication/" + "y" * 65, []),
        (7, []),
    ],
)
def test_what_is_to_be_fetched_are_relative_references_to_medications_that_did_not_come(reference, asked):
    given = administration(medicationCodeableConcept=None, medicationReference={"reference": reference})
    assert unresolved_medications([in_bundle(given), MEDICATION]) == asked
    assert unresolved_medications([referring(reference), given, MEDICATION]) == asked


def test_orders_of_prrt_are_found_among_others_however_they_name_the_drug():
    contained = order(
        id="contained",
        medicationCodeableConcept=None,
        medicationReference={"reference": "#m"},
        contained=[{"resourceType": "Medication", "id": "m", "code": LUTETIUM}],
    )
    other = order(id="other", medicationCodeableConcept=None, medicationReference={"reference": "Medication/x"})
    cases = [
        order(),
        contained,
        other,
        service_request(),
        order(id="mibg", medicationCodeableConcept=MIBG),
        order(id="octreotide", medicationCodeableConcept=coded("H01CB02", ATC)),
        order(id="pluvicto", medicationCodeableConcept=coded("V10XX05", ATC)),
        order(id="empty", medicationCodeableConcept=None, status=None, subject=None),
        {"resourceType": "Medication", "id": "m", "code": LUTETIUM},
        {"resourceType": "Medication", "id": "x", "code": LUTETIUM},
        None,
    ]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": each} for each in cases]}
    assert [found["id"] for found in those(is_of_prrt, bundle)] == ["order", "contained", "other", "s"]
