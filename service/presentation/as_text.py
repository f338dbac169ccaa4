"""An assessment for a terminal: what to do first, then why, then what is missing."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.assessment import Assessment
from service.evidence import Source
from service.next_cycle import URGENCY_OF, NextCycle
from service.presentation.names import item_name
from service.presentation.risks_as_text import reference_as_text, risk_as_text
from service.verdict import Reason, Urgency, Verdict

_STYLES: dict[Urgency, str] = {"critical": "bold white on red", "warning": "bold black on yellow", "info": "bold black on cyan"}


def as_text(assessment: Assessment) -> RenderableType:
    """The assessment as something that rich can print; it reads the same without colour."""
    return Group(*_parts(assessment))


def _parts(assessment: Assessment) -> Iterator[RenderableType]:
    yield Text(f"PRRT assessment of {assessment.facts.state.patient.id} as of {assessment.as_of}", style="bold")
    yield Text("Decision support for professionals; not a medical device.", style="dim")
    if assessment.next_cycle:
        yield from _next_cycle(assessment.next_cycle)
    for verdict in assessment.recommendations:
        yield Text()
        yield from _verdict(verdict)
    for verdict in assessment.verdicts:
        if verdict.answer.status == "unknown":
            yield Text()
            yield from _question(verdict)
    if not assessment.recommendations:
        yield Text("\nNo rule fires. A question is not a reassurance.")
    yield Text("\nPredictions", style="bold")
    for risk in assessment.risks:
        yield from risk_as_text(risk)
    yield from _section("Published cohorts (not predictions)", [reference_as_text(each) for each in assessment.references])
    yield from _section("Every rule", [_table(assessment)])
    asked = [f"{item_name(each.item)}: {each.why} (asked by {', '.join(each.asked_by)})" for each in assessment.missing]
    yield from _section("Missing", [_item(each) for each in asked])
    yield from _section("Notices", [_item(notice) for notice in assessment.notices])
    yield from _section("Sources", [_item(_source(name, source)) for name, source in assessment.sources.items()])
    knowledge = assessment.knowledge
    yield Text(f"\nAssessment {assessment.id}; service {knowledge.service}; rules {knowledge.rules}", style="dim")


def _next_cycle(next_cycle: NextCycle) -> Iterator[RenderableType]:
    """The decision first, then when, how much and because of which rules."""
    number = f" {next_cycle.cycle}" if next_cycle.cycle else ""
    decision = next_cycle.decision.replace("_", " ").upper()
    yield Text.assemble("\n", (f" {decision} ", _STYLES[URGENCY_OF[next_cycle.decision]]), f" Next cycle{number}")
    window = f", window {next_cycle.window[0]} to {next_cycle.window[1]}" if next_cycle.window else ""
    if next_cycle.due_on:
        yield _item(f"Due on {next_cycle.due_on}{window}")
    if next_cycle.earliest_on:
        yield _item(f"Not before {next_cycle.earliest_on}")
    if next_cycle.activity:
        yield _item(f"Activity {next_cycle.activity.words}")
    yield _item(f"Decided by {', '.join(next_cycle.decided_by)}")
    if next_cycle.open_questions:
        yield _item(f"Open questions: {', '.join(next_cycle.open_questions)}")


def _section(title: str, parts: Sequence[RenderableType]) -> Iterator[RenderableType]:
    if parts:
        yield Text(f"\n{title}", style="bold")
        yield from parts


def _source(name: str, source: Source) -> str:
    doi = f" doi {source.doi}." if source.doi else ""
    return f"{name}: {source.citation}.{doi} {source.design_with(source.n)}. {source.population}. {source.limits}"


def _verdict(verdict: Verdict) -> Iterator[RenderableType]:
    answer = verdict.answer
    urgency = answer.urgency or "info"
    yield Text.assemble((f" {urgency.upper()} ", _STYLES[urgency]), f" {verdict.title}")
    yield Padding(Text(str(answer.advice), style="bold"), (0, 0, 0, 2))
    for reason in answer.reasons:
        yield _item(_reason(reason))
    for caveat in answer.caveats:
        yield Padding(Text(f"Caveat: {caveat}", style="italic"), (0, 0, 0, 2))


def _question(verdict: Verdict) -> Iterator[RenderableType]:
    yield Text.assemble((" UNKNOWN ", "reverse"), f" {verdict.title}")
    yield Padding(Text(str(verdict.answer.advice), style="bold"), (0, 0, 0, 2))
    for missing in verdict.answer.missing:
        yield _item(missing.why)


def _reason(reason: Reason) -> str:
    number = reason.number
    return f"{reason.statement} [{number.source}, {number.kind}]" if number else reason.statement


def _table(assessment: Assessment) -> Table:
    table = Table("Rule", "Answer", "Because", box=None, padding=(0, 2, 0, 2))
    for verdict in assessment.verdicts:
        answer = verdict.answer
        status = answer.status.replace("_", " ")
        # Of a question the reasons say what is known; what is not known must stand first.
        because = answer.missing[0].why if answer.status == "unknown" else answer.reasons[0].statement
        table.add_row(verdict.rule, f"{status} {answer.urgency or ''}".strip(), because)
    return table


def _item(text: str) -> Padding:
    return Padding(Text(f"- {text}"), (0, 0, 0, 2))
