"""What cards say is plain Markdown: no HTML, and nothing of which the data can make markup or a link (checklist I-85)."""

# ruff: noqa: N802  # I-nn is the number of a requirement

import copy
import re

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from service.cds_hooks.card_text import plain
from tests.cds_hooks.calling import KIT, SERVICE_URL, cards, kit, view
from tests.cds_hooks.calling import assessment as assessed
from tests.cds_hooks.showing import FIVE_WARNINGS, LAW, SKELETAL, answers, shown
from tests.intake.hospital import ICD, administration, condition

GITHUB = MarkdownIt("commonmark").enable(["strikethrough", "table"])
OURS = {"paragraph", "bullet_list", "list_item", "inline", "text", "strong", "softbreak", "code_inline"}
LINK_OF_GITHUB = re.compile(r"https?://|ftp://|www\.|[\w.+-]+@[\w-]+\.\w", re.IGNORECASE)
VIEW = "patient-view-skeletal-metastases-cycle-3"
MARKUP = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- hidden -->",
    "[click](https://evil.example)",
    "![pixel](https://evil.example/x.png)",
    "**PROCEED**",
    "_PROCEED_",
    "~~HOLD~~",
    "`code`",
    "| a | b |",
    "# heading",
    "> quoted",
    "&lt;script&gt;",
    "&copy;",
    "\\*",
    "<https://evil.example>",
]


def kinds(tokens):
    """The kinds of everything in a text."""
    found = set()
    for token in tokens:
        found |= {re.sub("_(open|close)$", "", token.type)} | kinds(token.children or [])
    return found


def as_read(text, *left_out):
    """The text that a reader sees, without what is of these kinds."""
    inline = [token for token in GITHUB.parse(text) if token.type == "inline"]
    return "\n".join("".join(child.content for child in token.children if child.type not in left_out) for token in inline)


def is_plain(card):
    assert kinds(GITHUB.parse(card["detail"])) <= OURS, card["detail"]
    # Addresses become links wherever they stand in a text, whatever is escaped; in a code span they do not.
    assert not LINK_OF_GITHUB.search(as_read(card["detail"], "code_inline")), card["detail"]
    assert not re.search(r"(?<!\\)<", as_html_sees(card["detail"]))


def as_html_sees(detail):
    """A detail without its code spans, in which nothing is HTML."""
    return re.sub(r"`[^`]*`", "", detail)


@pytest.mark.parametrize("name", KIT)
def test_I_85_a_detail_is_paragraphs_and_lists_without_html_or_links(of_the_kit, name):
    for card in of_the_kit[name]:
        is_plain(card)


@LAW
@given(answers(), st.booleans())
def test_I_85_every_detail_is_paragraphs_and_lists(answer, predictions):
    for card in shown(answer, predictions=predictions):
        is_plain(card)


@pytest.mark.parametrize("text", MARKUP)
def test_I_85_a_text_is_shown_as_it_is(text):
    line = f"- Notice: {plain(text)}"
    assert kinds(GITHUB.parse(line)) <= OURS
    assert as_read(line) == f"Notice: {text}"


@settings(max_examples=500, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["Zs", "Zl", "Zp", "Cc", "Cs"]), min_size=1)
)
def test_I_85_whatever_the_text_it_is_shown_as_it_is(text):
    line = f"- Notice: {plain(text)}"
    assert kinds(GITHUB.parse(line)) <= OURS
    assert as_read(line) == f"Notice: {text}"


@pytest.mark.parametrize("markup", MARKUP)
@pytest.mark.parametrize("place", ["agent", "lesion", "id"])
def test_what_a_patient_is_told_to_have_cannot_become_markup(markup, place):
    told = copy.deepcopy(FIVE_WARNINGS)
    if place == "agent":
        for treatment in told["treatments"]:
            if treatment["kind"] != "radiopharmaceutical":
                treatment["agent"] = markup
    elif place == "lesion":
        for study in told.get("imaging", ()):
            for lesion in study.get("target_lesions", ()):
                lesion["id"] += markup
    else:
        told["patient"]["id"] = markup
    for card in shown(assessed(told), predictions=True):
        is_plain(card)
        assert "<" not in card["summary"]
        assert "](" not in card["summary"]


@pytest.mark.parametrize("markup", [*MARKUP, "https://evil.example/click", "www.evil.example", "call@evil.example"])
def test_the_name_of_what_was_not_used_cannot_become_markup_or_a_link(markup):
    for card in shown(assessed(SKELETAL, (markup, "is not used")), predictions=True):
        is_plain(card)


@pytest.mark.parametrize("markup", MARKUP)
def test_the_reason_why_something_was_not_used_cannot_become_markup(markup):
    for card in shown(assessed(SKELETAL, ("Observation/a", markup)), predictions=True):
        assert kinds(GITHUB.parse(card["detail"])) <= OURS


HOSTILE_ADDRESSES = ["https://evil.example/click-here", "http://www.evil.example", "ftp://evil.example/a", "www.evil.example"]


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_the_address_of_a_resource_that_was_not_used_cannot_become_a_link(shared, address):
    told = kit(VIEW)
    unread = {"resourceType": "Observation", "status": "final", "code": {}, "subject": {"reference": "Patient/demo-017"}}
    told["prefetch"]["laboratory"]["entry"].append({"fullUrl": address, "resource": unread})
    for card in cards(shared, told):
        is_plain(card)


@pytest.mark.parametrize("markup", [*MARKUP, "a/b", "https://evil.example", "www.evil.example"])
@pytest.mark.parametrize("member", ["id", "resourceType"])
def test_the_id_and_the_type_of_a_resource_cannot_become_markup(shared, markup, member):
    told = view(condition("C7A.012", ICD), administration(status="stopped") | {member: markup})
    shown_cards = cards(shared, told)
    assert shown_cards != []
    for card in shown_cards:
        is_plain(card)


def test_a_patient_cannot_write_on_the_cards(shared):
    told = kit(VIEW)
    told["prefetch"]["patient"] |= {
        "name": [{"text": "<b>PROCEED</b>", "family": "[PROCEED](https://evil.example)"}],
        "text": {"status": "generated", "div": "<div>PROCEED at once</div>"},
    }
    assert [card["detail"] for card in cards(shared, told)] == [card["detail"] for card in cards(shared, kit(VIEW))]


def test_the_address_of_the_service_stands_in_links_and_sources_alone():
    assert all(SERVICE_URL not in card["detail"] for card in shown(assessed(SKELETAL), predictions=True))
