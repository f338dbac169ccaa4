"""What a clinician may rely on when she signs a page of docs/clinical."""

import re
from pathlib import Path, PurePosixPath

import pytest

from service.evidence import CRITERIA, GRADINGS, SOURCES
from service.evidence.book import parse_record
from service.rules import RULES
from service.verdict import Rule, clear
from tests import generated
from tests.clinical_pages import every_page
from tests.clinical_pages.criteria_page import criteria_page
from tests.clinical_pages.index_page import index_page
from tests.clinical_pages.machine_page import EVENTS, WAYS, state_after
from tests.clinical_pages.markdown import page, table, text, wrapped
from tests.clinical_pages.rule_page import rule_page
from tests.reading import cases

RECORD = """
claim: An example.
reviewed_on: 2026-11-20
speaks_of_absence: true
criteria: [course]
decisions:
  - {id: bad, situation: "Below 3 | or worse", answer: fires critical}
  - {id: over, situation: "Ended", answer: fires critical, next_cycle: stop}
  - {id: good, situation: "Otherwise", answer: clear}
parameters:
  bound: {meaning: Lowest value, value: 3.10, unit: "10*9/L", source: lutathera-us-label, locator: section 2.4, kind: recalled}
findings:
  survival:
    {meaning: Death, effect: hazard_ratio, value: 0.153, unit: "1", n: 74, p: "< 0.001", ci: [0.05, null], ci_kind: recalled,
     source: chandekar-2025, locator: abstract, kind: reported, note: An association.}
"""
CASES = [
    {"name": "3 | is bad", "row": "bad", "expect": {"missing": [{"item": "platelets"}]}},
    {"name": "4 is good", "row": "good", "expect": {"status": "clear"}},
]

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def example(record=RECORD):
    def judge(facts):
        """Judge it. Doubt: whether 3 is low."""
        return clear("good")

    return Rule("Example", parse_record("example", record), judge)


def example_page():
    return rule_page(example(), CASES)


def as_read(content):
    """Without the escapes, and on one line."""
    return re.sub(r"\\(?=\W)|\s+(?=\s)", "", content).replace("\n", " ")


def cells(line):
    return re.split(r"(?<!\\)\|", line.strip().strip("|"))


def tables(content):
    blocks = [block.splitlines() for block in content.split("\n\n")]
    return [block for block in blocks if block[0].startswith("| ")]


@pytest.mark.parametrize("folder", generated.FOLDERS, ids=str)
def test_a_generated_folder_holds_what_make_docs_makes(folder):
    pages = generated.FOLDERS[folder]()
    lacking = pages.keys() - generated.written(generated.ROOT / folder)
    stale = [path for path in pages.keys() - lacking if (generated.ROOT / folder / path).read_text("utf-8") != pages[path]]
    assert [*lacking, *stale] == [], "run `make docs`"


@pytest.mark.parametrize("folder", generated.FOLDERS, ids=str)
def test_a_generated_folder_holds_no_page_that_is_not_generated(folder):
    assert generated.written(generated.ROOT / folder) - generated.FOLDERS[folder]().keys() == set(), "run `make docs`"


def test_make_docs_makes_folders_and_takes_stale_pages_away(tmp_path):
    generated.write(tmp_path, {Path("old.md"): "", Path("criteria/old.md"): ""})
    generated.write(tmp_path, {Path("new.md"): "new", Path("more/new.md"): ""})
    assert generated.written(tmp_path) == {Path("new.md"), Path("more/new.md")}
    assert (tmp_path / "new.md").read_text("utf-8") == "new"


def test_every_rule_every_criterion_and_every_grading_has_a_page():
    rules = {Path(f"{rule.name}.md") for rule in RULES}
    behind = {Path(f"criteria/{each.id}.md") for each in (*CRITERIA.values(), *GRADINGS.values())}
    assert every_page().keys() == {Path("README.md"), Path("dose_modification.md")} | rules | behind


def test_the_drawn_machine_never_leaves_a_stop_and_never_lifts_a_hold_but_by_recovery():
    after = {(state, words): state_after([*WAYS[state], event]) for state in WAYS for words, event in EVENTS.items()}
    assert {then for (state, _), then in after.items() if state == "stopped"} == {"stopped"}
    lifted = {words for (state, words), then in after.items() if state == "held" and then not in ("held", "stopped")}
    assert lifted == {"everything that triggered has recovered"}


def test_the_same_records_make_the_same_pages():
    assert every_page() == every_page()


@each_rule
def test_every_row_number_source_and_case_of_a_rule_is_on_its_page(rule):
    content, record = as_read(rule_page(rule, cases(rule.name))), rule.evidence
    rows = [f"| `{row.id}` | {row.situation} |" for row in record.decisions]
    numbers = [f"| {number.meaning} (`{number.id}`)" for number in record.numbers]
    sources = [f"### {SOURCES[number.source].title} " for number in record.numbers]
    told = [f"| `{case['row']}` | {case['name']} |" for case in cases(rule.name)]
    assert [each for each in (*rows, *numbers, *sources, *told) if as_read(each) not in content] == []


