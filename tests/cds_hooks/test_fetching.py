"""What was not sent along is fetched from the FHIR server: what is asked for, and what is done with whatever it answers."""

import json

import pytest

from service.cds_hooks.catalogue import PREFETCH
from service.cds_hooks.fhir_server import MOST_PAGES, NotFetchedError
from service.intake.notes import WHY
from tests.access.issuer import answering
from tests.cds_hooks.calling import kit as call_of_the_kit
from tests.cds_hooks.fhir_server import (
    TOKEN,
    as_json,
    call,
    cards,
    details,
    fetched,
    kit,
    not_used,
    outcome,
    page,
    recorded,
    with_server,
)

SEARCHES = sorted(set(PREFETCH) - {"patient"})
LABORATORY = kit()["prefetch"]["laboratory"]
ENTRIES = LABORATORY["entry"]


def test_a_complete_prefetch_asks_the_server_for_nothing(service, ehr):
    assert cards(call(service, with_server(kit(), ehr.base))) == cards(call(service, kit()))
    assert ehr.asked == []


@pytest.mark.parametrize("key", PREFETCH)
def test_a_key_that_is_absent_is_fetched_and_the_answer_is_that_of_a_complete_prefetch(service, ehr, key):
    answer = call(service, with_server(kit(), ehr.base, key))
    assert cards(answer) == cards(call(service, kit()))
    assert ehr.keys == [key]


def test_i_34_everything_can_be_fetched_and_each_thing_is_asked_for_once(service, ehr):
    answer = call(service, with_server(kit(), ehr.base, *PREFETCH))
    assert cards(answer) == cards(call(service, kit()))
    assert ehr.keys == sorted(PREFETCH)


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_what_is_missing_is_fetched_for_an_order_too(service, ehr, hook):
    answer = call(service, with_server(kit(hook=hook), ehr.base, *PREFETCH))
    assert cards(answer) == cards(call(service, kit(hook=hook)))
    assert ehr.keys == sorted(PREFETCH)


def test_a_call_without_a_prefetch_is_answered_from_the_server(service, ehr):
    told = with_server(kit(), ehr.base)
    told.pop("prefetch")
    answer = call(service, told)
    assert answer.status_code == 200
    assert ehr.keys == sorted(PREFETCH)


def test_the_requests_are_those_that_the_catalogue_publishes(service, ehr):
    call(service, with_server(kit(), ehr.base, *PREFETCH))
    for asked in ehr.asked:
        assert asked.key in PREFETCH, asked.target
        assert "{" not in asked.target
        assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
        assert "application/fhir+json" in asked.headers["Accept"]


def test_i_53_a_key_that_is_null_is_not_fetched(service, ehr):
    told = with_server(kit(), ehr.base)
    told["prefetch"]["laboratory"] = None
    answer = call(service, told)
    assert answer.status_code == 200
    assert ehr.asked == []
    assert not any("was not sent along" in reason for _, reason in not_used(service, answer))


@pytest.mark.parametrize("value", [{}, [], "", 7, True, outcome("search failed")], ids=str)
def test_a_value_that_is_no_resource_is_fetched_instead(service, ehr, value):
    told = with_server(kit(), ehr.base)
    told["prefetch"]["laboratory"] = value
    assert cards(call(service, told)) == cards(call(service, kit()))
    assert ehr.keys == ["laboratory"]


@pytest.mark.parametrize(
    "partial",
    [
        page(ENTRIES[:1], "https://anywhere.example/fhir?page=2"),
        page(ENTRIES[:1], total=len(ENTRIES)),
        page([*ENTRIES[:1], {"search": {"mode": "outcome"}, "resource": outcome("timed out")}]),
        {"resourceType": "Bundle", "type": "searchset", "total": len(ENTRIES)},
    ],
    ids=["next link", "total", "outcome", "total and no entries"],
)
def test_i_48_and_i_52_a_partial_prefetch_is_completed(service, ehr, partial):
    told = with_server(kit(), ehr.base)
    told["prefetch"]["laboratory"] = partial
    assert cards(call(service, told)) == cards(call(service, kit()))
    assert ehr.keys == ["laboratory"]


