"""The tumour-board page, without a browser: a patient in, one page out, and the board's word on it."""

import json
import re
from dataclasses import replace
from functools import cache
from html import unescape

import pytest

from service.access.api_keys import new_key
from service.api.board import pages
from service.audit.erasure import erase_patient
from service.engine import Engine, build
from service.patient.reading import RefusedRequest
from service.settings import Settings
from tests.board.visiting import Visitor
from tests.conftest import EXAMPLES

UNKNOWN = "0193f4c2-7a1e-7c3b-9d61-0f6f5a1b2c3d"
HOSTILE = "</textarea></svg><script>alert(1)</script>{{ 7 * 7 }}&amp;\"'"


@cache
def engine() -> Engine:
    return build(Settings())


@pytest.fixture
def service(start):
    return start(Settings(requests_per_minute=100_000), lambda _: engine())


@pytest.fixture
def visitor(service):
    visitor = Visitor(service)
    visitor.get("/")
    return visitor


def example(name):
    return (EXAMPLES / f"{name}.json").read_text("utf-8")


def assessed(visitor, patient):
    """Where the answer of a pasted patient stands; the page that was seen last is the answer's."""
    visitor.get("/")
    response = visitor.post("/", {"patient": patient if isinstance(patient, str) else json.dumps(patient)})
    assert response.status_code == 303, visitor.text
    visitor.follow(response)
    return response.headers["location"]


def answer_of(service, where):
    return service.get(f"/v1{where}").json()


def test_an_example_stands_in_the_field_when_it_was_chosen(visitor):
    visitor.get("/?example=bone-only")
    assert json.loads(visitor.text.split(" Bundle ")[1].split(" or a file")[0]) == json.loads(example("bone-only"))
    assert visitor.get("/?example=../pyproject").status_code == 200


def test_a_pasted_patient_is_assessed_and_every_answer_stands_on_the_page(visitor, service):
    where = assessed(visitor, example("skeletal-metastases-cycle-3"))
    answer = answer_of(service, where)
    assert "▶ Proceed Cycle 3" in visitor.text
    told = [answer["next_cycle"]["due_on"], "7.4 GBq", answer["patient_id"], answer["as_of"], answer["id"], answer["created_at"]]
    told += [each for verdict in answer["verdicts"] for each in (verdict["title"], *verdict["caveats"], verdict["advice"] or "")]
    told += [reason["statement"] for verdict in answer["verdicts"] for reason in verdict["reasons"]]
    told += [risk["question"] for risk in answer["risks"]] + [each["why"] for each in answer["missing"]]
    told += [reason for risk in answer["risks"] for reason in risk["applicability"]["reasons"]]
    told += [caveat for risk in answer["risks"] if risk["status"] == "estimated" for caveat in risk["caveats"]] + answer[
        "notices"
    ]
    told += [f"{name} {version}" for name, version in answer["knowledge"]["models"].items()]
    told += [each["population"] for each in answer["reference_outcomes"]] + [answer["knowledge"]["rules"][:19]]
    assert [each for each in told if " ".join(each.split()) not in visitor.text] == []
    assert all(f"https://doi.org/{each['doi']}" in visitor.page for each in answer["sources"].values() if each["doi"])
    assert "81 % 60 % to 94 %" in visitor.text


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.json")))
def test_every_example_has_a_page(visitor, service, name):
    answer = answer_of(service, assessed(visitor, example(name)))
    assert all(verdict["title"] in visitor.text for verdict in answer["verdicts"])
    assert ("next_cycle" in answer) != ("No PRRT is given or planned" in visitor.text)


def test_a_recalled_number_is_marked_wherever_it_is_shown(visitor, service):
    answer = answer_of(service, assessed(visitor, example("skeletal-metastases-cycle-3")))
    recalled = [reason for verdict in answer["verdicts"] for reason in verdict["reasons"] if reason["certainty"] == "recalled"]
    assert recalled
    for reason in recalled:
        assert "(recalled" in reason["statement"]  # in the table of rules it stands without its source
        assert f"{reason['statement']} {reason['source']}, recalled, still to be checked" in visitor.text.replace(" ,", ",")