def test_every_number_of_every_record_of_criteria_is_on_its_page():
    pages = every_page()
    lacking = [
        (record.id, number.id)
        for record in CRITERIA.values()
        for number in record.numbers
        if f"(`{number.id}`)" not in pages[Path(f"criteria/{record.id}.md")]
    ]
    assert lacking == []


def test_every_step_of_every_grading_is_on_its_page():
    pages = every_page()
    for grading in GRADINGS.values():
        steps = sum(len(term.steps) for term in grading.terms.values())
        content = pages[Path(f"criteria/{grading.id}.md")]
        assert len(re.findall(r"^\| [1-4] \|", content, re.MULTILINE)) == steps
        assert [name for name, term in grading.terms.items() if f"`{term.printed}`" not in content] == []


def test_a_recalled_number_is_marked_wherever_it_is_shown_or_counted():
    record = example().evidence
    row = next(line for line in criteria_page(record, []).splitlines() if "`bound`" in line)
    assert "**RECALLED, still to be read in the primary document**" in row
    assert "2 numbers (1 reported, 1 **RECALLED**)" in criteria_page(record, [])
    recalled = sum(number.kind == "recalled" for number in CRITERIA["course"].numbers)
    assert f"| 3 | 2 | **1**, and **{recalled}** in its criteria | 0 | 2026-11-20 |" in index_page([example()], [], [])


def test_a_rule_without_numbers_shows_how_many_stand_in_its_criteria():
    bare = example(RECORD.partition("parameters:")[0])
    assert "- On this page: no numbers\n- In the criteria behind it: " in rule_page(bare, CASES)


def test_a_recalled_interval_is_marked_beside_a_reported_number():
    assert "| hazard ratio 0.153 | 0.05 to not estimable (**RECALLED**) | < 0.001 | 74 |" in example_page()


def test_a_number_keeps_the_digits_of_its_record():
    assert "| 3.10 x 10^9/L |" in example_page()


def test_a_note_stands_beside_its_number():
    assert "| Death (`survival`). An association. |" in example_page()


def test_a_critical_row_holds_the_next_cycle_unless_it_says_more():
    assert "| `bad` | Below 3 \\| or worse | fires: **critical** | **hold** until it is resolved |" in example_page()
    assert "| `over` | Ended | fires: **critical** | **stop**: treatment ends |" in example_page()


def test_a_case_says_what_is_expected_and_what_is_asked_for():
    assert "| `bad` | 3 \\| is bad | fires: **critical**; asks for `platelets` |" in example_page()
    assert "| `good` | 4 is good | clear |" in example_page()


def test_a_page_shows_doubts_and_what_may_fire_on_absence():
    assert "Judge it.\n\n**Doubt:** whether 3 is low.\n\n" in example_page()
    assert "This rule may fire because something is missing." in example_page()


def test_criteria_name_the_rules_that_name_them():
    assert "[course](criteria/course.md)" in example_page()
    assert "[Example](../example.md)" in criteria_page(CRITERIA["course"], [example()])


def test_a_page_has_room_to_sign():
    signing = example_page().partition("## Sign-off")[2]
    assert all(f"| {what} | ___" in signing for what in ("Reviewed by", "Role", "Date", "Agreed, or changes"))


def test_the_digest_changes_with_the_page():
    digests = {
        re.search(r"`[0-9a-f]{12}`", rule_page(example(RECORD.replace("3.10", value)), CASES))[0] for value in ("3.1", "3.2")
    }
    assert len(digests) == 2


def test_every_row_of_a_table_has_as_many_cells_as_its_head():
    contents = {**every_page(), Path("example.md"): example_page()}
    uneven = [
        (path, line)
        for path, content in contents.items()
        for head, *lines in tables(content)
        for line in lines
        if len(cells(line)) != len(cells(head))
    ]
    assert uneven == []


def test_every_link_between_pages_leads_to_a_page():
    pages = every_page()
    for path, content in pages.items():
        targets = [target for target in re.findall(r"\]\(([^)]+)\)", content) if not target.startswith("https:")]
        reached = {(generated.ROOT / path.parent / PurePosixPath(target)).resolve() for target in targets}
        assert reached <= {(generated.ROOT / each).resolve() for each in pages}, path


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("<LLN-75, < 75, 5 < 10", r"\<LLN-75, < 75, 5 < 10"),
        ("10*9/L to 20*9/L", r"10\*9/L to 20\*9/L"),
        ("not_told, _aside_", r"not_told, \_aside\_"),
        ("about ~5 to ~10", r"about \~5 to \~10"),
        ("[1](see)", r"[1]\(see)"),
        ("the word `a_*b`", "the word `a_*b`"),
    ],
)
def test_text_means_only_what_it_says(words, written):
    assert text(words) == written


@pytest.mark.parametrize(
    ("start", "line"), [("- no item", r"\- no item"), ("> 3", r"\> 3"), ("4. This", r"4\. This"), ("-30 %", "-30 %")]
)
def test_a_line_does_not_begin_a_list_by_chance(start, line):
    assert wrapped(f"{'x' * 99} {start}").splitlines()[1] == line


def test_a_cell_stays_on_its_line():
    assert table(["A | B"], [["one\n  two"]]) == "| A \\| B |\n| --- |\n| one two |"


def test_a_page_leaves_out_what_is_empty():
    assert page("# A", "", "b\n") == "# A\n\nb\n"