@pytest.mark.parametrize("key", SEARCHES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 503])
def test_a_search_that_the_server_refuses_is_told_and_the_call_is_answered(service, ehr, key, status):
    ehr.says[key] = as_json(outcome("zebra"), status)
    answer = call(service, with_server(kit(), ehr.base, key))
    assert answer.status_code == 200
    assert f"prefetch {key}" in {resource for resource, _ in not_used(service, answer)}
    assert "zebra" not in answer.text


NOT_FHIR = {
    "html": answering(b"<html>Sign in</html>", Content_Type="text/html"),
    "nothing": answering(b""),
    "broken JSON": answering(b'{"resourceType": "Bundle", "entry": ['),
    "an array": as_json([LABORATORY]),
    "a text": as_json("Bundle"),
    "null": as_json(None),
    "NaN": answering(b'{"resourceType": "Bundle", "total": NaN}'),
    "a key twice": answering(b'{"resourceType": "Bundle", "resourceType": "Bundle"}'),
    "nested deeply": answering(b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    "a lone surrogate": answering(b'{"resourceType": "Bundle", "id": "\\ud800"}'),
    "no UTF-8": answering(b'{"resourceType": "Bundle", "id": "\xff\xfe"}'),
    "an object of no type": as_json({}),
    "an error of somebody else": as_json({"error": "invalid_token"}),
    "a type that is no text": as_json({"resourceType": ["Bundle"]}),
    "204": as_json({}, 204),
    "206": as_json(LABORATORY, 206),
}


@pytest.mark.parametrize("what", NOT_FHIR)
def test_an_answer_that_is_no_resource_is_told_and_the_call_is_answered(service, ehr, what):
    ehr.says["laboratory"] = NOT_FHIR[what]
    answer = call(service, with_server(kit(), ehr.base, "laboratory"))
    assert answer.status_code == 200
    refused = what in ("204", "206")
    assert ("prefetch laboratory", WHY["refused" if refused else "not-fetched"]) in not_used(service, answer)
    assert "Not used: `prefetch laboratory`" in details(answer)


@pytest.mark.parametrize(
    "value",
    [outcome("no such search"), page([{"resource": outcome("timed out"), "search": {"mode": "outcome"}}])],
    ids=["as the whole answer", "as an entry"],
)
def test_i_52_an_outcome_that_the_server_answers_is_told(service, ehr, value):
    ehr.says["laboratory"] = as_json(value)
    answer = call(service, with_server(kit(), ehr.base, "laboratory"))
    assert any("OperationOutcome" in reason for _, reason in not_used(service, answer))
    assert "OperationOutcome" in details(answer)


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/json", "application/octet-stream", None])
def test_what_the_server_calls_its_answer_does_not_matter(service, ehr, kind):
    headers = {"Content_Type": kind} if kind else {}
    ehr.says["laboratory"] = answering(json.dumps(LABORATORY).encode(), **headers)
    assert cards(call(service, with_server(kit(), ehr.base, "laboratory"))) == cards(call(service, kit()))


def test_a_single_resource_instead_of_a_bundle_is_read(service, ehr):
    ehr.says["laboratory"] = as_json(ENTRIES[0]["resource"])
    answer = call(service, with_server(kit(), ehr.base, "laboratory"))
    used = recorded(service, answer)[1]["intake"]["used"]
    assert f"Observation/{ENTRIES[0]['resource']['id']}" in {each["resource"] for each in used}


def in_pages(ehr, *addresses):
    """The laboratory in as many pages as there are addresses, and one more."""
    size = -(-len(ENTRIES) // (len(addresses) + 1))
    pages = [ENTRIES[start : start + size] for start in range(0, len(ENTRIES), size)]
    for key, entries, following in zip(
        ["laboratory", *(f"page-{number}" for number in range(2, len(pages) + 1))], pages, [*addresses, None], strict=True
    ):
        ehr.says[key] = as_json(page(entries, following, total=len(ENTRIES)))


@pytest.mark.parametrize("address", ["{base}/page-{number}", "page-{number}", "/fhir/page-{number}", "./x/../page-{number}"])
def test_i_48_every_page_of_a_search_is_fetched(service, ehr, address):
    in_pages(ehr, *(address.format(base=ehr.base, number=number) for number in (2, 3, 4)))
    assert cards(call(service, with_server(kit(), ehr.base, "laboratory"))) == cards(call(service, kit()))
    assert ehr.keys == ["laboratory", "page-2", "page-3", "page-4"]
    assert {asked.headers["Authorization"] for asked in ehr.asked} == {f"Bearer {TOKEN}"}


def is_told(service, answer):
    """Whether both the record and a card say that the laboratory is incomplete."""
    reasons = [reason for _, reason in not_used(service, answer)]
    return any("only a part" in each or each in WHY.values() for each in reasons) and "Not used: " in details(answer)


@pytest.mark.parametrize(
    "answer",
    [as_json(outcome("gone"), 500), NOT_FHIR["html"], NOT_FHIR["an error of somebody else"], as_json(outcome("gone"))],
    ids=["500", "html", "an error of somebody else", "an outcome"],
)
def test_a_page_in_the_middle_that_fails_is_told(service, ehr, answer):
    in_pages(ehr, "page-2", "page-3")
    ehr.says["page-2"] = answer
    assert is_told(service, call(service, with_server(kit(), ehr.base, "laboratory")))


def test_endless_pages_end_and_are_told(service, ehr):
    ehr.says["laboratory"] = as_json(page(ENTRIES[:1], "laboratory-again"))
    ehr.says["laboratory-again"] = as_json(page([], "laboratory-again"))
    assert is_told(service, call(service, with_server(kit(), ehr.base, "laboratory")))
    assert len(ehr.asked) == MOST_PAGES


def test_as_many_pages_as_are_read_are_read(ehr):
    for number in range(1, MOST_PAGES):
        ehr.says[f"page-{number}"] = as_json(page([{"resource": {"id": str(number)}}], f"page-{number + 1}"))
    ehr.says[f"page-{MOST_PAGES}"] = as_json(page([{"resource": {"id": "last"}}]))
    found = fetched(ehr, "page-1")
    assert len(found["entry"]) == len(ehr.asked) == MOST_PAGES


@pytest.mark.parametrize("following", ["", 7, {}, "http://[", "http://127.0.0.1:port/", "\ud7ff\x00", "//", "page 2\r\nX: y"])
def test_a_next_page_that_has_no_usable_address_is_told(service, ehr, following):
    ehr.says["laboratory"] = as_json(page(ENTRIES[:1], following))
    assert is_told(service, call(service, with_server(kit(), ehr.base, "laboratory")))


def test_a_next_page_without_any_address_is_told(service, ehr):
    ehr.says["laboratory"] = as_json(page(ENTRIES[:1]) | {"link": [{"relation": "next"}]})
    assert is_told(service, call(service, with_server(kit(), ehr.base, "laboratory")))


def test_i_48_fewer_entries_than_the_server_says_it_found_are_told(service, ehr):
    ehr.says["laboratory"] = as_json(page(ENTRIES[:1], total=len(ENTRIES)))
    assert is_told(service, call(service, with_server(kit(), ehr.base, "laboratory")))


@pytest.mark.parametrize("partial", [page(ENTRIES[:1], "page-2"), page(ENTRIES[:1], total=9)], ids=["next link", "total"])
@pytest.mark.parametrize("status", [404, 500])
def test_a_partial_prefetch_that_cannot_be_completed_is_used_and_told(service, ehr, partial, status):
    ehr.says["laboratory"] = as_json(outcome("away"), status)
    told = with_server(kit(), ehr.base)
    told["prefetch"]["laboratory"] = partial
    answer = call(service, told)
    used = recorded(service, answer)[1]["intake"]["used"]
    assert f"Observation/{ENTRIES[0]['resource']['id']}" in {each["resource"] for each in used}
    assert is_told(service, answer)


@pytest.mark.parametrize("entries", [7, "x", [1, "x", None], {"resource": {}}, [{"resource": 7}], [{}]], ids=str)
def test_entries_that_are_none_do_not_stop_the_call(service, ehr, entries):
    ehr.says["laboratory"] = as_json(
        {"resourceType": "Bundle", "type": "searchset", "entry": entries, "link": entries, "total": "x"}
    )
    assert call(service, with_server(kit(), ehr.base, "laboratory")).status_code == 200


@pytest.mark.parametrize("number", ["1e999999", "-1e-999999", "1" * 4000, "1" * 5000, "-" + "7" * 9000, "0." + "3" * 6000])
def test_a_number_without_measure_from_the_server_does_not_stop_the_call(service, ehr, number):
    body = json.dumps(LABORATORY).replace('"value": 210', f'"value": {number}', 1)
    body = body if number in body else body.replace('"entry"', f'"total": {number}, "entry"', 1)
    ehr.says["laboratory"] = answering(body.encode())
    assert call(service, with_server(kit(), ehr.base, "laboratory")).status_code == 200


def test_what_could_not_be_had_is_said_without_address_and_status_text(ehr):
    ehr.says["patient"] = as_json(outcome("zebra"), 418)
    with pytest.raises(NotFetchedError, match=r"^refused$"):
        fetched(ehr)


@pytest.mark.parametrize("extension", ["/", "//", ""])
def test_an_address_with_a_slash_at_its_end_is_the_same_server(service, ehr, extension):
    answer = call(service, with_server(kit(), ehr.base + extension, "laboratory"))
    assert cards(answer) == cards(call(service, kit()))


@pytest.mark.parametrize("token", [None, 7, {}, ["x"], "", "a\r\nX-Evil: 1", "a\nb", "clé", "a\x00b", "\u2028"], ids=repr)
def test_without_a_token_that_can_be_sent_the_server_is_asked_nothing_or_nothing_else(service, ehr, token):
    answer = call(service, with_server(kit(), ehr.base, "laboratory", token=token))
    assert answer.status_code == 200
    assert is_told(service, answer)
    assert not any("X-Evil" in asked.headers for asked in ehr.asked)


def test_without_an_authorization_nothing_is_asked(service, ehr):
    told = with_server(kit(), ehr.base, "laboratory")
    told.pop("fhirAuthorization")
    assert is_told(service, call(service, told))
    assert ehr.asked == []


def test_an_authorization_without_a_server_is_a_call_that_cannot_be_answered(service):
    told = with_server(kit(), "")
    told.pop("fhirServer")
    answer = call(service, told)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/fhir+json")
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "fhirServer" in answer.text
    assert TOKEN not in answer.text


def of_a_medication():
    """An order of which the drug stands in a resource of its own, which was not sent along."""
    told = call_of_the_kit("order-sign-skeletal-metastases-cycle-3")
    (entry,) = told["context"]["draftOrders"]["entry"]
    del entry["resource"]["medicationCodeableConcept"]
    entry["resource"]["medicationReference"] = {"reference": "Medication/m1"}
    return told


def medication(code):
    coding = {"system": "http://www.whocc.no/atc", "code": code}
    return as_json({"resourceType": "Medication", "id": "m1", "code": {"coding": [coding]}})


def test_the_drug_of_an_order_is_fetched(service, ehr):
    ehr.says["Medication/m1"] = medication("V10XX04")
    assert cards(call(service, with_server(of_a_medication(), ehr.base)))
    assert ehr.keys == ["Medication/m1"]


def test_an_order_of_which_the_drug_is_another_gets_no_card_and_is_not_recorded(service, ehr):
    ehr.says["Medication/m1"] = medication("J01CA04")
    answer = call(service, with_server(of_a_medication(), ehr.base))
    assert answer.json() == {"cards": []}
    assert list(service.app.state.recorder.store.every()) == []


def test_an_order_of_which_the_drug_cannot_be_had_may_be_one_of_prrt(service, ehr):
    assert cards(call(service, with_server(of_a_medication(), ehr.base)))
