"""The tumour-board page in a real browser with no network but the loopback: send, read, open, sign, print."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.chromium import Visit, chromium
from tests.conftest import EXAMPLES

pytestmark = pytest.mark.browser

PROJECTOR, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
A4_POINTS = (595, 842)
DECISIONS = {
    "skeletal-metastases-cycle-3": "Proceed",
    "progression-after-two-cycles": "Hold",
    "held-and-resumed": "Proceed",
    "retreatment-candidate": "Proceed",
}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser):
    context = browser.new_context(viewport=PROJECTOR)
    yield Visit(context.new_page())
    context.close()


def example(name):
    return (EXAMPLES / f"{name}.json").read_text("utf-8")


def assess(page, server, patient):
    page.goto(f"{server}/")
    page.get_by_label("The patient as JSON").fill(patient)
    page.get_by_role("button", name="Assess").click()
    page.wait_for_url(re.compile(r"/assessments/[0-9a-f-]{36}$"))


def serious(page):
    """What axe-core finds that keeps somebody from using the page."""
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def wider_than_the_screen(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("name", sorted(DECISIONS))
def test_a_patient_is_pasted_assessed_read_opened_and_printed_on_one_page(visit, server, name):
    page = visit.page
    assess(page, server, example(name))
    expect(page.get_by_role("heading", level=1)).to_contain_text(DECISIONS[name])
    expect(page.locator(".timeline svg[role=img] title").first).not_to_be_empty()
    assert wider_than_the_screen(page) <= 0
    evidence = page.locator(".rules details").first
    evidence.locator("summary").click()
    expect(evidence.get_by_text("What the evidence says")).to_be_visible()
    assert serious(page) == []
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    (box,) = {tuple(round(float(each)) for each in box.split()) for box in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", pdf)}
    assert box == (0, 0, *A4_POINTS)
    page.set_viewport_size(PHONE)
    assert wider_than_the_screen(page) <= 0
    assert visit.hosts == {"127.0.0.1"}
    assert visit.complaints == []


def test_without_scripts_a_patient_is_assessed_and_signed(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    assess(page, server, example("bone-only"))
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    page.get_by_role("radio", name="The board agrees").check()
    page.get_by_label("Who signs").fill("Dr. Example")
    page.get_by_role("button", name="Sign").click()
    expect(page.locator(".board")).to_contain_text("Agreed signed by Dr. Example")
    context.close()


def test_a_refused_patient_stands_beside_its_problems(visit, server, skeletal):
    skeletal["laboratory"][0]["unit"] = "furlong"
    page = visit.page
    page.goto(f"{server}/")
    page.get_by_label("The patient as JSON").fill(json.dumps(skeletal))
    page.get_by_role("button", name="Assess").click()
    expect(page.get_by_role("alert")).to_contain_text("/laboratory/0/unit")
    expect(page.get_by_label("The patient as JSON")).to_have_value(re.compile("furlong"))
    assert serious(page) == []
    assert page.url == f"{server}/"


def test_a_printed_page_tells_the_decision_the_board_and_how_to_trace_it(visit, server):
    page = visit.page
    assess(page, server, example("skeletal-metastases-cycle-3"))
    page.get_by_role("radio", name="The board decides otherwise").check()
    page.get_by_role("textbox", name="Reason").fill("Slow recovery of platelets.")
    page.get_by_label("Who signs").fill("Dr. Example")
    page.get_by_role("button", name="Sign").click()
    page.emulate_media(media="print")
    for told in (".decision", ".board li", ".trace", ".timeline svg", ".estimate svg >> nth=0", ".rules"):
        expect(page.locator(told)).to_be_visible()
    expect(page.locator(".review")).to_be_hidden()
    assert "Slow recovery of platelets." in page.locator(".board").inner_text()
