"""Every rule and every risk question on one patient, put together into one assessment. No clock, no I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from service.evidence import RISK, SOURCES, Source
from service.facts import Facts
from service.next_cycle import NextCycle
from service.risk.answers import Risk
from service.risk.reference import Reference
from service.verdict import URGENCIES, Missing, Verdict

SHAKY_GROUND = "this critical verdict rests on"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Which service, rules and models gave an answer."""

    service: str
    rules: str
    models: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that is missing, and which rules ask for it."""

    item: str
    why: str
    asked_by: tuple[str, ...]  # rules and risk questions


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer about one patient on one day."""

    id: str
    created_at: datetime
    facts: Facts
    knowledge: Knowledge
    verdicts: tuple[Verdict, ...]
    next_cycle: NextCycle | None
    risks: tuple[Risk, ...]
    references: tuple[Reference, ...]

    @property
    def as_of(self) -> date:
        """The day for which the question was asked."""
        return self.facts.as_of

    @property
    def recommendations(self) -> tuple[Verdict, ...]:
        """The verdicts that fire, most urgent first."""
        firing = [verdict for verdict in self.verdicts if verdict.answer.urgency]
        return tuple(sorted(firing, key=lambda verdict: URGENCIES.index(verdict.answer.urgency or "info")))

    @property
    def missing(self) -> tuple[Asked, ...]:
        """Everything that is asked for, each item once."""
        asked: dict[str, list[tuple[str, Missing]]] = {}
        for verdict in self.verdicts:
            for missing in verdict.answer.missing:
                asked.setdefault(missing.item, []).append((verdict.rule, missing))
        for risk in self.risks:
            if risk.status == "unknown":
                for item, why in risk.inputs.missing:
                    asked.setdefault(item, []).append((risk.question.id, Missing(item, why)))
        return tuple(
            Asked(
                item,
                " ".join(dict.fromkeys(missing.why for _, missing in by)),
                tuple(dict.fromkeys(rule for rule, _ in by)),
            )
            for item, by in asked.items()
        )

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources that the reasons name."""
        named = {reason.number.source for verdict in self.verdicts for reason in verdict.answer.reasons if reason.number}
        named |= {reference.finding.source for reference in self.references}
        named.update(*(RISK[risk.manifest.name].sources for risk in self.risks if risk.estimate))
        return {name: SOURCES[name] for name in sorted(named)}

    @property
    def notices(self) -> tuple[str, ...]:
        """What the reader must know about the data and about the ground the answer stands on."""
        critical = [verdict for verdict in self.verdicts if verdict.answer.urgency == "critical"]
        shaky = (line for verdict in critical for line in _shaky_ground(verdict, self.as_of))
        titles = {verdict.rule: verdict.title for verdict in self.verdicts}
        return (*self.facts.notices, *_about_the_next_cycle(self.next_cycle, self.facts.exposure.next_cycle_on, titles), *shaky)


def _about_the_next_cycle(next_cycle: NextCycle | None, planned_on: date | None, titles: Mapping[str, str]) -> Iterable[str]:
    """What its decision does not say by itself."""
    if next_cycle is None:
        return
    if next_cycle.window and planned_on and planned_on < next_cycle.window[0]:
        yield f"The next cycle is planned on {planned_on}, before its window opens on {next_cycle.window[0]}."
    if next_cycle.is_late and next_cycle.window:
        window = " to ".join(str(day) for day in next_cycle.window)
        yield f"The earliest day of the next cycle, {next_cycle.earliest_on}, lies after its window, {window}."
    if next_cycle.decision.startswith("proceed") and next_cycle.open_questions:
        asked = ", ".join(titles.get(rule, rule) for rule in next_cycle.open_questions)
        yield f"The next cycle was decided with open questions: {asked}."


def _shaky_ground(verdict: Verdict, as_of: date) -> Iterable[str]:
    """Why a critical verdict should be checked before it is acted on."""
    if any(reason.number and reason.number.kind == "recalled" for reason in verdict.answer.reasons):
        yield f"{verdict.title}: {SHAKY_GROUND} a recalled number, not yet read in its primary document."
    if verdict.record.is_overdue(as_of):
        yield f"{verdict.title}: {SHAKY_GROUND} a record last reviewed on {verdict.record.reviewed_on}."