def test_an_uploaded_bundle_is_read_and_what_was_not_used_is_told(visitor, service):
    bundle = next((EXAMPLES / "fhir").glob("*.json")).read_bytes()
    told = json.loads(bundle)
    told["entry"].append({"resource": {"resourceType": "Basic", "id": "left-out"}})
    response = visitor.post("/", {"patient": ""}, file=json.dumps(told).encode())
    visitor.follow(response)
    assert "Read from FHIR" in visitor.text
    assert "Basic/left-out" in visitor.text


@pytest.mark.parametrize(("pasted", "file"), [("", None), ("  ", b""), ("{}", b"{}")])
def test_one_patient_is_sent_not_none_and_not_two(visitor, pasted, file):
    assert visitor.post("/", {"patient": pasted}, file=file).status_code == 422
    assert "send one" in visitor.text or "Paste a patient" in visitor.text


def test_a_refused_patient_stays_in_the_field_with_the_problems_of_the_api(visitor, service, skeletal):
    skeletal["laboratory"][0]["unit"] = "furlong"
    del skeletal["patient"]["sex"]
    text = json.dumps(skeletal, indent=2)
    assert visitor.post("/", {"patient": text}).status_code == 422
    errors = service.assess(skeletal).json()["errors"]
    assert len(errors) == 2
    assert all(f"{error['pointer']} {error['message']}" in visitor.text for error in errors)
    assert "furlong" in visitor.page.split("<textarea")[1]
    assert 'aria-invalid="true"' in visitor.page


def test_a_refused_text_that_is_long_does_not_come_back(visitor):
    for size, is_back in ((pages.MOST_SHOWN, True), (pages.MOST_SHOWN + 1, False)):
        visitor.get("/")
        assert visitor.post("/", {"patient": "<" * size}).status_code == 422
        assert ("&lt;&lt;" in visitor.page, "too long to be shown here again" in visitor.text) == (is_back, not is_back)


def test_a_patient_in_our_own_format_is_no_larger_on_the_page_than_elsewhere(visitor):
    patient = example("bone-only").encode()
    assert visitor.post("/", {}, file=patient + b" " * (1_048_576 - len(patient))).status_code == 303
    assert visitor.post("/", {}, file=patient + b" " * (1_048_577 - len(patient))).status_code == 413


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"resourceType": "Patient"}', '{"patient": 1, "patient": 2}'])
def test_what_is_no_patient_is_refused_beside_the_field(visitor, text):
    assert visitor.post("/", {"patient": text}).status_code == 422
    assert 'id="problems"' in visitor.page


def test_nothing_that_was_sent_becomes_markup(visitor):
    where = assessed(visitor, {"patient": {"id": HOSTILE, "sex": "female"}})
    visitor.post(f"{where}/reviews", {"decision": "agreed", "reviewer": HOSTILE, "reason": HOSTILE})
    visitor.get(where)
    assert visitor.text.count(HOSTILE) == 5  # the patient; reviewer and reason, beside the decision and in the list
    assert "<script>" not in visitor.page
    visitor.post("/", {"patient": HOSTILE})
    assert "<script>" not in visitor.page
    assert HOSTILE in visitor.text


def test_the_board_agrees_and_its_word_stands_on_the_page_and_in_the_record(visitor, service):
    where = assessed(visitor, example("bone-only"))
    assert "Not signed yet." in visitor.text
    response = visitor.post(f"{where}/reviews", {"decision": "agreed", "reason": "", "reviewer": "Dr. Example"})
    assert response.status_code == 303
    visitor.follow(response)
    assert "Agreed signed by Dr. Example" in visitor.text
    (review,) = service.get(f"/v1{where}/reviews").json()["reviews"]
    assert (review["decision"], review["reason"], review["reviewer"]) == ("agreed", None, "Dr. Example")


