"""Cards: what the specification asks of each, over every call of the kit and over random patients (checklist 2.5)."""

# ruff: noqa: N802  # I-nn is the number of a requirement

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.cds_hooks.card_draft import CardDraft
from service.cds_hooks.card_text import shortened
from service.cds_hooks.cards import _card
from service.cds_hooks.wording import as_unread, first_clause, said_once
from service.presentation.names import in_words, item_name
from service.presentation.numbers import percent
from service.settings import Settings
from tests.cds_hooks.calling import (
    KIT,
    SERVICE_URL,
    URGENT_FIRST,
    assessment,
    cards,
    empties,
    engine_of_the_day,
    guidance,
    is_uuid,
    kit,
    topic,
)
from tests.cds_hooks.showing import FIVE_WARNINGS, LAW, SKELETAL, answers, shown

# HL7's value set non-adherence-reason-clinical.
REASONS = {
    "cds-not-applicable",
    "cds-suboptimal-context",
    "recipient-disagrees-evidence",
    "recipient-concerns-outcomes",
    "does-not-align-preferences",
    "not-convenient-feasible",
    "action-completed",
    "patient-contraindication",
    "patient-refuses",
    "too-costly-uncovered",
    "service-not-available",
    "recipient-does-not-understand",
}
MEMBERS = {
    *("uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior", "overrideReasons", "links"),
    "extension",
}

each_call = pytest.mark.parametrize("name", KIT)


with_predictions = st.booleans()


def is_absolute(address):
    return urlsplit(address).scheme in {"http", "https"} and bool(urlsplit(address).netloc)


@each_call
def test_I_3_nothing_in_an_answer_is_null_or_empty_but_the_list_of_cards(of_the_kit, name):
    assert list(empties({"cards": of_the_kit[name]})) in ([], ["/cards"])


@LAW
@given(answers(), with_predictions)
def test_I_3_nothing_on_any_card_is_null_or_empty(answer, predictions):
    assert [place for card in shown(answer, predictions=predictions) for place in empties(card)] == []


@each_call
def test_there_are_at_most_four_cards(of_the_kit, name):
    assert len(of_the_kit[name]) <= 4


@LAW
@given(answers(), with_predictions)
def test_there_are_at_most_four_cards_for_anybody(answer, predictions):
    assert len(shown(answer, predictions=predictions)) <= 4


@LAW
@given(answers(), with_predictions)
def test_the_most_urgent_card_stands_first(answer, predictions):
    ranks = [URGENT_FIRST.index(card["indicator"]) for card in shown(answer, predictions=predictions)]
    assert ranks == sorted(ranks)


@LAW
@given(answers(), with_predictions)
def test_each_thing_has_one_card(answer, predictions):
    topics = [topic(card) for card in shown(answer, predictions=predictions)]
    assert len(topics) == len(set(topics))


def test_of_cards_as_urgent_as_each_other_the_decision_stands_first(of_the_kit):
    (decision, reason, *_) = of_the_kit["patient-view-pregnancy-before-cycle-3"]
    assert (topic(decision), topic(reason)) == ("next_cycle", "eligibility")
    assert decision["indicator"] == reason["indicator"] == "critical"


@LAW
@given(answers(), with_predictions)
def test_where_there_is_a_decision_it_has_a_card(answer, predictions):
    """It holds what is missing, what was not used and what was cut; before an order it is what was asked for."""
    topics = [topic(card) for card in shown(answer, predictions=predictions)]
    assert ("next_cycle" in answer) == ("next_cycle" in topics)


# Both planned cycles are given, and platelets are at grade 4.
COMPLETE_AND_CRITICAL = SKELETAL | {
    "plan": {"agent": "lutetium_177_dotatate", "planned_cycles": 2},
    "laboratory": [
        value | ({"value": 15} if value["analyte"] == "platelets" and value["taken_on"] > "2026-02" else {})
        for value in SKELETAL["laboratory"]
    ],
}


