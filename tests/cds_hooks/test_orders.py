"""Orders: the services speak when an order of PRRT for this patient is chosen or signed, and otherwise not (checklist, Hooks)."""

import copy

import pytest

from tests.cds_hooks.calling import ORDER_HOOKS, cards, kit, recorded, searchset, signing, topic
from tests.intake.hospital import ATC, LUTETIUM, amount, coded, condition, order

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
OCTREOTIDE = coded("H01CB02", ATC)
MEDICATION = {"resourceType": "Medication", "id": "m", "code": LUTETIUM}
OTHER_ORDER = {
    "resourceType": "MedicationRequest",
    "id": "other",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
    "medicationCodeableConcept": OCTREOTIDE,
}

each_order_hook = pytest.mark.parametrize("hook", ORDER_HOOKS)


def service_request(**more):
    return {
        "resourceType": "ServiceRequest",
        "id": "order",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "code": LUTETIUM,
    } | more


def by_reference(reference="Medication/m", **more):
    return order(medicationCodeableConcept=None, medicationReference={"reference": reference}, **more)


def ordered_for(name="skeletal-metastases-cycle-3", hook="order-sign", **members):
    """A call of the kit whose draft has these members too."""
    told = kit(f"{hook}-{name}")
    told["context"]["draftOrders"]["entry"][0]["resource"] |= members
    return told


OF_PRRT = {
    "ATC": order(),
    "RxNorm": order(medicationCodeableConcept=coded("1999682", RXNORM)),
    "NDC": order(medicationCodeableConcept=coded("69488-003-01", "http://hl7.org/fhir/sid/ndc")),
    "HCPCS": service_request(code=coded("A9513", HCPCS)),
    "a code that is read among others": order(
        medicationCodeableConcept={"coding": [{"system": "local", "code": "1"}, *LUTETIUM["coding"]]}
    ),
    "a service request": service_request(),
    "a contained medication": by_reference("#m", contained=[{**MEDICATION, "id": "m"}]),
    "without an intent": order(intent=None),
    "without an id": order(id=None),
    "without a patient": order(subject=None),
    "already active": order(status="active"),
}


@each_order_hook
@pytest.mark.parametrize("draft", OF_PRRT.values(), ids=OF_PRRT)
def test_an_order_of_prrt_is_answered_with_the_decision_whatever_else_is_known(shared, hook, draft):
    assert topic(cards(shared, signing(draft, hook=hook))[0]) == "next_cycle"


NOT_OF_PRRT = {
    "I-131 MIBG": coded("V10XA02", ATC),
    "I-131 MIBG, by HCPCS": coded("A9590", HCPCS),
    "radium-223": coded("V10XX03", ATC),
    "octreotide": OCTREOTIDE,
    "no code": {"text": "amino acids"},
    "the code in another system": coded("V10XX04", "http://example.org/drugs"),
    "the code without a system": {"coding": [{"code": "V10XX04"}]},
    "the code in small letters": coded("v10xx04", ATC),
}


@each_order_hook
@pytest.mark.parametrize("drug", NOT_OF_PRRT.values(), ids=NOT_OF_PRRT)
def test_of_an_order_of_something_else_nothing_is_said_and_nothing_recorded(service, hook, drug):
    for draft in (order(medicationCodeableConcept=drug), service_request(code=drug)):
        assert cards(service, signing(draft, hook=hook, known=[condition("C7A.012", "http://hl7.org/fhir/sid/icd-10-cm")])) == []
    assert recorded(service) == []


@each_order_hook
@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "NutritionOrder", "id": "n"},
        {"resourceType": "MedicationDispense", "id": "d", "medicationCodeableConcept": LUTETIUM},
        {"resourceType": "MedicationRequest"},
        {},
        None,
        "MedicationRequest",
    ],
)
def test_what_is_no_order_that_is_read_is_no_order_of_prrt(shared, hook, resource):
    assert cards(shared, signing(resource, hook=hook)) == []


@each_order_hook
@pytest.mark.parametrize(
    "drafts", [None, [], {}, "x", {"resourceType": "Bundle"}, {"entry": None}, {"entry": {}}, {"entry": [None, 1]}]
)
def test_without_any_draft_nothing_is_said(shared, hook, drafts):
    told = signing(hook=hook)
    told["context"]["draftOrders"] = drafts
    assert cards(shared, told) == []


@each_order_hook
def test_without_the_member_of_drafts_nothing_is_said(shared, hook):
    told = signing(hook=hook)
    del told["context"]["draftOrders"]
    assert cards(shared, told) == []


