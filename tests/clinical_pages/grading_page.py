"""The page of one version of CTCAE."""

from service.evidence import Grading, Step, Term
from tests.clinical_pages.markdown import bullets, code, link, table, text, wrapped
from tests.clinical_pages.parts import sources, to_be_signed
from tests.clinical_pages.words import CERTAINTY, amount

HOW_TO_READ = (
    "The grade is the highest whose condition holds; it is 0 when none does. Grades that are printed but have no condition "
    "here (such as what is only clinical) are not given by this service. LLN and ULN are the limits of the laboratory."
)
_WHEN = {
    None: "",
    "baseline_normal": ", if the baseline was normal",
    "baseline_abnormal": ", if the baseline was abnormal",
    "baseline_below_lower_limit": ", if the baseline was below LLN",
}
_OF = {
    "lower_limit": "LLN",
    "upper_limit": "ULN",
    "baseline": "baseline",
    "higher_of_baseline_and_upper_limit": "the higher of baseline and ULN",
}


def grading_page(grading: Grading) -> str:
    """The printed text of each term, and the conditions that this service makes of it."""
    return to_be_signed(
        f"# CTCAE {grading.version}: laboratory terms",
        bullets(
            (
                f"Reviewed on {grading.reviewed_on}",
                f"Grades {CERTAINTY[grading.kind]}",
                link("All rules and criteria", "../README.md"),
            )
        ),
        wrapped(HOW_TO_READ),
        *(_term(name, term) for name, term in grading.terms.items()),
        "## Sources",
        sources([grading.source]),
    )


def _term(name: str, term: Term) -> str:
    steps = [(str(step.grade), _condition(step, term)) for step in term.steps]
    printed = f"As printed, grades 1 to 4: {code(term.printed)}"
    return f"## {text(term.term)} ({code(name)})\n\n{printed}\n\n{table(('Grade', 'Condition'), steps)}"


def _condition(step: Step, term: Term) -> str:
    bound = f"{step.value:f} x {_OF[step.of]}" if step.of else amount(step.value, term.unit)
    return f"{step.comparison.replace('_', ' ')} {bound}{_WHEN[step.when]}"
