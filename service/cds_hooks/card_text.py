"""What cards say: plain GitHub Markdown without HTML, nothing of which the data can turn into markup."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from service.cds_hooks.call import ORDERS
from service.cds_hooks.unread import Unread, first_word
from service.cds_hooks.wording import as_unread, first_clause, said_once
from service.intake.orders import ANOTHER_ORDER
from service.presentation.names import in_words, item_name
from service.presentation.numbers import amount, percent
from service.presentation.wire import AskedOut, AssessmentOut, MissingOut, NextCycleOut, ReasonOut, VerdictOut
from service.presentation.wire_intake import NotUsedOut
from service.presentation.wire_risks import RiskOut

LONGEST_SUMMARY = 139
MOST_QUESTIONS = 5
OTHER_TYPE, UNCODED = "is of a type that is not read", "has no code that is read"
# What cannot be placed here, such as a search that could not be done, stands first.
_BY_CONSEQUENCE = ("MedicationAdministration", "Procedure", "MedicationRequest", "ServiceRequest", "Observation", "Condition")
_SELDOM_OURS = ("Observation", "Condition", "Procedure")
_ORDER_IS_NONE = ("has status cancelled", "has status revoked", "has status entered-in-error")
_PREFETCH = "prefetch "
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
    """How an answer is said: the titles of its rules, and what came and could not be read."""

    titles: Mapping[str, str]
    unread: Unread = field(default_factory=Unread)

    def sentence(self, text: str) -> str:
        """A sentence as Markdown, without internal names."""
        return plain(in_words(text, self.titles))

    def named(self, rules: Sequence[str]) -> str:
        """Rules by their titles."""
        return ", ".join(self.titles[rule] for rule in rules)

    def asked(self, asked: MissingOut) -> str:
        """What is asked for, and why."""
        label, why = self._labelled(asked)
        return f"{label}: {plain(item_name(asked['item']))}. {self.sentence(why)}"

    def briefly(self, asked: MissingOut) -> str:
        """The same as a part of a sentence, which is no Markdown."""
        label, why = self._labelled(asked)
        return first_clause(in_words(why, self.titles), f"{label.lower()}: {item_name(asked['item'])}")

    def _labelled(self, asked: MissingOut) -> tuple[str, str]:
        why = said_once(asked["why"])
        return ("Could not be read", as_unread(why)) if first_word(asked["item"]) in self.unread.words else ("Missing", why)


def decision_detail(answer: AssessmentOut, next_cycle: NextCycleOut, first: Sequence[str | None], wording: Wording) -> str:
    """What may be a cycle, when and how much, what that hangs on, and what is still open: the few questions that decide first.

    No date beside a decision against a dose, nor today's beside one that is open: it would invite. `first` are the lines that
    change how the decision is to be read.
    """
    decision = next_cycle["decision"]
    due_on = None if decision in ("hold", "stop") else next_cycle["due_on"]
    invites = decision == "undetermined" and next_cycle["earliest_on"] == answer["as_of"]
    asked = [wording.asked(each) for each in _most_needed_first(answer["missing"], next_cycle, wording.unread)]
    by_turns = chain.from_iterable(zip_longest(_gaps(answer, wording), asked))
    cycles = [f"{each}." for each in wording.unread.cycles.values()]
    questions = few([*cycles, *filter(None, by_turns)])
    return listed(
        *questions[: len(cycles)],
        None if invites else told("Not before", next_cycle["earliest_on"]),
        told("Activity", amount(next_cycle)),
        *first,
        *questions[len(cycles) :],
        *(f"Notice: {wording.sentence(notice)}" for notice in answer["notices"]),
        told("Due on", due_on),
        told("Decided by", wording.named(next_cycle["decided_by"])),
        f"As of {answer['as_of']}. Decision support for professionals; not a medical device.",
    )


def few(questions: Sequence[str]) -> list[str]:
    """The first questions; the others are counted."""
    more = len(questions) - MOST_QUESTIONS
    return [*questions[:MOST_QUESTIONS], *([f"And {more} more; see the whole assessment"] if more > 0 else [])]


def _most_needed_first(missing: Sequence[AskedOut], next_cycle: NextCycleOut, unread: Unread) -> list[AskedOut]:
    """What the rules that decided ask for stands before what others do, and of that first what came and could not be read."""
    decided_by = set(next_cycle["decided_by"])
    return sorted(
        missing, key=lambda asked: (not decided_by & set(asked["asked_by"]), first_word(asked["item"]) not in unread.words)
    )


def recommendation_detail(verdict: VerdictOut, wording: Wording) -> str:
    """The advice, why, and what it must not be taken for."""
    return listed(
        f"**{wording.sentence(verdict['advice'] or verdict['title'])}**",
        *(_reason(reason, wording) for reason in verdict["reasons"]),
        *(f"Caveat: {wording.sentence(caveat)}" for caveat in verdict["caveats"]),
        *few([wording.asked(missing) for missing in verdict["missing"]]),
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


def gaps(answer: AssessmentOut, wording: Wording) -> list[str]:
    """What may be a cycle, and what else was not used and may change the answer: the first of it."""
    return few([*(f"{each}." for each in wording.unread.cycles.values()), *_gaps(answer, wording)])


def _gaps(answer: AssessmentOut, wording: Wording) -> Iterator[str]:
    """What was not used and may change the answer, by what it may mean for it; what may be a cycle is said elsewhere."""
    relevant = sorted((each for each in _not_used(answer) if _is_relevant(each)), key=_rank)
    found = [each for each in relevant if each["resource"] not in wording.unread.cycles and not _is_other_order(each, wording)]
    not_had: dict[str, list[str]] = {}
    for each in found:
        if each["resource"].startswith(_PREFETCH):
            not_had.setdefault(each["reason"], []).append(_named(each))
    yield from (f"Not used: {', '.join(names)} {wording.sentence(reason)}" for reason, names in not_had.items())
    for each in found:
        if not each["resource"].startswith(_PREFETCH):
            yield f"Not used: {_named(each)} {wording.sentence(each['reason'])}"


def uncoded(answer: AssessmentOut) -> Iterator[str]:
    """What has no code that is read is only counted."""
    found = [each for each in _not_used(answer) if _is_uncoded(each)]
    if found:
        yield f"Not used: {len(found)} of a code that is not read, such as {_named(found[0])}"


def _not_used(answer: AssessmentOut) -> Sequence[NotUsedOut]:
    return answer["intake"]["not_used"] if "intake" in answer else []


def _is_other_order(not_used: NotUsedOut, wording: Wording) -> bool:
    return not_used["reason"] == ANOTHER_ORDER and not_used["resource"] in wording.unread.other_orders


def _is_relevant(not_used: NotUsedOut) -> bool:
    if _kind(not_used) in ORDERS and not_used["reason"] in _ORDER_IS_NONE:
        return False
    return not _is_uncoded(not_used) and not_used["reason"] != OTHER_TYPE


def _is_uncoded(not_used: NotUsedOut) -> bool:
    kind, reason = _kind(not_used), not_used["reason"]
    return (reason == UNCODED and kind in _SELDOM_OURS) or (reason == ANOTHER_ORDER and kind == "ServiceRequest")


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