@pytest.mark.parametrize("predictions", [False, True])
def test_a_course_that_is_complete_is_said_to_be_also_beside_something_critical(predictions):
    answer = assessment(COMPLETE_AND_CRITICAL)
    assert answer["next_cycle"]["decision"] == "complete"
    assert answer["recommendations"][0]["urgency"] == "critical"
    assert any("COMPLETE" in card["summary"] for card in shown(answer, predictions=predictions))


def without_a_card_or_a_name(answer, seen, *urgencies):
    """The titles of recommendations that no card speaks of."""
    text = plain_again("\n".join(f"{card['summary']}\n{card['detail']}" for card in seen))
    topics = {topic(card) for card in seen}
    asked = [verdict for verdict in answer["recommendations"] if verdict["urgency"] in urgencies]
    return [verdict["title"] for verdict in asked if verdict["rule"] not in topics and verdict["title"] not in text]


@LAW
@given(answers(), with_predictions)
def test_whatever_is_critical_has_a_card_or_is_named_on_one(answer, predictions):
    assert without_a_card_or_a_name(answer, shown(answer, predictions=predictions), "critical") == []


@pytest.mark.parametrize("predictions", [False, True])
def test_whatever_asks_to_be_looked_at_has_a_card_or_is_named_on_one(predictions):
    answer = assessment(FIVE_WARNINGS)
    assert [each["urgency"] for each in answer["recommendations"]].count("warning") == 4
    assert without_a_card_or_a_name(answer, shown(answer, predictions=predictions), "critical", "warning") == []


def test_a_prediction_takes_the_place_of_nothing_that_asks_to_be_looked_at():
    answer = assessment(FIVE_WARNINGS)
    assert any(risk["status"] == "estimated" for risk in answer["risks"])
    assert [card["indicator"] for card in shown(answer, predictions=True)] == ["warning"] * 4


@LAW
@given(answers())
def test_beside_something_critical_no_recommendation_stands_that_is_only_worth_knowing(answer):
    seen = shown(answer, predictions=False)
    assert {card["indicator"] for card in seen} <= {"critical", "warning"} or seen[0]["indicator"] != "critical"


@LAW
@given(answers())
def test_predictions_are_shown_only_when_they_are_asked_for_and_if_there_are_any(answer):
    assert "prediction" not in {topic(card) for card in shown(answer, predictions=False)}
    if "prediction" in {topic(card) for card in shown(answer, predictions=True)}:
        assert any(risk["status"] == "estimated" for risk in answer["risks"])


def test_what_can_be_predicted_is_shown_where_there_is_room():
    assert "prediction" in {topic(card) for card in shown(assessment(SKELETAL), predictions=True)}


@LAW
@given(answers(), with_predictions)
def test_every_card_says_what_the_assessment_says(answer, predictions):
    verdicts = {verdict["rule"]: verdict for verdict in answer["recommendations"]}
    for card in shown(answer, predictions=predictions):
        verdict = verdicts.get(topic(card))
        if verdict:
            assert card["indicator"] == verdict["urgency"]
            assert card["summary"].removesuffix("…") in f"{verdict['title']}: {verdict['advice']}"
            assert verdict["advice"] in plain_again(card["detail"])
            assert all(reason["statement"] in plain_again(card["detail"]) for reason in verdict["reasons"])
            assert all(caveat in plain_again(card["detail"]) for caveat in verdict["caveats"])


def plain_again(detail):
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", detail)


def test_what_is_recorded_as_shown_are_the_cards_that_are_shown(service):
    seen = cards(service, kit("order-sign-skeletal-metastases-cycle-3"))
    found = [service.app.state.recorder.store.of_card(card["uuid"]) for card in seen]
    assert [recorded_topic for _, recorded_topic in found] == [topic(card) for card in seen]


@LAW
@given(answers(), with_predictions)
def test_the_same_answer_gives_the_same_cards(answer, predictions):
    assert shown(answer, predictions=predictions) == shown(answer, predictions=predictions)


def test_the_same_patient_gives_the_same_guidance_under_other_ids():
    one, two = (shown(assessment(SKELETAL), predictions=True) for _ in range(2))
    assert guidance(one) == guidance(two)
    assert one != two


