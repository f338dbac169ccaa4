"""The timeline in words: its description, and the lines below it."""

from collections.abc import Iterator
from textwrap import shorten

from service.presentation.figures.lines import lines_of
from service.presentation.figures.numbers import number
from service.presentation.figures.shapes import Course, Hold
from service.presentation.figures.timescale import Timescale
from service.presentation.words import words
from service.vocabulary import AGENT_NAMES

NAME = 40  # letters of the name of a toxicity below the figure
MOST_HOLDS = 4  # that are named below the figure


def about_the_course(course: Course) -> str:
    """What the figure shows, for who does not see it."""
    return " ".join(_sentences(course))


def captions(course: Course, scale: Timescale, width: float) -> list[str]:
    """The lines of that width below the figure: what its signs mean, what it leaves out, and what was not told."""
    text = words("figures")["captions"]
    letters = words("figures")["responses"]
    seen = dict.fromkeys(response.word for response in course.responses)
    parts: list[str] = []
    if seen:
        parts.append("; ".join(f"{letters[word][0]} {letters[word][1]}" for word in letters if word in seen) + ".")
    if course.holds:
        more = len(course.holds) - MOST_HOLDS
        named = "; ".join(_hold(hold, shorten(hold.name, NAME, placeholder="…")) for hold in course.holds[-MOST_HOLDS:])
        parts.append(text["holds"].format(holds=named) + (text["more_holds"].format(count=more) if more > 0 else ""))
    parts += (text["left_out"].format(since=gap.since, until=gap.until) for gap in scale.gaps)
    parts += _limits(course)
    return [line for part in parts for line in lines_of(part, width)]


def _limits(course: Course) -> Iterator[str]:
    text, names = words("figures")["captions"], words("figures")["names"]
    if course.holds_since:
        yield text["holds_since"].format(day=course.holds_since)
    if course.cycles and not course.cycles_told:
        yield text["cycles_in_part"]
    if not course.cycles and course.cycles_told:
        yield text["no_cycles"]
    missing = [] if course.cycles or course.cycles_told else ["activity"]
    missing += [name for name, measured in course.series.items() if not any(measured.values())]
    missing += [] if course.responses else ["responses"]
    if missing:
        yield text["not_told"].format(names=", ".join(names[name] for name in missing))


def _sentences(course: Course) -> Iterator[str]:
    text, names = words("figures")["described"], words("figures")["names"]
    yield text["as_of"].format(day=course.as_of)
    for agent in dict.fromkeys(cycle.agent for cycle in course.cycles):
        days = [cycle.on for cycle in course.cycles if cycle.agent == agent]
        yield text["cycles"].format(agent=AGENT_NAMES[agent], count=len(days), first=days[0], last=days[-1])
    for sums in filter(None, course.sums):
        yield text["sum"].format(gbq=number(sums[-1].gbq), first=sums[0].on, last=sums[-1].on)
    if course.labelled:
        yield text["labelled"].format(gbq=course.labelled.gbq)
    for name, measured in course.series.items():
        values = sorted((each for series in measured.values() for each in series), key=lambda each: each.on)
        if values:
            lowest, highest = (number(bound(each.value for each in values)) for bound in (min, max))
            yield (
                text["series"]
                .format(
                    name=names[name],
                    value=number(values[-1].value),
                    day=values[-1].on,
                    count=len(values),
                    low=lowest,
                    high=highest,
                )
                .replace("  ", " ")
            )
    if course.responses:
        told = (f"{words('figures')['responses'][each.word][1]} {each.on}" for each in course.responses)
        yield text["responses"].format(responses=", ".join(told))
    if course.holds:
        yield text["holds"].format(holds="; ".join(_hold(hold, hold.name) for hold in course.holds))
    for name in ("planned_on", "earliest_on"):
        if day := getattr(course, name):
            yield text[name].format(day=day)
    yield from _limits(course)


def _hold(hold: Hold, name: str) -> str:
    text = words("figures")["captions"]
    return str(text["still" if hold.in_force else "hold"].format(name=name, since=hold.since, until=hold.until))
