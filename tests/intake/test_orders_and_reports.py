"""What is intended, from orders and drafts of them; and imaging studies, from reports."""

from datetime import date
from decimal import Decimal

import pytest

from service.intake.trace import NotUsed
from tests.intake.hospital import ATC, LUTETIUM, SNOMED, SUBJECT, amount, coded, order, read, service_request, without_nothing

SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
STABLE = [coded("C18213", NCIT)]
OURS = [{"url": "urn:prrt-cds:fhir:imaging", "valueCode": "empty-object"}]
MIBG = coded("V10XA02", ATC)


def dosage(*quantities, **more):
    return [{"doseAndRate": [{"doseQuantity": quantity} for quantity in quantities]} | more]


@pytest.mark.parametrize(("value", "unit"), [(7.4, "GBq"), (7400, "MBq"), (200, "mCi")])
def test_a_draft_of_a_radiopharmaceutical_is_the_plan(value, unit):
    intake = read(
        order(
            dosageInstruction=dosage(
                amount(value, unit, unit), route=coded("58100008", SNOMED), timing={"event": ["2026-03-16T09:00:00+01:00"]}
            )
        )
    )
    plan = intake.state.plan
    assert (plan.agent, plan.route, plan.next_cycle_on) == ("lutetium_177_dotatate", "intra_arterial", date(2026, 3, 16))
    assert plan.planned_activity.quantity.amount == Decimal("7.4")
    assert [used.unit for used in intake.used if used.item == "/plan/planned_activity"] == [unit]
    assert intake.not_used == ()


def test_a_service_request_is_a_plan():
    plan = read(service_request(occurrenceDateTime="2026-03-16", quantityQuantity=amount(7.4, "GBq"))).state.plan
    assert (plan.next_cycle_on, plan.planned_activity.value) == (date(2026, 3, 16), Decimal("7.4"))


@pytest.mark.parametrize("bare", [{"intent": None}, {"intent": "order"}])
def test_a_draft_in_which_nothing_is_chosen_yet_is_no_plan(bare):
    intake = read(order(medicationCodeableConcept=None, **bare))
    assert intake.state.plan is None
    assert [each.reason for each in intake.not_used] == ["orders no radiopharmaceutical that is read"]
    assert read(order(**bare)).state.plan.agent == "lutetium_177_dotatate"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"medicationCodeableConcept": coded("H01CB02", ATC)}, "orders no radiopharmaceutical that is read"),
        (
            {"medicationCodeableConcept": {"coding": [*LUTETIUM["coding"], *MIBG["coding"]]}},
            "has codes that mean different things",
        ),
        ({"status": "cancelled"}, "has status cancelled"),
        ({"status": "completed"}, "has status completed"),
        ({"doNotPerform": True}, "orders that something is not done"),
        ({"doNotPerform": []}, "orders that something is not done"),
        ({"intent": "option"}, "has an intent that is not read"),
        ({"intent": 3}, "has an intent that is not read"),
    ],
)
def test_an_order_that_is_not_what_is_intended_is_no_plan(change, reason):
    intake = read(order(**change))
    assert intake.state.plan is None
    assert [each.reason for each in intake.not_used] == [reason]


@pytest.mark.parametrize(
    "instructions",
    [
        [*dosage(amount(7.4, "GBq")), *dosage(amount(7.4, "GBq"))],
        dosage(amount(7.4, "GBq"), amount(3.7, "GBq")),
        dosage(amount(7.4, "GBq") | {"comparator": "<"}),
        [{"timing": {"event": ["2026-03-16", "2026-05-11"]}}],
        [{"timing": {"event": [7]}}],
        [{"timing": {"event": "2026-03-16"}}],
        "7.4 GBq",
    ],
)
def test_an_instruction_that_says_more_than_one_thing_leaves_only_the_agent(instructions):
    plan = read(order(dosageInstruction=instructions)).state.plan
    assert (plan.agent, plan.planned_activity, plan.next_cycle_on) == ("lutetium_177_dotatate", None, None)


