"""Feedback: what became of the cards is recorded, in every shape that clients send (checklist 2.6)."""

import copy
import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service.audit.erasure import erase_patient
from service.cds_hooks.catalogue import SERVICES
from tests.cds_hooks.calling import CANARY, JSON, cards, kit, recorded, topic, words_of_error

VIEW = "patient-view-skeletal-metastases-cycle-3"
SIGN = "order-sign-almost-no-data"
NEVER_SHOWN = "3f2b0b5e-6f0c-4b5e-9d55-2b1f3f0a6c11"
WHEN = "2026-03-10T09:12:44Z"
REASON = {"code": "patient-refuses", "system": "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"}


def send(service, told, service_id="prrt-patient-view", **headers):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return service.request("POST", f"/cds-services/{service_id}/feedback", content=body, headers={**JSON, **headers})


def of_card(shown, **members):
    """One entry: the card was overridden, unless members say otherwise; None takes one away."""
    told = {"card": shown["uuid"], "outcome": "overridden", "outcomeTimestamp": WHEN} | members
    return {name: member for name, member in told.items() if member is not None}


def accepted(card, *suggestions, **members):
    ids = [{"id": each} for each in suggestions] or [{"id": each["uuid"]} for each in card["suggestions"]]
    return of_card(card, outcome="accepted", acceptedSuggestions=ids, **members)


def feedback_recorded(service):
    return [draft for draft in recorded(service) if draft.kind == "feedback"]


def is_refused(service, answer, status=422):
    assert answer.status_code == status, answer.text
    words_of_error(answer)
    assert feedback_recorded(service) == []


@pytest.fixture
def card(service):
    return cards(service, kit(VIEW))[0]


@pytest.fixture
def with_suggestion(service):
    return next(each for each in cards(service, kit(SIGN)) if "suggestions" in each)


def test_an_override_is_recorded_with_the_assessment_that_the_card_stands_on(service, card):
    answer = send(service, {"feedback": [of_card(card)]})
    assert (answer.status_code, answer.content) == (200, b"")
    (told,) = feedback_recorded(service)
    assert told.subject == card["links"][0]["url"].rpartition("/")[2]
    assert (told.patient_id, told.caller) == ("demo-017", "loopback")
    assert json.loads(told.answer) == {
        "card": card["uuid"],
        "service": "prrt-patient-view",
        "topic": topic(card),
        "outcome": "overridden",
        "reason": None,
    }


def test_an_accepted_suggestion_is_recorded(service, with_suggestion):
    assert send(service, {"feedback": [accepted(with_suggestion)]}, "prrt-order-sign").status_code == 200
    (told,) = feedback_recorded(service)
    assert json.loads(told.answer)["outcome"] == "accepted"
    assert with_suggestion["suggestions"][0]["uuid"].encode() in told.request


@pytest.mark.parametrize("reason", [REASON, REASON | {"display": "Patient refuses"}, {"code": "x"}, REASON | {"system": None}])
@pytest.mark.parametrize(
    "comment", [{}, {"userComment": f"{CANARY} does not want it"}, {"userComment": ""}, {"userComment": None}]
)
def test_a_reason_may_come_without_its_display_and_with_a_comment(service, card, reason, comment):
    told = {"feedback": [of_card(card, overrideReason={"reason": reason} | comment)]}
    assert send(service, told).status_code == 200
    (entry,) = feedback_recorded(service)
    assert json.loads(entry.answer)["reason"] == reason["code"]


@pytest.mark.parametrize("comment", [CANARY, f"{CANARY}\n\u2028\u202e<b>", "x" * 2000])
def test_a_comment_is_recorded_as_it_came_and_neither_logged_nor_counted(service, card, comment):
    assert send(service, {"feedback": [of_card(card, overrideReason={"userComment": comment})]}).status_code == 200
    (entry,) = feedback_recorded(service)
    assert json.loads(entry.request)["overrideReason"]["userComment"] == comment
    assert comment not in entry.answer.decode()
    assert CANARY not in service.log.getvalue()
    assert CANARY not in service.get("/metrics").text


def test_several_entries_and_repeats_are_each_recorded(service):
    shown = cards(service, kit(VIEW))
    told = {"feedback": [*(of_card(card) for card in shown), of_card(shown[0]), of_card(shown[0])]}
    assert send(service, told).status_code == 200
    assert send(service, told).status_code == 200
    topics = [json.loads(entry.answer)["topic"] for entry in feedback_recorded(service)]
    assert topics == [*(topic(card) for card in shown), topic(shown[0]), topic(shown[0])] * 2


def test_a_card_may_be_accepted_after_it_was_overridden(service, with_suggestion):
    told = {"feedback": [of_card(with_suggestion), accepted(with_suggestion)]}
    assert send(service, told, "prrt-order-sign").status_code == 200
    assert [json.loads(entry.answer)["outcome"] for entry in feedback_recorded(service)] == ["overridden", "accepted"]


