"""Somatostatin analogue: is it stopped long enough before the next dose?

The next dose is judged on the latest of its due date, its planned date and today. A pause of
exactly 28 days is enough.

Doubt: only dates are known. A short-acting analogue on the day of the dose warns; one of the
day before counts as 24 hours.

Doubt: an analogue of which the formulation was not told is judged as long-acting.

Doubt: each injection is expected as an entry of its own; an entry that tells only when a drug
was started says nothing of later injections.

Doubt: the pauses are those of the US label, and are applied under the EU label too.
"""

from datetime import date, timedelta

from service.evidence import Parameter, load
from service.facts import Facts
from service.facts.analogue import Analogue
from service.phrases import SEND_TREATMENTS, by_analogy, treatments_not_told
from service.verdict import Answer, Missing, below, cite, clear, fires, not_applicable, note, rule, unknown

EVIDENCE = load(__name__)
LONG_ACTING_PAUSE = EVIDENCE["long_acting_pause"]
SHORT_ACTING_PAUSE = EVIDENCE["short_acting_pause"]
AFTER_EACH_DOSE = cite(EVIDENCE.finding("octreotide_after_dose"))
WORDS = {"long_acting": "the long-acting analogue", "short_acting": "the short-acting analogue", None: "the analogue"}
FORMULATION = Missing(
    "treatments.formulation", "Whether the somatostatin analogue was long-acting was not told; it is judged as long-acting."
)
IN_PART = Missing("treatments.somatostatin_analogue", "Treatments were told only in part: an analogue may have been given.")
SEND_ALL = "Tell whether a somatostatin analogue was given since the last dose, and when."
EACH_INJECTION = "Only the injections that were told are judged; a start date says nothing of later ones."


@rule("Somatostatin analogue before the dose", evidence=EVIDENCE)
def somatostatin_analogue_timing(facts: Facts) -> Answer:
    """Compare the time from the last analogue to the next dose with the pause that the label asks for."""
    exposure = facts.exposure
    if not exposure.treatments_told:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    if not exposure.is_given_or_planned:
        return not_applicable("no_prrt", note("No PRRT was given and none is planned."))
    if not facts.awaited.cycles:
        return not_applicable("no_cycle_remains", note("No cycle of the course remains."))
    if not facts.analogues and not facts.state.tells_all("other_treatments"):
        return unknown("not_told", SEND_ALL, IN_PART)
    if not facts.analogues:
        return clear("none_given", note("No somatostatin analogue was given."))
    next_on = facts.awaited.dose_on
    if next_on is None:
        asked = Missing(
            "plan.next_cycle_on", "The date of the next dose was not told: it decides whether the analogue is stopped in time."
        )
        return unknown("no_date", "Send the date of the next dose.", asked)
    return _judge(facts, next_on)


def _judge(facts: Facts, next_on: date) -> Answer:
    pauses = [
        below(each.before(next_on), _pause(each), f"Time from {WORDS[each.formulation]} of {each.given_on} to the dose:")
        for each in facts.analogues
    ]
    too_short = [pause for pause in pauses if pause]
    earliest = max(_allowed_on(each) for each in facts.analogues)
    missing = (FORMULATION,) if any(each.formulation is None for each in facts.analogues) else ()
    dose = note(f"The next dose is judged on {next_on}; the analogue allows it from {earliest}.")
    if too_short:
        advice = f"Give the next dose on {earliest} at the earliest, and no somatostatin analogue in the pause before it."
        why = (*too_short, dose, AFTER_EACH_DOSE)
        return fires("too_soon", "warning", advice, *why, caveats=by_analogy(facts), missing=missing, not_before=earliest)
    if not facts.state.tells_all("other_treatments"):
        known = (note(IN_PART.why), *pauses, dose)
        return unknown("not_told", SEND_ALL, IN_PART, *missing, reasons=known, not_before=earliest)
    caveats = (EACH_INJECTION, *by_analogy(facts))
    return clear("paused", *pauses, dose, AFTER_EACH_DOSE, caveats=caveats, missing=missing, not_before=earliest)


def _pause(analogue: Analogue) -> Parameter:
    return SHORT_ACTING_PAUSE if analogue.formulation == "short_acting" else LONG_ACTING_PAUSE


def _allowed_on(analogue: Analogue) -> date:
    """The first day on which the pause is long enough."""
    pause = _pause(analogue)
    length = int(pause.value)
    return analogue.given_on + (timedelta(hours=length) if pause is SHORT_ACTING_PAUSE else timedelta(days=length))