def test_a_board_that_decides_otherwise_says_why(visitor):
    where = assessed(visitor, example("bone-only"))
    told = {"decision": "overridden", "reason": " ", "reviewer": "Dr. Example"}
    assert visitor.post(f"{where}/reviews", told).status_code == 422
    assert "tells no reason, and the board decided otherwise" in visitor.text
    assert 'value="Dr. Example"' in visitor.page
    visitor.follow(visitor.post(f"{where}/reviews", told | {"reason": "Slow platelets."}))
    assert "Decided otherwise signed by Dr. Example" in visitor.text
    assert "Slow platelets." in visitor.text


def test_what_changed_since_the_assessment_before_stands_side_by_side(visitor, skeletal):
    first = assessed(visitor, skeletal)
    assert "None in the record." in visitor.text
    for value in skeletal["laboratory"]:
        if value["analyte"] == "platelets" and value["taken_on"] == "2026-03-02":
            value["value"] = 40
    assessed(visitor, skeletal)
    changed = visitor.text.split("What changed since the last one")[1]
    assert "Next cycle Proceed Hold" in changed
    assert "Activity 7.4 GBq none" in changed
    assert first in visitor.page
    assessed(visitor, skeletal)
    assert "Nothing that this table compares." in visitor.text


def test_a_stored_patient_can_be_changed_in_the_form_and_assessed_again(visitor, skeletal):
    assessed(visitor, skeletal)
    document = unescape(re.search(r'name="document" value="([^"]*)"', visitor.page)[1])
    assert json.loads(document) == skeletal
    assert visitor.post("/form/fill", {"document": document}).status_code == 200
    assert skeletal["patient"]["id"] in visitor.page


def test_another_patients_assessments_are_not_among_the_earlier_ones(visitor, skeletal):
    assessed(visitor, skeletal)
    assessed(visitor, skeletal | {"patient": skeletal["patient"] | {"id": "somebody-else"}})
    assert "None in the record." in visitor.text


def test_a_critical_verdict_on_a_recalled_number_is_said_before_the_decision(visitor, service, skeletal):
    for value in skeletal["laboratory"]:
        if value["analyte"] == "bilirubin":
            value["value"] = value["upper_limit"] * 4
    answer = answer_of(service, assessed(visitor, skeletal))
    (banner,) = (notice for notice in answer["notices"] if "rests on a recalled number" in notice)
    assert visitor.text.index(banner) < visitor.text.index("Hold")
    assert visitor.text.count(banner) == 1


@pytest.mark.parametrize("path", [f"/assessments/{UNKNOWN}", "/assessments/none", "/static/pages.py"])
def test_what_is_not_there_is_not_found(visitor, path):
    assert visitor.get(path).status_code == 404


def test_a_review_of_what_is_not_there_is_not_found(visitor):
    assert visitor.post(f"/assessments/{UNKNOWN}/reviews", {"decision": "agreed", "reviewer": "Dr. Example"}).status_code == 404
    assert "Not found" in visitor.text


def test_what_was_erased_is_said_to_be(visitor, service, skeletal):
    where = assessed(visitor, skeletal)
    erase_patient(service.app.state.recorder.store, skeletal["patient"]["id"], "test")
    assert visitor.get(where).status_code == 410
    assert "erased" in visitor.text


def before(text, visitor):
    return visitor.text.split(text)[0]


def test_what_is_to_be_looked_at_first_stands_with_the_decision_to_proceed(visitor):
    assessed(visitor, example("retreatment-candidate"))
    assert "Only after a look at what stands below." in visitor.text
    assert "Look first: Kidney dose given and still planned" in before("Recommendations", visitor)
    assert 'class="decision decision-proceed urgency-warning"' in visitor.page


def test_beside_a_decision_against_a_dose_there_is_nothing_to_answer_first(visitor):
    assessed(visitor, example("pregnancy-before-cycle-3"))
    assert "Answer first" not in visitor.text
    assert "what speaks of further cycles waits" in visitor.text