@pytest.mark.parametrize("value", [7400, 10**400])
def test_an_activity_that_cannot_be_is_left_out_of_the_plan(value):
    intake = read(order(dosageInstruction=dosage(amount(value, "GBq"))))
    assert (intake.state.plan.agent, intake.state.plan.planned_activity) == ("lutetium_177_dotatate", None)
    assert len(intake.not_used) == 1


def test_what_two_orders_disagree_on_is_left_out_of_the_plan():
    intake = read(service_request(occurrenceDateTime="2026-03-16"), service_request(id="t", occurrenceDateTime="2026-05-11"))
    assert (intake.state.plan.agent, intake.state.plan.next_cycle_on) == ("lutetium_177_dotatate", None)
    reason = "does not agree with another resource about next_cycle_on; neither is used"
    assert intake.not_used == (NotUsed("ServiceRequest/s", reason), NotUsed("ServiceRequest/t", reason))


def report(*categories, **more):
    told = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "subject": SUBJECT,
        "effectiveDateTime": "2026-03-05",
    }
    return without_nothing(told | {"category": [coded(code, system) for code, system in categories]} | more)


CT, MRI, LABORATORY = ("CT", SERVICE), ("NMR", SERVICE), ("LAB", SERVICE)
RADIOLOGY = ("LP29684-5", "http://loinc.org")


@pytest.mark.parametrize(
    ("categories", "modality"),
    [([CT], "ct"), ([MRI], "mri"), ([RADIOLOGY], None), ([RADIOLOGY, CT], "ct"), ([CT, MRI], None), ([("RAD", SERVICE)], None)],
)
def test_a_report_of_imaging_is_a_study(categories, modality):
    (study,) = read(report(*categories, conclusionCode=STABLE)).state.imaging
    assert (study.performed_on, study.modality, study.overall_response) == (date(2026, 3, 5), modality, "stable_disease")


@pytest.mark.parametrize(
    ("code", "response"),
    [
        ("C4870", "complete_response"),
        ("C18058", "partial_response"),
        ("C18213", "stable_disease"),
        ("C35571", "progressive_disease"),
    ],
)
def test_the_conclusion_of_a_report_is_its_response(code, response):
    intake = read(report(CT, conclusionCode=[coded(code, NCIT)]))
    assert intake.state.imaging[0].overall_response == response
    assert intake.used[-1].value == code


def test_two_conclusions_are_neither_used():
    both = [coded("C18058", NCIT), coded("C35571", NCIT)]
    intake = read(report(CT, conclusionCode=both))
    assert intake.state.imaging is None
    assert [each.reason for each in intake.not_used] == ["concludes more than one response"]
    intake = read(report(CT, conclusionCode=both, extension=OURS))
    assert intake.state.imaging[0].overall_response is None
    assert [each.reason for each in intake.not_used] == ["is used without its response: it concludes more than one"]


@pytest.mark.parametrize("conclusion", [None, [coded("C1", NCIT)], [{"text": "Stable Disease"}]])
def test_a_report_of_imaging_counts_only_with_its_conclusion_or_our_extension(conclusion):
    intake = read(report(CT, conclusionCode=conclusion))
    assert intake.state.imaging is None
    assert [each.reason for each in intake.not_used] == ["concludes no response that is read"]
    assert len(read(report(CT, conclusionCode=conclusion, extension=OURS)).state.imaging) == 1


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (report(LABORATORY), "is a list of results, which are read from their own resources"),
        (report(), "has no category that is read"),
        (report(("RX", SERVICE)), "has no category that is read"),
        (report(("CUS", SERVICE)), "is no report of imaging"),
        (report(CT, status="partial"), "has status partial"),
        (report(CT, effectiveDateTime="2026"), "has no full date"),
        (
            report(CT, effectiveDateTime="1800-01-01", conclusionCode=STABLE),
            "performed_on must be a date of the calendar, written YYYY-MM-DD",
        ),
    ],
)
def test_a_report_that_is_no_dated_imaging_is_not_used(resource, reason):
    intake = read(resource)
    assert intake.state.imaging is None
    assert [each.reason for each in intake.not_used] == [reason]
