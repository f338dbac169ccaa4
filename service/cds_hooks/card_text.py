"""What cards say: plain GitHub Markdown without HTML, nothing of which the data can turn into markup."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.cds_hooks.unread import first_word
from service.cds_hooks.wording import as_unread
from service.presentation.names import in_words, item_name
from service.presentation.numbers import amount, percent
from service.presentation.wire import AskedOut, AssessmentOut, MissingOut, NextCycleOut, ReasonOut, VerdictOut
from service.presentation.wire_intake import NotUsedOut
from service.presentation.wire_risks import RiskOut

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


@dataclass(frozen=True, slots=True)
class Wording:
    """How an answer is said: the titles of its rules, and the first words of what came and could not be read."""

    titles: Mapping[str, str]
    unread: frozenset[str] = frozenset()

    def sentence(self, text: str) -> str:
        """A sentence as Markdown, without internal names."""
        return plain(in_words(text, self.titles))

    def named(self, rules: Sequence[str]) -> str:
        """Rules by their titles."""
        return ", ".join(self.titles[rule] for rule in rules)

    def asked(self, asked: MissingOut) -> str:
        """What is asked for, and why."""
        is_unread = first_word(asked["item"]) in self.unread
        label = "Could not be read" if is_unread else "Missing"
        why = as_unread(asked["why"]) if is_unread else asked["why"]
        return f"{label}: {plain(item_name(asked['item']))}. {self.sentence(why)}"


def decision_detail(answer: AssessmentOut, next_cycle: NextCycleOut, first: Sequence[str | None], wording: Wording) -> str:
    """When and how much, what that hangs on, and what is still open. No date beside a decision against a dose: it would invite.

    `first` are the lines that change how the decision is to be read.
    """
    due_on = None if next_cycle["decision"] in ("hold", "stop") else next_cycle["due_on"]
    return listed(
        told("Not before", next_cycle["earliest_on"]),
        told("Activity", amount(next_cycle)),
        *first,
        *gaps(answer, wording),
        *(f"Notice: {wording.sentence(notice)}" for notice in answer["notices"]),
        told("Due on", due_on),
        told("Decided by", wording.named(next_cycle["decided_by"])),
        *(wording.asked(asked) for asked in _most_needed_first(answer["missing"], next_cycle)),
        f"As of {answer['as_of']}. Decision support for professionals; not a medical device.",
    )


def _most_needed_first(missing: Sequence[AskedOut], next_cycle: NextCycleOut) -> list[AskedOut]:
    """What the rules that decided ask for stands before what others do."""
    return sorted(missing, key=lambda asked: not set(asked["asked_by"]) & set(next_cycle["decided_by"]))


def recommendation_detail(verdict: VerdictOut, wording: Wording) -> str:
    """The advice, why, and what it must not be taken for."""
    return listed(
        f"**{wording.sentence(verdict['advice'] or verdict['title'])}**",
        *(_reason(reason, wording) for reason in verdict["reasons"]),
        *(f"Caveat: {wording.sentence(caveat)}" for caveat in verdict["caveats"]),
        *(wording.asked(missing) for missing in verdict["missing"]),
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


def gaps(answer: AssessmentOut, wording: Wording) -> Iterator[str]:
    """What was not used and may change the answer, by what it may mean for it."""
    relevant = sorted((each for each in _not_used(answer) if _is_relevant(each)), key=_rank)
    for each in relevant[:MOST_NOT_USED]:
        yield f"Not used: {_named(each)} {wording.sentence(each['reason'])}"
    if len(relevant) > MOST_NOT_USED:
        yield f"Not used: {len(relevant) - MOST_NOT_USED} more; see the whole assessment"


def uncoded(answer: AssessmentOut) -> Iterator[str]:
    """What has no code that is read is only counted."""
    found = [each for each in _not_used(answer) if _is_uncoded(each)]
    if found:
        yield f"Not used: {len(found)} of a code that is not read, such as {_named(found[0])}"


def _not_used(answer: AssessmentOut) -> Sequence[NotUsedOut]:
    return answer["intake"]["not_used"] if "intake" in answer else []


def _is_relevant(not_used: NotUsedOut) -> bool:
    return not _is_uncoded(not_used) and not_used["reason"] != OTHER_TYPE


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


def _reason(reason: ReasonOut, wording: Wording) -> str:
    if reason["source"] is None:
        return wording.sentence(reason["statement"])
    return wording.sentence(reason["statement"]) + plain(f" ({reason['source']}, {reason['certainty']})")


def told(label: str, value: str | None) -> str | None:
    """A line, if there is anything to tell."""
    return f"{label}: {plain(value)}" if value else None


def listed(first: str | None, *others: str | None) -> str:
    """Lines as a Markdown list; a line in bold stands above it."""
    lines = [line for line in (first, *others) if line]
    return "\n".join(f"- {line}" if not line.startswith("**") else f"{line}\n" for line in lines)