def test_only_what_could_change_the_decision_is_to_be_answered_first(visitor, skeletal):
    for each in skeletal["disease"]["metastases"]:
        each.pop("dominant", None)
    skeletal["imaging"] = []
    assessed(visitor, skeletal)
    asked = visitor.text.split("Answer first:")[1].split("Decided by:")[0]
    assert "(Mid-PRRT response assessment)" in asked
    assert "SIRT" not in asked


def test_the_last_word_of_the_board_stands_before_what_the_service_said(visitor):
    where = assessed(visitor, example("bone-only"))
    for decision, reason in (("agreed", ""), ("overridden", "No further cycle.")):
        visitor.follow(visitor.post(f"{where}/reviews", {"decision": decision, "reason": reason, "reviewer": "Dr. Example"}))
    assert "The board: Decided otherwise (Dr. Example" in before("Proceed", visitor)
    assert "No further cycle." in before("Proceed", visitor)


def test_whom_the_page_is_about_stands_in_its_first_line(visitor):
    assessed(visitor, example("skeletal-metastases-cycle-3"))
    person = "male, 64 years · pancreas, well differentiated, grade 2 · metastases: liver, bone"
    assert f"{person} · cycles so far: 2 in this course, 2 ever" in before("Proceed", visitor)
    nobody = {"patient": {"id": "nobody", "sex": "unknown"}}
    assessed(visitor, nobody | {"treatments": [], "disease": {"metastases": []}})
    assert "sex unknown, age not told · tumour not told · metastases: none" in visitor.text
    assessed(visitor, nobody)
    assert "· tumour not told" in visitor.text
    assert "metastases: " not in visitor.text


def test_curves_that_cannot_both_be_true_are_said_to_be(visitor):
    assessed(visitor, example("skeletal-metastases-cycle-3"))
    assert "stands above that of being alive, which cannot be for one patient" in visitor.text
    assessed(visitor, example("mibg-follow-up"))
    assert "cannot be for one patient" not in visitor.text


def test_a_request_that_cannot_be_read_any_more_leaves_the_answer(visitor, monkeypatch, skeletal):
    where = assessed(visitor, skeletal)
    monkeypatch.setattr(pages, "read_again", lambda _: (_ for _ in ()).throw(RefusedRequest([])))
    assert visitor.get(where).status_code == 200
    assert "Proceed" in visitor.text
    assert "64 years" not in visitor.text


def test_an_answer_of_other_rules_says_so(visitor, skeletal):
    where = assessed(visitor, skeletal)
    assert "another version of the rules" not in visitor.text
    visitor.service.app.state.engine = replace(engine(), knowledge=replace(engine().knowledge, rules="sha256:0"))
    visitor.get(where)
    assert "another version of the rules" in visitor.text


def test_neither_an_address_nor_a_log_line_holds_anything_of_the_patient(visitor, service, skeletal):
    skeletal["patient"]["id"] = "canary-4711"
    where = assessed(visitor, skeletal)
    assert "canary" not in where
    assert "canary" not in service.log.getvalue()


def test_the_page_is_answered_under_a_policy_that_runs_nothing_inline(visitor):
    policy = visitor.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in visitor.page
    assert "onclick" not in visitor.page


def test_style_and_script_come_from_here(visitor):
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript")):
        response = visitor.get(f"/static/{name}")
        assert response.headers["content-type"].startswith(kind)
        assert response.headers["cache-control"] == "public, max-age=600"


def test_somebody_who_may_not_sign_sees_no_form_to_sign(start, tmp_path):
    made = new_key("reader", ["assess", "read"])
    (tmp_path / "keys.yaml").write_text(f"keys:\n{made.entry}", "utf-8")
    service = start(Settings(api_keys_file=tmp_path / "keys.yaml"), lambda _: engine())
    visitor = Visitor(service, {"authorization": f"Bearer {made.secret}"})
    where = assessed(visitor, example("bone-only"))
    assert 'class="review"' not in visitor.page
    assert visitor.post(f"{where}/reviews", {"decision": "agreed", "reviewer": "Dr. Example"}).status_code == 403
