"""Which patient is meant, and what the resource of the patient says."""

from datetime import date

import pytest

from service.intake.reading import read_resources
from service.intake.trace import NotUsed, Used
from service.patient.reading import RefusedRequest
from tests.intake.hospital import PATIENT, TODAY, exact, lab, read, reasons

OTHER = {"resourceType": "Patient", "id": "p2", "gender": "male"}


def refusal(*resources, patient_id=None):
    with pytest.raises(RefusedRequest) as refused:
        read_resources([exact(each) for each in resources], TODAY, patient_id)
    (only,) = refused.value.refusals
    return only.message


def test_the_only_patient_is_the_patient():
    intake = read()
    person = intake.state.patient
    assert (person.id, person.sex, person.birth_date) == ("p1", "female", date(1961, 4, 2))
    assert Used("Patient/p1", "/patient/birth_date", None, "1961-04-02") in intake.used
    assert Used("Patient/p1", "/patient/sex", None, "female") in intake.used
    assert (intake.state.as_of, intake.not_used) == (TODAY, ())


def test_of_several_patients_the_one_that_is_asked_for_is_read():
    intake = read(OTHER, patient_id="p2")
    assert (intake.state.patient.id, intake.not_used) == ("p2", (NotUsed("Patient/p1", "is another patient"),))


def test_without_one_usable_patient_everything_is_refused():
    assert refusal(PATIENT, OTHER) == "holds more than one patient; say which one is meant"
    assert refusal(lab()) == "holds no Patient that can be used"
    assert refusal({"resourceType": "Patient", "gender": "male"}) == "holds no Patient that can be used"
    assert refusal(PATIENT, patient_id="p2") == "holds no Patient that can be used"
    assert refusal(PATIENT | {"id": "\u200bp"}) == "holds a Patient whose id cannot be used"
    assert refusal(PATIENT | {"modifierExtension": []}) == "holds a Patient with a modifier that is not understood"
    assert refusal(PATIENT | {"implicitRules": ""}) == "holds a Patient with a modifier that is not understood"


@pytest.mark.parametrize(
    ("change", "sex", "reason"),
    [
        ({"gender": "other"}, "other", None),
        ({"gender": None}, "unknown", None),
        ({"gender": "m"}, "unknown", "has a gender that is not read"),
    ],
)
def test_a_sex_that_is_not_told_is_unknown(change, sex, reason):
    intake = read(patient=PATIENT | change)
    assert intake.state.patient.sex == sex
    assert [each.reason for each in intake.not_used] == ([reason] if reason else [])


@pytest.mark.parametrize("born", ["1961", "1961-04", "1961-13-01", 1961, None])
def test_a_date_of_birth_that_is_no_full_date_is_not_used(born):
    intake = read(patient=PATIENT | {"birthDate": born})
    assert intake.state.patient.birth_date is None
    assert [each.reason for each in intake.not_used] == ["birth_date must be a date of the calendar, written YYYY-MM-DD"]


def test_a_patient_without_a_date_of_birth_is_read():
    patient = {"resourceType": "Patient", "id": "p1"}
    assert read(patient=patient).state.patient.birth_date is None


def test_a_birth_after_the_day_of_the_question_is_not_used():
    intake = read(patient=PATIENT | {"birthDate": "2026-03-11"})
    assert intake.state.patient.birth_date is None
    assert intake.not_used == (NotUsed("Patient/p1", "birth_date is after the day of the question"),)
    assert "/patient/birth_date" not in [used.item for used in intake.used]
    assert read(patient=PATIENT | {"birthDate": "2026-03-10"}).state.patient.birth_date == TODAY


@pytest.mark.parametrize("died", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-01-01"}])
def test_that_a_patient_has_died_is_listed(died):
    assert reasons(patient=PATIENT | died) == ["says that the patient has died, for which there is no field"]
    assert read(patient=PATIENT | died).is_deceased is True


@pytest.mark.parametrize(
    ("told", "is_deceased"),
    [
        ({}, False),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": "true"}, False),
        ({"deceasedDateTime": "2026"}, True),
    ],
)
def test_somebody_has_died_only_if_the_patient_says_so_in_a_member_of_fhir(told, is_deceased):
    assert read(patient=PATIENT | told).is_deceased is is_deceased


def test_that_somebody_has_not_died_is_not_listed():
    assert reasons(patient=PATIENT | {"deceasedBoolean": False}) == []
