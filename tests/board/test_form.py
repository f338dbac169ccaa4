"""The form of the page: shown, filled, refused, assessed, downloaded; by people, by keyboards, without scripts."""

import json
import re
from html import unescape

import pytest
from axe_playwright_python.sync_playwright import Axe

from service.form.filled import patient_json
from service.form.layout import BLOCKS, Fields
from service.form.texts import NOT_A_NUMBER
from service.presentation.page.form_view import FormView
from service.presentation.words import words
from service.settings import Settings
from tests.board.visiting import Visitor
from tests.browser.chromium import Visit, chromium
from tests.conftest import EXAMPLES
from tests.reading import engine

WHO = {"patient.id": "demo-1", "patient.sex": "female"}
CANARY = '"><script>canary</script>'


@pytest.fixture
def client(start):
    return start(Settings(requests_per_minute=100_000), lambda _: engine(), draws=False)


@pytest.fixture
def visitor(client):
    visitor = Visitor(client)
    visitor.get("/form")
    return visitor


def example(name):
    return (EXAMPLES / f"{name}.json").read_text("utf-8")


def inputs(page):
    """What a browser would send, by name: marks that are not set and buttons are not sent."""
    sent = {}
    for tag, rest in re.findall(r"<(input|select)((?: [^>]*)?)>", page):
        name = re.search(r'\bname="([^"]*)"', rest)
        if tag == "input" and name and ('type="checkbox"' not in rest or " checked" in rest) and 'type="file"' not in rest:
            sent[name[1]] = unescape(re.search(r'\bvalue="([^"]*)"', rest)[1])
    for attributes, options in re.findall(r"<select ([^>]*)>(.*?)</select>", page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        sent[re.search(r'name="([^"]*)"', attributes)[1]] = unescape(chosen[1]) if chosen else ""
    return sent


def request_of(client, response):
    """The request that stands in the record for the answer that the browser is led to."""
    found = client.app.state.recorder.store.find(response.headers["location"].rpartition("/")[2])
    return found.draft.request


def test_an_empty_form_asks_about_today_and_answers_nothing_itself(visitor, client):
    told = {name: text for name, text in inputs(visitor.page).items() if text}
    assert told.pop("as_of") == client.app.state.engine.today().isoformat()
    assert told.keys() == {"csrf_token", "form_key"}


def test_an_example_goes_through_the_page_unchanged(visitor, client):
    visitor.get("/form?example=skeletal-metastases-cycle-3")
    response = visitor.post("/form", inputs(visitor.page))
    assert response.status_code == 303
    assert re.fullmatch(r"/assessments/[0-9a-f-]{36}", response.headers["location"])
    sent, told = json.loads(request_of(client, response)), json.loads(example("skeletal-metastases-cycle-3"))
    for document in (sent, told):
        document["laboratory"].sort(key=lambda each: (each["analyte"], each["taken_on"]))
    assert sent == told


def test_there_is_no_example_of_another_name(visitor):
    assert visitor.get("/form?example=../secrets").status_code == 404


def test_a_form_that_is_sent_twice_is_assessed_once(visitor):
    fields = inputs(visitor.page) | WHO
    once, again = (visitor.post("/form", fields).headers["location"] for _ in range(2))
    assert once == again
    assert visitor.post("/form", fields | {"patient.sex": "male"}).headers["location"] != once
    assert visitor.post("/form", fields | {"form_key": "x"}).headers["location"] != once


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong_beside_it(visitor):
    typed = {
        "patient.sex": CANARY,
        "patient.pregnant": CANARY,
        "patient.birth_date": "1.2.1961",
        "cycles.2.activity.value": "7,4",
        "cycles.11.given_on": "2026-01-19",
        "laboratory.days.7": "2026-01-19",
        "laboratory.inr.unit": CANARY,
        "laboratory.inr.7": "1",
        "imaging.1.target_lesions.0.id": "a",
        "metastases.bone.lesion_count": "0",
    }
    response = visitor.post("/form", typed)
    assert response.status_code == 422
    kept = inputs(visitor.page)
    assert {name: kept[name] for name in typed if name != "patient.pregnant"} == {
        name: text for name, text in typed.items() if name != "patient.pregnant"
    }
    assert CANARY not in visitor.page
    wrong = re.findall(r'id="([^"]*)" name="[^"]*" aria-invalid="true" aria-describedby="([^"]*)"', visitor.page)
    assert {name for name, _ in wrong} >= {*typed, "patient.id", "laboratory.told"} - {
        "laboratory.days.7",
        "laboratory.inr.7",
        "cycles.11.given_on",
        "imaging.1.target_lesions.0.id",
    }
    for name, description in wrong:
        assert f'href="#{name}"' in visitor.page
        assert f'id="{description}"' in visitor.page
    assert f"Cycle 3: Activity {NOT_A_NUMBER}" in visitor.text
    assert "Study 2: Lesion 1: Diameter is required" in visitor.text
    assert "INR: unit is not an accepted unit" in visitor.text


def test_more_refusals_than_are_listed_are_said_to_be_there(visitor):
    visitor.post("/form", {f"cycles.{row}.given_on": "never" for row in range(30)})
    assert words("form")["more_refused"] in visitor.text


@pytest.mark.parametrize("path", ["/form", "/form/json"])
def test_a_field_that_the_form_does_not_have_is_refused(visitor, path):
    assert visitor.post(path, WHO | {"canary": "canary"}).status_code == 422
    assert "canary" not in visitor.page


def test_a_row_number_beyond_any_form_makes_no_page_of_that_many_rows(visitor):
    visitor.post("/form", {"cycles.99999999.agent": "x", "imaging.0.target_lesions.99999999.id": "x"})
    assert len(visitor.page) < 300_000


def test_the_form_can_be_downloaded_as_json_and_comes_back(visitor, client):
    fields = WHO | {"patient.weight.value": "70.50", "patient.weight.unit": "kg", "comorbidities.diabetes.present": "yes"}
    response = visitor.post("/form/json", fields)
    assert response.headers["content-disposition"] == 'attachment; filename="prrt-patient.json"'
    assert response.headers["content-type"] == "application/json"
    assert response.content == patient_json(fields)
    assert client.request(
        "POST", "/v1/assessments", content=response.content, headers={"content-type": "application/json"}
    ).is_success
    visitor.post("/form/fill", {"document": ""}, file=response.content)
    kept = inputs(visitor.page)
    assert fields.items() <= kept.items()
    visitor.post("/form/fill", {"document": response.text})
    assert fields.items() <= inputs(visitor.page).items()


def test_a_refused_form_is_not_downloaded(visitor):
    response = visitor.post("/form/json", {"patient.id": "demo-1"})
    assert response.status_code == 422
    assert "Sex is required" in visitor.text


def test_what_the_form_leaves_out_of_a_document_is_said(visitor):
    visitor.post("/form/fill", {"document": '{"patient": {"id": "a", "sex": "male", "name": "b"}, "plan": {}}'})
    assert f"{words('form')['not_shown']} /patient/name /plan" in visitor.text
    assert inputs(visitor.page)["patient.id"] == "a"


@pytest.mark.parametrize(("document", "why"), [("", "is empty"), ("[]", "must be an object"), ("{", "is not valid JSON")])
def test_what_is_no_document_is_refused(visitor, document, why):
    assert visitor.post("/form/fill", {"document": document}).status_code == 422
    assert why in visitor.text


def test_while_the_record_is_away_nothing_that_was_typed_is_lost(visitor, client, monkeypatch):
    client.lose_the_record(monkeypatch, "away")
    assert visitor.post("/form", WHO).status_code == 503
    assert inputs(visitor.page)["patient.id"] == "demo-1"
    assert "What you typed is still here" in visitor.text


def test_units_read_as_they_are_written():
    view = FormView({})
    assert [view.word(word) for word in ("mCi", "MBq", "mm", "µmol/L", "10*9/L", "sirt", "bone_modifying_agent")] == [
        "mCi", "MBq", "mm", "µmol/L", "10⁹/L", "SIRT", "Bone modifying agent"
    ]  # fmt: skip


def test_every_field_has_a_title_of_its_own():
    view = FormView({})
    lists = [block.told for block in BLOCKS if not isinstance(block, Fields)]
    titles = [view.title(name) for name in (*lists, "laboratory.days.1", "laboratory.alt.0", "laboratory.alt.unit", "")]
    assert len(titles) == len(set(titles))


@pytest.mark.browser
def test_the_form_works_in_a_browser_with_and_without_scripts(server, tmp_path):
    with chromium() as browser:
        visit = Visit(browser.new_page(viewport={"width": 390, "height": 844}))
        page = visit.page
        page.goto(f"{server}/form?example=skeletal-metastases-cycle-3")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert [each["id"] for each in Axe().run(page).response["violations"]] == []
        page.locator("#cycles\\.2\\.given_on").wait_for(state="hidden")
        page.get_by_role("button", name="Add cycle").click()
        assert page.evaluate("document.activeElement.id") == "cycles.2.agent"
        for _ in range(6):
            page.get_by_role("button", name="Add cycle").click()
        page.locator("#cycles\\.8\\.activity\\.value").fill("7,4")
        page.get_by_role("button", name="Assess").click()
        page.set_viewport_size({"width": 1280, "height": 800})
        assert page.locator("#cycles\\.8\\.activity\\.value").input_value() == "7,4"
        page.get_by_role("link", name="Cycle 9: Activity", exact=True).click()
        assert page.evaluate("document.activeElement.id") == "cycles.8.activity.value"
        assert [each["id"] for each in Axe().run(page).response["violations"]] == []
        assert [each for each in visit.complaints if "422" not in each] == []
        plain = browser.new_context(java_script_enabled=False).new_page()
        plain.goto(f"{server}/form?example=bone-only")
        plain.get_by_role("button", name="Assess").press("Enter")
        assert re.fullmatch(rf"{server}/assessments/[0-9a-f-]{{36}}", plain.url)
