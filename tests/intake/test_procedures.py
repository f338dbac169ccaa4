"""Procedures that are treatments: SIRT, and cycles that are only recorded as a procedure."""

from datetime import date
from decimal import Decimal

import pytest

from service.intake.trace import NotUsed
from tests.intake.hospital import SNOMED, SUBJECT, administration, coded, read, reasons

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
DOTATATE = "lutetium_177_dotatate"


def only_treatment(*resources):
    (given,) = read(*resources).state.treatments
    return given


def procedure(code="79445", system=CPT, **more):
    told = {"resourceType": "Procedure", "id": "p", "status": "completed", "subject": SUBJECT, "code": coded(code, system)}
    return told | {"performedDateTime": "2024-06-01"} | more


def test_sirt_is_known_by_its_procedure():
    given = only_treatment(procedure())
    assert (given.kind, given.given_on) == ("sirt", date(2024, 6, 1))
    assert only_treatment(procedure(performedDateTime=None, performedPeriod={"start": "2024-06-02"})).given_on == date(2024, 6, 2)


@pytest.mark.parametrize(
    ("code", "system", "reason"),
    [
        ("37243", CPT, "does not say whether the embolisation was with radioactive particles"),
        ("79101", CPT, "does not say which radiopharmaceutical was given"),
        ("440252007", SNOMED, "does not say which radiopharmaceutical was given"),
        ("44140", CPT, "has no code that is read"),
    ],
)
def test_a_procedure_that_names_no_treatment_is_not_used(code, system, reason):
    assert reasons(procedure(code, system)) == [reason]


def test_a_procedure_that_is_not_completed_or_has_no_day_is_not_used():
    assert reasons(procedure(status="preparation")) == ["has status preparation"]
    assert reasons(procedure(performedDateTime=None, performedString="last summer")) == ["has no full date"]


@pytest.mark.parametrize(("code", "agent"), [("A9513", DOTATATE), ("A9590", "iodine_131_mibg")])
def test_a_procedure_that_names_a_radiopharmaceutical_is_a_cycle_without_its_activity(code, agent):
    given = only_treatment(procedure(code, HCPCS))
    assert (given.kind, given.agent, given.given_on, given.activity) == ("radiopharmaceutical", agent, date(2024, 6, 1), None)


@pytest.mark.parametrize("procedure_first", [True, False])
def test_a_procedure_on_the_day_of_an_administration_of_its_agent_is_its_double(procedure_first):
    both = [procedure("A9513", HCPCS, performedDateTime="2026-01-19"), administration()]
    intake = read(*(both if procedure_first else reversed(both)))
    assert [given.activity.value for given in intake.state.treatments] == [Decimal("7.4")]
    reason = "records an administration that another resource records too; it counts once"
    assert intake.not_used == (NotUsed("Procedure/p", reason),)
    assert intake.used[-1].resource == "MedicationAdministration/given"


def test_two_procedures_of_one_day_are_one_cycle_and_of_two_days_two():
    first, second = procedure("A9513", HCPCS), procedure("A9513", HCPCS, id="q")
    assert len(read(first, second).state.treatments) == 1
    assert len(read(first, second | {"performedDateTime": "2024-08-01"}).state.treatments) == 2


def test_a_procedure_that_names_two_treatments_is_not_understood():
    both = {"coding": [*coded("79445", CPT)["coding"], *coded("A9513", HCPCS)["coding"]]}
    assert reasons(procedure(code=None) | {"code": both}) == ["has codes that mean different things"]
