"""What cards say: plain GitHub Markdown without HTML, nothing of which the data can turn into markup."""

from collections.abc import Iterator, Mapping, Sequence

from service.presentation.wire import AssessmentOut, NextCycleOut, ReasonOut, VerdictOut
from service.presentation.wire_intake import NotUsedOut
from service.presentation.wire_risks import HorizonOut, RiskOut

LONGEST_SUMMARY = 139
MOST_NOT_USED = 10
OTHER_TYPE, UNCODED = "is of a type that is not read", "has no code that is read"
# What cannot be placed here, such as a search that could not be done, stands first.
_BY_CONSEQUENCE = ("MedicationAdministration", "Procedure", "MedicationRequest", "ServiceRequest", "Observation", "Condition")
_SELDOM_OURS = ("Observation", "Condition", "Procedure")
_MARKUP = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_<>[]|#~&"})


def plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    return text.translate(_MARKUP)


def shortened(text: str) -> str:
    """A sentence of fewer than 140 characters; a cut shows."""
    if len(text) <= LONGEST_SUMMARY:
        return text
    return f"{text[: LONGEST_SUMMARY - 1].rsplit(' ', 1)[0].rstrip(' ,;:.')}…"


def decision_detail(answer: AssessmentOut, next_cycle: NextCycleOut, titles: Mapping[str, str]) -> str:
    """When and how much, because of what, and what is still open. No date beside a decision against a dose: it would invite."""
    due_on = None if next_cycle["decision"] in ("hold", "stop") else next_cycle["due_on"]
    return listed(
        _told("Due on", due_on),
        _told("Not before", next_cycle["earliest_on"]),
        _told("Activity", _amount(next_cycle)),
        _told("Decided by", ", ".join(titles[rule] for rule in next_cycle["decided_by"])),
        _told("Open questions", ", ".join(titles[rule] for rule in next_cycle["open_questions"])),
        *(f"Notice: {plain(notice)}" for notice in answer["notices"]),
        *(f"Missing: {plain(asked['item'])}. {plain(asked['why'])}" for asked in answer["missing"]),
        f"As of {answer['as_of']}. Decision support for professionals; not a medical device.",
    )


def recommendation_detail(verdict: VerdictOut) -> str:
    """The advice, why, and what it must not be taken for."""
    return listed(
        f"**{plain(verdict['advice'] or verdict['title'])}**",
        *(_reason(reason) for reason in verdict["reasons"]),
        *(f"Caveat: {plain(caveat)}" for caveat in verdict["caveats"]),
        *(f"Missing: {plain(missing['item'])}. {plain(missing['why'])}" for missing in verdict["missing"]),
    )


def prediction_detail(risks: Sequence[RiskOut]) -> str:
    """Each question with its estimates, or with why it was refused."""
    return "\n\n".join(listed(f"**{plain(risk['question'])}**", *_estimates(risk)) for risk in risks)


def _estimates(risk: RiskOut) -> Iterator[str]:
    for horizon in risk["horizons"]:
        at = f"{horizon['months']} months: " if horizon["months"] else ""
        yield f"{at}{percent(horizon)}"
    if risk["status"] != "estimated":
        yield f"No estimate: {plain(' '.join(risk['applicability']['reasons']))}"
        return
    yield f"Population: {plain(risk['population'])}; model {risk['model']['name']} {risk['model']['version']}"
    yield from (f"Caveat: {plain(caveat)}" for caveat in risk["caveats"])


def percent(horizon: HorizonOut) -> str:
    """A probability with its interval, in per cent; never impossible, never certain."""
    estimate, lower, upper = (_percent(horizon[name]) for name in ("probability", "lower", "upper"))
    return f"{estimate} (95 % interval {lower} to {upper})"


def _percent(probability: float) -> str:
    rounded = f"{100 * probability:.0f}"
    return {"0": "<1 %", "100": ">99 %"}.get(rounded, f"{rounded} %") if 0 < probability < 1 else f"{rounded} %"


def gaps(answer: AssessmentOut) -> Iterator[str]:
    """What was not used, by what it may mean for the answer; what has no code that is read is only counted."""
    not_used = answer["intake"]["not_used"] if "intake" in answer else []
    uncoded = [each for each in not_used if _is_uncoded(each)]
    relevant = sorted((each for each in not_used if not _is_uncoded(each) and each["reason"] != OTHER_TYPE), key=_rank)
    for each in relevant[:MOST_NOT_USED]:
        yield f"Not used: {_named(each)} {plain(each['reason'])}"
    if len(relevant) > MOST_NOT_USED:
        yield f"Not used: {len(relevant) - MOST_NOT_USED} more; see the whole assessment"
    if uncoded:
        yield f"Not used: {len(uncoded)} of a code that is not read, such as {_named(uncoded[0])}"


def _is_uncoded(not_used: NotUsedOut) -> bool:
    return not_used["reason"] == UNCODED and _kind(not_used) in _SELDOM_OURS


def _named(not_used: NotUsedOut) -> str:
    """In a code span: an address, or an id that looks like one, would become a link."""
    return f"`{not_used['resource'].replace('`', '')}`"


def _rank(not_used: NotUsedOut) -> int:
    kind = _kind(not_used)
    return _BY_CONSEQUENCE.index(kind) if kind in _BY_CONSEQUENCE else 0


def _kind(not_used: NotUsedOut) -> str:
    return not_used["resource"].partition("/")[0].partition(",")[0]


def _reason(reason: ReasonOut) -> str:
    if reason["source"] is None:
        return plain(reason["statement"])
    return plain(f"{reason['statement']} ({reason['source']}, {reason['certainty']})")


def _amount(next_cycle: NextCycleOut) -> str | None:
    activity = next_cycle["activity"]
    return f"{activity['value']:g} {activity['unit']}" if activity else None


def _told(label: str, value: str | None) -> str | None:
    return f"{label}: {plain(value)}" if value else None


def listed(first: str | None, *others: str | None) -> str:
    """Lines as a Markdown list; a line in bold stands above it."""
    told = [line for line in (first, *others) if line]
    return "\n".join(f"- {line}" if not line.startswith("**") else f"{line}\n" for line in told)
