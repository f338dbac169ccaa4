"""What was given: drugs, their activity and route, procedures, and what was recorded twice."""

from datetime import date
from decimal import Decimal

import pytest

from service.intake.members import shown
from service.intake.trace import NotUsed, Used
from tests.intake.hospital import ATC, LUTETIUM, SNOMED, administration, amount, coded, read, reasons

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
MEDICATION = {"resourceType": "Medication", "id": "m", "code": LUTETIUM}
DOTATATE = "lutetium_177_dotatate"


def only_treatment(*resources):
    (given,) = read(*resources).state.treatments
    return given


@pytest.mark.parametrize(
    ("code", "system"),
    [
        ("V10XX04", ATC),
        ("1999682", RXNORM),
        ("1999687", RXNORM),
        ("69488-0003-01", NDC),
        ("69488-003-01", NDC),
        ("A9513", HCPCS),
    ],
)
def test_lutetium_dotatate_is_known_by_each_of_its_codes(code, system):
    assert only_treatment(administration(medicationCodeableConcept=coded(code, system))).agent == DOTATATE


def test_the_lutetium_of_prostate_cancer_is_another_drug():
    assert reasons(administration(medicationCodeableConcept=coded("V10XX05", ATC))) == ["has no code that is read"]


@pytest.mark.parametrize(("value", "unit"), [(7.4, "GBq"), (7400, "MBq"), (200, "mCi")])
def test_a_cycle_is_read_with_its_activity_and_trace(value, unit):
    intake = read(administration(dosage={"dose": amount(value, unit, unit), "route": coded("47625008", SNOMED)}))
    (given,) = intake.state.treatments
    assert (given.kind, given.agent, given.given_on, given.route) == (
        "radiopharmaceutical",
        DOTATATE,
        date(2026, 1, 19),
        "intravenous",
    )
    assert given.activity.quantity.amount == Decimal("7.4")
    assert Used("MedicationAdministration/given", "/treatments/0", "2026-01-19", str(value), unit) in intake.used
    assert intake.not_used == ()


def test_an_intra_arterial_route_is_read():
    dosage = {"dose": amount(7.4, "GBq"), "route": coded("58100008", SNOMED)}
    assert only_treatment(administration(dosage=dosage)).route == "intra_arterial"


@pytest.mark.parametrize(
    ("dosage", "reason"),
    [
        (
            {"dose": amount(7.4, "GBq") | {"comparator": "<"}},
            "is used without its activity, which is only a bound: its value has a comparator",
        ),
        ({"dose": {"value": 7.4}}, "is used without its activity, which has no unit"),
        ({"dose": amount(30, "mL")}, "activity.unit is not an accepted unit of activity; accepted: GBq, MBq, mCi"),
        ({"dose": amount(7400, "GBq")}, "activity.value is not plausible for activity: the plausible range is 0.5 to 40 GBq"),
        ({"route": coded("1", SNOMED)}, "is used without its route, which has no code that is read"),
    ],
)
def test_a_cycle_counts_even_when_its_activity_or_route_is_not_understood(dosage, reason):
    intake = read(administration(dosage=dosage))
    assert (intake.state.treatments[0].activity, intake.state.treatments[0].route) == (None, None)
    assert [each.reason for each in intake.not_used] == [reason]


def test_a_cycle_without_a_dosage_is_a_cycle():
    assert only_treatment(administration(dosage=None)).activity is None


@pytest.mark.parametrize("status", ["in-progress", "not-done", "on-hold", "entered-in-error", "stopped", "unknown"])
def test_only_what_was_completed_was_given(status):
    intake = read(administration(status=status))
    assert intake.state.treatments is None
    assert [each.reason for each in intake.not_used] == [f"has status {status}"]


@pytest.mark.parametrize(
    "medication",
    [
        [{"resourceType": "Medication", "id": "m", "code": LUTETIUM}],
        [
            {"resourceType": "Medication", "id": "m", "meta": {}, "code": LUTETIUM},
            {"resourceType": "Medication", "id": "m", "code": LUTETIUM},
        ],
    ],
)
@pytest.mark.parametrize("reference", ["Medication/m", "https://hospital.example/fhir/Medication/m/_history/3"])
def test_a_drug_may_stand_in_a_medication_of_the_same_bundle(medication, reference):
    given = administration(medicationCodeableConcept=None, medicationReference={"reference": reference})
    intake = read(given, *medication)
    assert intake.state.treatments[0].agent == DOTATATE
    assert intake.not_used == (NotUsed("Medication/m", "is read with the resource that refers to it"),)


def test_a_drug_may_be_contained():
    given = administration(
        medicationCodeableConcept=None, medicationReference={"reference": "#m"}, contained=["no resource", MEDICATION]
    )
    assert only_treatment(given).agent == DOTATATE


