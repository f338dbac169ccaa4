"""Monitoring: what is due to be measured and imaged, and when was it last done?

A course is over when no cycle of it remains. Of several examinations those that the next dose
needs speak first. Before a further course the follow-up of the last one goes on.

Doubt: only blood count, creatinine and liver panel can be overdue before a dose; imaging that
is due is told, and no more: whether the dose may be given without it is the matter of the response
assessment.

Doubt: a panel counts as done on the day of the oldest of its latest values.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from service.evidence import load
from service.facts import Facts
from service.facts.follow_up import PANELS, Item
from service.phrases import SEND_TREATMENTS, by_analogy, treatments_not_told
from service.verdict import Answer, Missing, Reason, clear, fires, not_applicable, note, recalled_mark, rule, unknown
from service.vocabulary import ANALYTE_NAMES

EVIDENCE = load(__name__)
NEXT_DOSE = Missing("plan.next_cycle_on", "The date of the next dose was not told: it decides what is due before it.")
LABORATORY = Missing("laboratory", "Laboratory values were not told; what was measured, and when, decides what is due.")
IMAGING = Missing("imaging", "Imaging was not told; what was done, and when, decides what is due.")
INTERVALS = {
    "fresh": "within {} before it",
    "blood_count_in_course": "every {}",
    "imaging_after_cycle": "after cycle {}",
    "blood_count_yearly": "every {}",
    "eu_blood_count": "every {}",
    "eu_blood_count_later": "every {}",
}
AFTER_LAST_DOSE = "{} after the last dose"


@rule("Monitoring", evidence=EVIDENCE)
def monitoring(facts: Facts) -> Answer:
    """Say of each examination when it was last done and when it is due next."""
    if not facts.exposure.cycles_told:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    if not facts.exposure.is_given_or_planned:
        return not_applicable("no_prrt", note("No PRRT was given and none is planned."))
    follow_up = facts.follow_up
    due = [item for item in follow_up.items if item.is_due(facts.as_of)]
    before_dose = [item for item in due if item.for_dose]
    others = [item for item in follow_up.items if item not in due]
    why = tuple(_told(item, facts.as_of) for item in (*due, *others))
    missing = tuple(dict.fromkeys(_missing(facts, due)))
    caveats = by_analogy(facts)
    if before_dose:
        advice = f"Get a fresh {_names(before_dose)} before the dose on {follow_up.dose_on}."
        return fires("overdue_before_cycle", "warning", advice, *why, caveats=caveats, missing=missing)
    if due:
        return fires("due", "info", f"Arrange what is due: {_names(due)}.", *why, caveats=caveats, missing=missing)
    if follow_up.awaits_dose and follow_up.dose_on is None:
        return unknown("no_date", "Send the date of the next dose.", NEXT_DOSE, reasons=why)
    return clear("up_to_date", *why, caveats=caveats)


def _told(item: Item, as_of: date) -> Reason:
    """When it was last done, when it is due, and by which interval."""
    analytes = PANELS.get(item.done.name, ())
    of_what = f" ({_listed(analytes)})" if analytes and item.done.name not in analytes else ""
    interval = INTERVALS.get(item.by.id, AFTER_LAST_DOSE).format(item.by.words)
    said = f"{item.done.title}{of_what}: {_last(item)}; {_next(item, as_of)} ({interval}){recalled_mark(item.by)}."
    return note(said, item.by)


def _last(item: Item) -> str:
    if not item.done.told:
        return "not told"
    if item.done.on is not None:
        return f"last on {item.done.on}"
    some = item.done.lacking and item.done.lacking != PANELS[item.done.name]
    return f"never complete, {_listed(item.done.lacking)} not measured" if some else "never done"


def _next(item: Item, as_of: date) -> str:
    if item.for_dose:
        if item.due_on is None:
            return "due before the next dose, whose date was not told"
        return f"{'due before' if item.asked_on else 'fresh enough for'} the dose on {item.due_on}"
    if item.due_on is None:
        return "nothing more is scheduled"
    if item.due_on <= as_of:
        return f"due since {item.due_on}"
    return f"due by {item.due_on}" if item.is_due(as_of) else f"next due on {item.due_on}"


def _missing(facts: Facts, due: Iterable[Item]) -> Iterator[Missing]:
    """The questions behind what is due because it was not told."""
    for item in due:
        is_panel = item.done.name in PANELS
        if not item.done.told:
            yield LABORATORY if is_panel else IMAGING
        elif is_panel:
            for analyte in item.done.lacking:
                due_part = "it" if analyte == item.done.name else f"the {item.done.name}"
                yield Missing(analyte, f"No value of {ANALYTE_NAMES[analyte]} was told; {due_part} is due.")
        elif facts.follow_up.without_modality and facts.follow_up.without_modality > (item.done.on or date.min):
            why = f"The study of {facts.follow_up.without_modality} was told without its modality; it counts as none that is due."
            yield Missing("imaging.modality", why)


def _names(items: Iterable[Item]) -> str:
    return _listed(tuple(item.done.name for item in items))


def _listed(words: tuple[str, ...]) -> str:
    """Words as a list that can be read aloud."""
    *first, last = (ANALYTE_NAMES.get(word, word) for word in words)
    return f"{', '.join(first)} and {last}" if first else last