def test_a_uuid_may_be_written_in_capitals(service, card):
    assert send(service, {"feedback": [of_card(card, card=card["uuid"].upper())]}).status_code == 200
    assert json.loads(feedback_recorded(service)[0].answer)["topic"] == topic(card)


def test_unknown_members_and_extensions_are_let_through(service, card):
    entry = of_card(card, extension={"com.example": None}, more=[1], overrideReason={"reason": REASON | {"version": "1"}, "x": 1})
    assert send(service, {"feedback": [entry], "extension": {"com.example": {}}}).status_code == 200


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "application/fhir+json"])
def test_feedback_is_json(service, card, content_type):
    assert send(service, {"feedback": [of_card(card)]}, **{"content-type": content_type}).status_code == 200


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_feedback_of_another_type_is_an_unsupported_media_type(service, card, content_type):
    is_refused(service, send(service, {"feedback": [of_card(card)]}, **{"content-type": content_type}), 415)


@pytest.mark.parametrize("service_id", SERVICES)
def test_feedback_is_given_by_post_alone(shared, service_id):
    for method in ("GET", "PUT", "DELETE"):
        answer = shared.request(method, f"/cds-services/{service_id}/feedback")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_feedback_to_a_service_that_is_not_there_is_not_found(service, card):
    is_refused(service, send(service, {"feedback": [of_card(card)]}, CANARY), 404)


def test_feedback_on_a_card_that_was_never_shown_is_not_found(service, card):
    is_refused(service, send(service, {"feedback": [of_card(card, card=NEVER_SHOWN)]}), 404)


@pytest.mark.parametrize("about", ["deceased", "another_patient"])
def test_feedback_on_a_card_without_an_assessment_is_counted_and_keeps_nothing_of_the_patient(service, about):
    told = kit("order-sign-skeletal-metastases-cycle-3")
    told["prefetch"]["patient"] |= {"deceasedBoolean": about == "deceased"}
    if about == "another_patient":
        told["context"]["draftOrders"]["entry"][0]["resource"]["subject"] = {"reference": "Patient/somebody-else"}
    (shown,) = cards(service, told)
    assert recorded(service) == []
    entry = of_card(shown, overrideReason={"reason": REASON, "userComment": CANARY})
    is_refused(service, send(service, {"feedback": [entry]}), 404)
    assert send(service, {"feedback": [entry]}, "prrt-order-sign").status_code == 200
    (draft,) = feedback_recorded(service)
    assert (json.loads(draft.answer)["topic"], json.loads(draft.answer)["reason"]) == (about, REASON["code"])
    assert (draft.subject, draft.patient_id, draft.request) == (None, None, b"")


def test_feedback_on_a_card_of_another_service_is_not_counted_for_this_one(service, card):
    is_refused(service, send(service, {"feedback": [of_card(card)]}, "prrt-order-sign"), 404)


def test_what_stands_before_a_card_that_was_never_shown_is_recorded_and_said_to_be(service, card):
    answer = send(service, {"feedback": [of_card(card), of_card(card, card=NEVER_SHOWN), of_card(card)]})
    assert answer.status_code == 404
    assert "what stands before it was recorded" in words_of_error(answer)
    assert len(feedback_recorded(service)) == 1


def test_feedback_on_an_assessment_that_was_erased_names_no_patient(service, card):
    erase_patient(service.app.state.recorder.store, "demo-017", "loopback")
    assert send(service, {"feedback": [of_card(card)]}).status_code == 200
    (entry,) = feedback_recorded(service)
    assert entry.patient_id is None


@pytest.mark.parametrize(
    "suggestions", [None, [], [{}], [{"id": None}], [{"id": "x"}], [{"uuid": NEVER_SHOWN}], {}, "x", [NEVER_SHOWN]]
)
def test_cds_fb_2_what_was_accepted_names_its_suggestions(service, card, suggestions):
    is_refused(service, send(service, {"feedback": [of_card(card, outcome="accepted", acceptedSuggestions=suggestions)]}))


def test_what_was_overridden_names_no_accepted_suggestions(service, with_suggestion):
    told = accepted(with_suggestion) | {"outcome": "overridden"}
    is_refused(service, send(service, {"feedback": [told]}, "prrt-order-sign"))


def test_what_was_accepted_names_no_reason_to_override_it(service, with_suggestion):
    told = accepted(with_suggestion, overrideReason={"reason": REASON})
    is_refused(service, send(service, {"feedback": [told]}, "prrt-order-sign"))


@pytest.mark.parametrize("reason", [{}, {"reason": None}, {"reason": None, "userComment": None}, {"extension": {}}])
def test_cds_fb_3_a_reason_to_override_is_a_code_or_a_comment_or_both(service, card, reason):
    is_refused(service, send(service, {"feedback": [of_card(card, overrideReason=reason)]}))