@each_call
def test_I_80_every_card_has_a_uuid_of_its_own(of_the_kit, name):
    ids = [card["uuid"] for card in of_the_kit[name]]
    assert all(is_uuid(each) for each in ids)
    assert len(set(ids)) == len(ids)


@each_call
def test_I_83_a_summary_is_one_sentence_of_fewer_than_140_characters(of_the_kit, name):
    for card in of_the_kit[name]:
        assert 0 < len(card["summary"]) < 140
        assert not re.search(r"[.!?…]\s", card["summary"]), card["summary"]
        assert "\n" not in card["summary"]


@LAW
@given(answers(), with_predictions)
def test_I_83_every_summary_has_fewer_than_140_characters(answer, predictions):
    assert all(0 < len(card["summary"]) < 140 for card in shown(answer, predictions=predictions))


@pytest.mark.parametrize("length", [1, 138, 139])
def test_I_83_a_sentence_that_fits_is_not_cut(length):
    assert shortened("a" * length) == "a" * length


@pytest.mark.parametrize("length", [140, 141, 1000])
def test_I_83_a_sentence_that_does_not_fit_is_cut_and_shows_it(length):
    cut = shortened("a" * length)
    assert len(cut) == 139
    assert cut.endswith("a…")


def test_I_83_a_sentence_is_cut_between_words_without_what_announces_the_next():
    assert shortened(f"{'a' * 130}, bbbbbbbbbbbb") == f"{'a' * 130}…"
    assert shortened(f"{'a' * 130}: {'b' * 130}.") == f"{'a' * 130}…"


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_I_83_whatever_the_sentence_what_is_left_of_it_is_its_beginning(text):
    cut = shortened(text)
    assert len(cut) < 140
    assert text.startswith(cut.removesuffix("…")) or cut == text


@LAW
@given(answers(), with_predictions)
def test_a_sentence_that_was_cut_stands_whole_in_the_detail(answer, predictions):
    titles = {verdict["title"] for verdict in answer["verdicts"]}
    for card in shown(answer, predictions=predictions):
        if card["summary"].endswith("…") and topic(card) != "next_cycle":  # whose headline is put together from its lines
            title = next((title for title in titles if card["summary"].startswith(f"{title}: ")), "")
            beginning = card["summary"].removeprefix(f"{title}: ").removesuffix("…")
            assert beginning in plain_again(card["detail"])


@each_call
def test_I_88_the_indicator_is_one_of_three(of_the_kit, name):
    assert {card["indicator"] for card in of_the_kit[name]} <= {"info", "warning", "critical"}


@each_call
def test_I_105_the_source_has_a_label_and_absolute_addresses(of_the_kit, name):
    for card in of_the_kit[name]:
        source = card["source"]
        assert set(source) <= {"label", "url", "topic"}, "no icon: it would have to be a square PNG of 100 pixels"
        assert isinstance(source["label"], str)
        assert "url" not in source or is_absolute(source["url"])


@LAW
@given(answers(), with_predictions)
def test_the_source_is_the_study_or_label_that_a_reason_names_with_its_doi(answer, predictions):
    for card in shown(answer, predictions=predictions):
        verdicts = [verdict for verdict in answer["recommendations"] if verdict["rule"] == topic(card)]
        named = {reason["source"] for verdict in verdicts for reason in verdict["reasons"]} - {None, "prrt-cds"}
        citations = {answer["sources"][name]["citation"]: answer["sources"][name]["doi"] for name in named}
        if citations:
            doi = citations[card["source"]["label"]]
            assert card["source"].get("url") == (f"https://doi.org/{doi}" if doi else None)
            assert doi or not any(citations.values()), "a published source is preferred"
        else:
            assert card["source"]["label"] == "PRRT decision service"


@each_call
def test_I_109_the_address_of_a_source_leads_to_no_data_of_the_patient(of_the_kit, name):
    patient = kit(name)["context"]["patientId"]
    for card in of_the_kit[name]:
        address = card["source"].get("url", "")
        assert patient not in address
        assert "assessments" not in address
        assert address != card["links"][0]["url"]


@each_call
def test_the_topic_of_each_card_is_a_coding_with_a_display(of_the_kit, name):
    for card in of_the_kit[name]:
        assert set(card["source"]["topic"]) == {"system", "code", "display"}
        assert urlsplit(card["source"]["topic"]["system"]).scheme