SANDBOX = {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft", "authoredOn": "2026-03-10"}


@each_order_hook
def test_a_draft_of_the_sandbox_before_a_drug_is_chosen_is_answered_with_nothing_to_say(shared, hook):
    told = signing(SANDBOX | {"subject": {"reference": "Patient/p1"}}, hook=hook, selections=["MedicationRequest/request-123"])
    assert "type" not in told["context"]["draftOrders"]
    assert cards(shared, told) == []


@each_order_hook
def test_a_draft_of_the_sandbox_with_the_drug_chosen_and_no_intent_is_answered(shared, hook):
    told = signing(SANDBOX | {"medicationCodeableConcept": LUTETIUM}, hook=hook, selections=["MedicationRequest/request-123"])
    assert topic(cards(shared, told)[0]) == "next_cycle"


@pytest.mark.parametrize(
    "selections", [["MedicationRequest/order"], ["order"], ["MedicationRequest/other", "MedicationRequest/order"]]
)
def test_of_the_order_that_is_selected_is_spoken(shared, selections):
    assert cards(shared, signing(order(), OTHER_ORDER, hook="order-select", selections=selections)) != []


@pytest.mark.parametrize("selections", [["MedicationRequest/other"], ["other"], ["other", "other"], ["other", None, 1, {}]])
def test_of_an_order_that_is_not_selected_nothing_is_said(service, selections):
    assert cards(service, signing(order(), OTHER_ORDER, hook="order-select", selections=selections)) == []
    assert recorded(service) == []


@pytest.mark.parametrize(
    "selections",
    [None, [], {}, "MedicationRequest/other", ["MedicationRequest/nowhere"], [1, None, {"reference": "x"}], [["other"]]],
)
def test_selections_that_name_no_draft_leave_no_order_unspoken_of(shared, selections):
    assert cards(shared, signing(order(), OTHER_ORDER, hook="order-select", selections=selections)) != []


def test_signing_signs_every_draft_whatever_was_selected_before(shared):
    """`selections` is no member of the context of order-sign: unknown members are ignored."""
    assert cards(shared, signing(order(), OTHER_ORDER, selections=["MedicationRequest/other"])) != []


@each_order_hook
def test_a_drug_that_stands_in_a_draft_beside_its_order_is_found(shared, hook):
    assert topic(cards(shared, signing(by_reference(), MEDICATION, hook=hook))[0]) == "next_cycle"


@each_order_hook
def test_a_drug_that_was_sent_along_is_found(shared, hook):
    assert topic(cards(shared, signing(by_reference(), hook=hook, known=[MEDICATION]))[0]) == "next_cycle"


@each_order_hook
def test_a_draft_that_was_saved_already_counts_once(shared, hook):
    once, twice = cards(shared, signing(order(), hook=hook)), cards(shared, signing(order(), hook=hook, known=[order()]))
    assert [card["summary"] for card in twice] == [card["summary"] for card in once] != []


@each_order_hook
def test_an_order_that_is_no_draft_is_not_asked_about(shared, hook):
    assert cards(shared, signing(OTHER_ORDER, hook=hook, known=[order(id="stored")])) == []
    assert cards(shared, signing(OTHER_ORDER, hook=hook, known=[by_reference(id="stored")])) == []


@each_order_hook
def test_a_draft_in_a_bundle_among_the_drafts_is_found(shared, hook):
    assert topic(cards(shared, signing(searchset(order()), hook=hook))[0]) == "next_cycle"


@each_order_hook
def test_of_a_draft_that_was_changed_since_it_was_saved_the_draft_counts(shared, hook):
    saved = order(note=[{"text": "as saved"}])
    assert topic(cards(shared, signing(order(), hook=hook, known=[saved]))[0]) == "next_cycle"


@each_order_hook
@pytest.mark.parametrize("status", [None, "unknown"])
def test_a_draft_whose_status_is_not_told_is_a_draft_because_it_lies_among_them(shared, hook, status):
    assert topic(cards(shared, signing(order(status=status), hook=hook))[0]) == "next_cycle"


@each_order_hook
def test_an_order_not_to_give_prrt_is_no_order_of_prrt(shared, hook):
    assert cards(shared, ordered_for(hook=hook, doNotPerform=True)) == []


@pytest.mark.parametrize("subject", ["Patient/somebody-else", "https://ehr.example/fhir/Patient/somebody-else", "Group/demo-017"])
def test_a_draft_for_another_patient_is_never_answered_for_the_patient_of_the_call(service, subject):
    assert [topic(card) for card in cards(service, ordered_for(subject={"reference": subject}))] == ["another_patient"]
    assert recorded(service) == []


@each_order_hook
@pytest.mark.parametrize(
    "subject", ["Patient/demo-017", "https://ehr.example/fhir/Patient/demo-017", "Patient/demo-017/_history/2"]
)
def test_a_draft_for_the_patient_of_the_call_may_name_it_in_each_way_of_fhir(shared, hook, subject):
    assert cards(shared, ordered_for(hook=hook, subject={"reference": subject})) != []


@each_order_hook
def test_nothing_of_the_draft_for_another_patient_is_recorded(service, hook):
    another = order(id="another", subject={"reference": "Patient/p2"}, note=[{"text": "of another patient"}])
    cards(service, signing(order(), another, hook=hook))
    assert all(b"of another patient" not in entry.request for entry in recorded(service))


@each_order_hook
@pytest.mark.parametrize("name", ["skeletal-metastases-cycle-3", "pregnancy-before-cycle-3", "almost-no-data"])
def test_what_an_order_is_answered_with_holds_the_decision_and_no_prediction(of_the_kit, hook, name):
    topics = [topic(card) for card in of_the_kit[f"{hook}-{name}"]]
    assert "next_cycle" in topics
    assert "prediction" not in topics


@each_order_hook
def test_before_an_order_in_pregnancy_the_first_card_says_hold_and_the_next_says_why(of_the_kit, hook):
    first, second = of_the_kit[f"{hook}-pregnancy-before-cycle-3"]
    assert (first["indicator"], second["indicator"]) == ("critical", "critical")
    assert "HOLD" in first["summary"]
    assert "pregnancy" in second["summary"]


@each_order_hook
def test_what_is_not_known_is_never_said_to_be_safe(of_the_kit, hook):
    (card,) = of_the_kit[f"{hook}-almost-no-data"]
    assert card["indicator"] == "warning"
    assert "UNDETERMINED" in card["summary"]


def with_dose(gigabecquerels, hook="order-sign"):
    dose = [{"doseAndRate": [{"doseQuantity": amount(gigabecquerels, "GBq", "GBq")}]}]
    told = ordered_for(hook=hook, dosageInstruction=dose)
    for entry in told["prefetch"]["service_orders"]["entry"]:
        entry["resource"].pop("quantityQuantity", None)  # the plan names no activity: only the draft does
    return told


def lines_of_the_decision(shown):
    return next(card for card in shown if topic(card) == "next_cycle")["detail"].splitlines()


@each_order_hook
def test_the_activity_of_the_label_is_told(shared, hook):
    assert "- Activity: 7.4 GBq" in lines_of_the_decision(cards(shared, with_dose(7.4, hook)))


@each_order_hook
@pytest.mark.parametrize("gigabecquerels", [14.8, 7.4 * 1.5, 40])
def test_an_order_of_more_than_the_label_allows_is_never_echoed_as_the_activity_to_give(shared, hook, gigabecquerels):
    shown = cards(shared, with_dose(gigabecquerels, hook))
    assert f"- Activity: {gigabecquerels:g} GBq" not in lines_of_the_decision(shown)
    assert shown[0]["indicator"] != "info"


@each_order_hook
def test_an_intra_arterial_order_is_answered_with_a_warning(shared, hook):
    route = {"coding": [{"system": "http://snomed.info/sct", "code": "58100008"}]}
    shown = cards(shared, signing(order(dosageInstruction=[{"route": route}]), hook=hook))
    assert {"administration_route": "warning"}.items() <= {topic(card): card["indicator"] for card in shown}.items()


@each_order_hook
def test_an_order_before_the_rest_since_the_last_cycle_is_over_is_told_from_which_day_it_may_be(shared, hook):
    told = ordered_for(hook=hook)
    cycle = copy.deepcopy(told["prefetch"]["treatments"]["entry"][-1])
    cycle["resource"] |= {"id": "third", "effectiveDateTime": "2026-03-01"}
    cycle["resource"]["medicationCodeableConcept"] = LUTETIUM
    told["prefetch"]["treatments"]["entry"].append(cycle)
    not_before = [line for line in lines_of_the_decision(cards(shared, told)) if line.startswith("- Not before: ")]
    assert not_before
    assert min(not_before) > "- Not before: 2026-03-10"


@each_order_hook
def test_an_order_after_the_course_is_complete_is_answered_with_more_than_information(shared, hook):
    told = ordered_for(hook=hook)
    given = next(each for each in told["prefetch"]["treatments"]["entry"] if "effectiveDateTime" in each["resource"])
    for number, day in enumerate(("2025-06-02", "2025-07-28"), start=1):
        cycle = copy.deepcopy(given)
        cycle["resource"] |= {"id": f"more-{number}", "effectiveDateTime": day, "medicationCodeableConcept": LUTETIUM}
        told["prefetch"]["treatments"]["entry"].append(cycle)
    first = cards(shared, told)[0]
    decision = next(card for card in cards(shared, told) if topic(card) == "next_cycle")
    assert "COMPLETE" in decision["summary"], (first["summary"], decision["summary"])
    assert decision["indicator"] != "info"
