"""The pages that a clinician reviews and signs: made from records, docstrings and cases, never written by hand."""

from pathlib import Path

from service.evidence import CRITERIA, GRADINGS
from service.rules import RULES
from tests.clinical_pages.criteria_page import criteria_page
from tests.clinical_pages.grading_page import grading_page
from tests.clinical_pages.index_page import index_page
from tests.clinical_pages.machine_page import machine_page
from tests.clinical_pages.rule_page import rule_page
from tests.reading import cases


def every_page() -> dict[Path, str]:
    """Path below `docs/clinical/` and text of each page."""
    criteria, gradings = list(CRITERIA.values()), list(GRADINGS.values())
    return {
        Path("README.md"): index_page(RULES, criteria, gradings),
        Path("dose_modification.md"): machine_page(),
        **{Path(f"{rule.name}.md"): rule_page(rule, cases(rule.name)) for rule in RULES},
        **{Path("criteria", f"{record.id}.md"): criteria_page(record, RULES) for record in criteria},
        **{Path("criteria", f"{grading.id}.md"): grading_page(grading) for grading in gradings},
    }
