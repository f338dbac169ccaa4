"""Swagger UI in a real browser, with no network but the loopback: three patients to try, and an answer."""

import json
import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Visit, chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(server):
    with chromium() as browser:
        visit = Visit(browser.new_page())
        visit.page.goto(f"{server}/docs")
        yield visit


@pytest.fixture
def tried(visit):
    """The route to assess one patient, unfolded, after "Try it out"."""
    block = visit.page.locator("#operations-assessments-assess_v1_assessments_post")
    block.locator(".opblock-summary").click()
    block.get_by_role("button", name="Try it out").click()
    return block


def test_the_patient_with_skeletal_metastases_stands_in_the_form(tried, skeletal):
    assert json.loads(tried.locator("textarea.body-param__text").input_value()) == skeletal


def test_each_of_three_patients_can_be_chosen(tried, server):
    document = httpx.get(f"{server}/openapi.json").json()
    examples = document["paths"]["/v1/assessments"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    form = tried.locator("textarea.body-param__text")
    chooser = tried.locator(".examples-select select")
    assert chooser.locator("option").evaluate_all("options => options.map(option => option.value)") == list(examples)
    assert len(examples) >= 3
    for name, example in examples.items():
        chooser.select_option(name)
        expect(form).to_have_value(re.compile(re.escape(example["value"]["patient"]["id"])))
        assert json.loads(form.input_value()) == example["value"]


def test_a_patient_is_assessed_in_the_browser(tried, visit):
    tried.get_by_role("button", name="Execute").click()
    answer = tried.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
    expect(answer).to_contain_text("alkaline_phosphatase")
    assert visit.hosts == {"127.0.0.1"}
    assert visit.complaints == []


def test_the_page_asks_nobody_else_and_complains_of_nothing(visit):
    expect(visit.page.locator("#operations-knowledge-rules_v1_rules_get")).to_be_visible()
    assert visit.hosts == {"127.0.0.1"}
    assert visit.complaints == []