@each_call
def test_I_100_I_136_I_216_each_reason_to_override_has_a_code_a_system_and_a_display(of_the_kit, name):
    for card in of_the_kit[name]:
        reasons = card["overrideReasons"]
        assert all(set(reason) == {"code", "system", "display"} for reason in reasons)
        assert {reason["system"] for reason in reasons} == {"http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"}
        codes = [reason["code"] for reason in reasons]
        assert len(set(codes)) == len(codes)
        assert set(codes) <= REASONS


@each_call
def test_I_138_to_I_147_each_card_links_to_its_stored_assessment_by_an_absolute_address(of_the_kit, name):
    for card in of_the_kit[name]:
        (link,) = card["links"]
        assert set(link) == {"label", "url", "type"}, "no appContext, and never autolaunchable"
        assert link["type"] == "absolute"
        assert is_absolute(link["url"])
        assert re.fullmatch(r"/assessments/[0-9a-f-]{36}", urlsplit(link["url"]).path)


def test_the_links_lead_to_the_address_under_which_clients_reach_the_service(start):
    outside = start(Settings(public_url=f"{SERVICE_URL}/"), engine_of_the_day)
    for card in cards(outside, kit("patient-view-skeletal-metastases-cycle-3")):
        assert card["links"][0]["url"].startswith(f"{SERVICE_URL}/assessments/")
        assert card["source"]["url"].startswith((f"{SERVICE_URL}/docs", "https://doi.org/"))


@each_call
def test_I_214_a_card_holds_no_member_that_the_specification_does_not_name(of_the_kit, name):
    assert all(set(card) <= MEMBERS for card in of_the_kit[name])


@each_call
def test_a_decision_says_for_which_day_it_is_and_what_it_is_not(of_the_kit, name):
    for card in of_the_kit[name]:
        if topic(card) == "next_cycle":
            said = r"^- As of \d{4}-\d\d-\d\d\. Decision support for professionals; not a medical device\.$"
            assert re.search(said, card["detail"], re.MULTILINE)


@LAW
@given(answers(), with_predictions)
def test_a_decision_that_holds_or_stops_is_critical_and_names_no_activity(answer, predictions):
    for card in shown(answer, predictions=predictions):
        if topic(card) == "next_cycle" and re.search(r": (HOLD|STOP)", card["summary"]):
            assert card["indicator"] == "critical"
            assert "Activity: " not in card["detail"]
            assert "Not before: " not in card["detail"]


@LAW
@given(answers(), with_predictions)
def test_of_what_is_missing_for_the_decision_five_are_told_and_the_others_counted(answer, predictions):
    for card in shown(answer, predictions=predictions):
        if topic(card) == "next_cycle":
            text, titles = plain_again(card["detail"]), {verdict["rule"]: verdict["title"] for verdict in answer["verdicts"]}
            asked = [
                f"- Missing: {item_name(each['item'])}. {in_words(said_once(each['why']), titles)}" for each in answer["missing"]
            ]
            assert sum(line in text for line in asked) == min(5, len(asked))
            assert (f"- And {len(asked) - 5} more; see the whole assessment" in text) == (len(asked) > 5)
            assert all(f"- Notice: {in_words(notice, titles)}" in text for notice in answer["notices"])