@pytest.mark.parametrize(
    "reason",
    [
        [],
        CANARY,
        1,
        {"reason": CANARY},
        {"reason": []},
        {"reason": {}},
        {"reason": {"system": "x"}},
        {"reason": {"code": ""}},
        {"reason": {"code": 1}},
        {"reason": {"code": f"{CANARY}{'x' * 200}"}},
        {"userComment": 1},
        {"userComment": [CANARY]},
        {"userComment": "x" * 2001},
    ],
    ids=lambda reason: json.dumps(reason)[:40],
)
def test_a_reason_that_cannot_be_read_is_refused(service, card, reason):
    is_refused(service, send(service, {"feedback": [of_card(card, overrideReason=reason)]}))


@pytest.mark.parametrize("outcome", [None, "", "ignored", "Accepted", CANARY, 1, True, [], {}])
def test_an_outcome_is_accepted_or_overridden(service, card, outcome):
    is_refused(service, send(service, {"feedback": [of_card(card) | {"outcome": outcome}]}))


@pytest.mark.parametrize(
    "told", [None, "", CANARY, 1, [], {}, f"urn:uuid:{NEVER_SHOWN}", NEVER_SHOWN.replace("-", ""), f"{NEVER_SHOWN}\n"]
)
def test_a_card_is_named_by_its_uuid(service, card, told):
    is_refused(service, send(service, {"feedback": [of_card(card) | {"card": told}]}))
    is_refused(service, send(service, {"feedback": [of_card(card, card=None)]}))


@pytest.mark.parametrize(
    "when",
    [
        "2026-03-10T09:12:44Z",
        "2026-03-10T09:12:44.123Z",
        "2026-03-10T09:12:44+01:00",
        "2026-03-10T09:12:44-00:00",
        "2026-03-10t09:12:44z",
        "1985-04-12T23:20:50.52Z",
    ],
)
def test_a_time_of_rfc_3339_is_read(service, card, when):
    assert send(service, {"feedback": [of_card(card, outcomeTimestamp=when)]}).status_code == 200


@pytest.mark.parametrize(
    "when",
    [
        None,
        "",
        CANARY,
        1_700_000_000,
        1.5,
        True,
        [],
        "2026-03-10",
        "09:12:44Z",
        "2026-03-10T09:12:44",
        "2026-02-30T09:12:44Z",
        "2026-03-10T24:12:44Z",
        "10.03.2026 09:12:44Z",
        "1700000000",
        "1700000000.5",
        "-1",
    ],
)
def test_what_is_no_time_of_rfc_3339_is_refused(service, card, when):
    is_refused(service, send(service, {"feedback": [of_card(card) | {"outcomeTimestamp": when}]}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"feedback": null}',
        b'{"feedback": []}',
        b'{"feedback": {}}',
        b'{"feedback": [null]}',
        b'{"feedback": [[]]}',
        b'{"feedback": [{}]}',
        b'{"feedback": NaN}',
        b'{"feedback": "zebra-4711"}',
        b'{"Feedback": []}',
    ],
)
def test_what_is_no_feedback_is_refused(service, body):
    is_refused(service, send(service, body))


@pytest.mark.parametrize("member", ["card", "outcome", "outcomeTimestamp"])
def test_a_member_that_stands_twice_is_refused(service, card, member):
    body = json.dumps({"feedback": [of_card(card)]}).replace(f'"{member}"', f'"{member}": "{CANARY}", "{member}"').encode()
    is_refused(service, send(service, body))


@pytest.mark.parametrize(("count", "status"), [(100, 200), (101, 422)])
def test_a_hundred_entries_are_read_and_no_more(service, card, count, status):
    assert send(service, {"feedback": [of_card(card)] * count}).status_code == status
    assert len(feedback_recorded(service)) == (count if status == 200 else 0)


def test_feedback_that_is_too_large_is_refused(service):
    is_refused(service, send(service, b" " * 1_048_577), 413)


def test_one_entry_that_cannot_be_read_is_enough_to_record_none(service, card):
    is_refused(service, send(service, {"feedback": [of_card(card), of_card(card, outcome="ignored")]}))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.just(CANARY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10) | st.just(CANARY), inner, max_size=3),
    max_leaves=5,
)
PLACES = ["card", "outcome", "outcomeTimestamp", "acceptedSuggestions", "overrideReason", "overrideReason/reason"]
PLACES += ["overrideReason/userComment", "overrideReason/reason/code", "overrideReason/reason/display", "extension"]


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.sampled_from(PLACES), value=ANYTHING)
def test_feedback_of_any_shape_is_recorded_or_refused_without_being_repeated(service, card, place, value):
    entry = node = of_card(card, overrideReason={"reason": copy.deepcopy(REASON), "userComment": "a"})
    *steps, last = place.split("/")
    for step in steps:
        node = node[step]
    node[last] = value
    before = len(feedback_recorded(service))
    answer = send(service, {"feedback": [entry]})
    assert answer.status_code in {200, 404, 422}
    assert len(feedback_recorded(service)) - before == (answer.status_code == 200)
    if answer.status_code != 200:
        words_of_error(answer)
    assert CANARY not in service.log.getvalue()