@pytest.mark.parametrize("reference", [{"reference": "Medication/other"}, {"reference": "#other"}, {"display": "Lutathera"}, []])
def test_a_drug_that_is_not_there_is_not_known(reference):
    given = administration(medicationCodeableConcept=None, medicationReference=reference)
    is_named = "reference" in reference
    reason = "refers to a medication that was not sent along" if is_named else "has no code that is read"
    assert reasons(given) == [reason]


@pytest.mark.parametrize(
    ("code", "kind", "agent"),
    [
        ("H01CB02", "somatostatin_analogue", "octreotide"),
        ("H01CB03", "somatostatin_analogue", "lanreotide"),
        ("M05BX04", "bone_modifying_agent", "denosumab"),
        ("M05BA08", "bone_modifying_agent", "zoledronic_acid"),
        ("L01EG02", "targeted_therapy", "everolimus"),
        ("L01AX03", "chemotherapy", "temozolomide"),
    ],
)
def test_a_drug_is_known_by_its_code_and_its_milligrams_are_not_read(code, kind, agent):
    drug = administration(
        medicationCodeableConcept=coded(code, ATC),
        dosage={"dose": amount(30, "mg")},
        effectiveDateTime=None,
        effectivePeriod={"start": "2026-02-02T10:00:00Z"},
    )
    intake = read(drug)
    (given,) = intake.state.treatments
    assert (given.kind, given.agent, given.given_on, given.formulation) == (kind, agent, date(2026, 2, 2), None)
    assert intake.not_used == ()


def test_two_drugs_in_one_administration_are_not_understood():
    both = {"coding": [*LUTETIUM["coding"], *coded("H01CB02", ATC)["coding"]]}
    assert reasons(administration(medicationCodeableConcept=both)) == ["has codes that mean different things"]


def test_a_treatment_without_its_day_is_not_used():
    assert reasons(administration(effectiveDateTime="2026-01")) == ["has no full date"]
    assert reasons(administration(effectiveDateTime="1899-01-01")) == [
        "given_on must be a date of the calendar, written YYYY-MM-DD"
    ]


def again(**more):
    return administration(id="again", **more)


@pytest.mark.parametrize("dose", [amount(7.4, "GBq"), amount(200, "mCi")])
def test_one_administration_recorded_twice_counts_once(dose):
    intake = read(administration(), again(dosage={"dose": dose}))
    assert [given.activity.value for given in intake.state.treatments] == [Decimal("7.4")]
    assert intake.not_used == (
        NotUsed("MedicationAdministration/again", "records an administration that another resource records too; it counts once"),
    )


@pytest.mark.parametrize("dosage", [{"dose": amount(3.7, "GBq")}, {}])
def test_two_activities_of_one_day_are_neither_added_nor_chosen_from(dosage):
    intake = read(administration(), again(dosage=dosage))
    assert [given.activity for given in intake.state.treatments] == [None]
    assert [used for used in intake.used if used.item == "/treatments/0"] == [
        Used("MedicationAdministration/given", "/treatments/0", "2026-01-19"),
        Used("MedicationAdministration/again", "/treatments/0", "2026-01-19"),
    ]
    assert [each.resource for each in intake.not_used] == ["MedicationAdministration/again"]


def test_two_cycles_on_two_days_are_two_and_an_analogue_may_be_given_twice_a_day():
    octreotide = {"medicationCodeableConcept": coded("H01CB02", ATC), "dosage": None}
    intake = read(
        administration(),
        again(effectiveDateTime="2026-01-20"),
        administration(id="x", **octreotide),
        administration(id="y", **octreotide),
    )
    assert len(intake.state.treatments) == 4


@pytest.mark.parametrize(
    ("value", "text"),
    [("7" * 40, "7" * 40), ("7" * 41, None), (10**36, "1" + "0" * 36), (10**37, None), (10**400, None), (True, None), ([], None)],
)
def test_only_a_short_number_or_text_is_shown(value, text):
    assert shown(value) == text


@pytest.mark.parametrize("dose", [amount(10**400, "GBq"), amount("7.4", "GBq"), amount(7400, "GBq"), amount(30, "mL")])
def test_an_activity_that_is_not_used_is_not_shown(dose):
    intake = read(administration(dosage={"dose": dose}))
    assert (intake.used[-1].value, intake.used[-1].unit) == (None, None)
    assert intake.state.treatments[0].activity is None


@pytest.mark.parametrize(
    ("code", "kind", "agent"),
    [
        ("7617", "somatostatin_analogue", "octreotide"),
        ("77655", "bone_modifying_agent", "zoledronic_acid"),
        ("194000", "chemotherapy", "capecitabine"),
        ("37776", "chemotherapy", "temozolomide"),
    ],
)
def test_a_drug_may_be_coded_in_rxnorm(code, kind, agent):
    given = only_treatment(administration(medicationCodeableConcept=coded(code, RXNORM), dosage=None))
    assert (given.kind, given.agent) == (kind, agent)