@LAW
@given(answers(), with_predictions)
def test_no_card_holds_an_internal_name(answer, predictions):
    for card in shown(answer, predictions=predictions):
        if topic(card) != "prediction":  # which names its model as it is found
            assert not re.search(r"[a-z]_[a-z]", card["summary"] + plain_again(card["detail"]))


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("disease.metastases.dominant", "whether the liver metastases are dominant"),
        ("gamma_gt", "GGT"),
        ("baseline_gamma_gt", "GGT before the first cycle"),
        ("bilirubin.upper_limit", "upper limit of bilirubin"),
        ("never_heard.of", "never heard of"),
    ],
)
def test_what_is_asked_for_is_called_as_people_call_it(item, name):
    assert item_name(item) == name


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("No value of platelets was told; it is due.", "No value of platelets could be read; it is due."),
        ("No value of GGT is known since the last cycle.", "No value of GGT could be read since the last cycle."),
        ("Platelets are old. No value of GGT was told.", "Platelets are old. No value of GGT could be read."),
        ("The treatments given so far were not told.", "The treatments given so far could not be read."),
    ],
)
def test_what_was_told_and_could_not_be_read_is_not_said_to_be_untold(why, said):
    assert as_unread(why) == said


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (
            "X was not told. X was not told; it is due. X was not told; the sum is of it.",
            "X was not told. It is due. The sum is of it.",
        ),
        ("X was not told. X was not told.", "X was not told."),
        ("X was not told; it is due. Y helps.", "X was not told; it is due. Y helps."),
    ],
)
def test_what_several_rules_ask_for_alike_is_said_once(why, said):
    assert said_once(why) == said


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("The plan was not told; it is asked for.", "the plan was not told"),
        ("No value of GGT is known. More.", "no value of GGT is known"),
        ("A plan is not told.", "a plan is not told"),
        ("GGT was not told.", "GGT was not told"),
        ("GGT tells liver from bone.", "missing: GGT"),
    ],
)
def test_a_reason_is_a_part_of_the_headline_if_it_says_what_is_not_known(why, said):
    assert first_clause(why, "missing: GGT") == said


def test_a_decision_to_proceed_is_said_with_what_it_hangs_on(of_the_kit):
    """No patient at random is known well enough to proceed."""
    card = of_the_kit["patient-view-held-and-resumed"][0]
    assert (topic(card), card["indicator"]) == ("next_cycle", "warning")
    looked_at, asked = "Mid-PRRT response assessment", "SIRT with or without PRRT"
    assert card["summary"] == f"PRRT cycle 3: PROCEED, after a look at: {looked_at}; and if these are answered: {asked}"
    assert f"\n- Look first at {looked_at}: " in card["detail"]
    assert f"\n- Proceed only if these are answered: {asked}" in card["detail"]


def horizon(probability, lower, upper):
    return {"months": 12, "probability": probability, "lower": lower, "upper": upper}


def test_a_probability_is_told_in_per_cent_with_its_interval():
    assert percent(horizon(0.81, 0.602, 0.94)) == "81 % (95 % interval 60 % to 94 %)"


@pytest.mark.parametrize("probability", [0.001, 0.004, 0.996, 0.999])
def test_a_probability_is_never_said_to_be_impossible_or_certain(probability):
    assert not re.search(r"(?<!\d)(0|100) %", percent(horizon(probability, probability, probability)))


@LAW
@given(answers())
def test_every_estimate_is_told_with_its_interval_its_population_and_its_model(answer):
    for card in shown(answer, predictions=True):
        if topic(card) == "prediction":
            text = plain_again(card["detail"])
            assert card["indicator"] == "info"
            for risk in answer["risks"]:
                assert f"**{risk['question']}**" in text
                assert all(percent(each) in text for each in risk["horizons"])
                if risk["status"] == "estimated":
                    assert risk["population"] in text
                    assert f"model {risk['model']['name']} {risk['model']['version']}" in text
                    assert all(caveat in text for caveat in risk["caveats"])
                else:
                    assert f"No estimate: {' '.join(risk['applicability']['reasons'])}" in text


def test_a_chance_of_a_time_that_has_passed_is_no_headline():
    """22 months after the first cycle, survival at 12 months from its start is no longer a question."""
    answer = assessment(SKELETAL | {"as_of": "2027-09-30"})
    told = [card["summary"] for card in shown(answer, predictions=True) if topic(card) == "prediction"]
    assert [summary for summary in told if "at 12 months" in summary and "start of PRRT" in summary] == []


def test_a_source_without_a_doi_has_no_address():
    answer = assessment(SKELETAL)
    answer["sources"]["label"] = next(iter(answer["sources"].values())) | {"doi": None}
    card = _card(CardDraft("a", "A", "info", "A.", "A.", "label"), answer, SERVICE_URL)
    assert set(card["source"]) == {"label", "topic"}
