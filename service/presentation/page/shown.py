"""What the page of a stored assessment shows, beside the answer itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from service.assessment import SHAKY_GROUND
from service.next_cycle import URGENCY_OF
from service.presentation.figures import Figures
from service.presentation.page.changes import Change, changes
from service.presentation.wire import AskedOut, AssessmentOut, VerdictOut
from service.presentation.wire_record import ReviewOut, StoredOut
from service.presentation.wire_risks import RiskOut
from service.presentation.words import words
from service.verdict import URGENCIES, Rule, Urgency

_MOST_IN_LARGE_LETTERS = 14


class Told(NamedTuple):
    """Why, and the rules that say so."""

    reason: str  # empty where there is nothing against
    titles: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One assessment as the board sees it."""

    answer: AssessmentOut
    rules: Mapping[str, Rule]  # as they are today
    rules_version: str  # of today
    reviews: Sequence[ReviewOut]  # earliest first
    earlier: Sequence[StoredOut]  # of the same patient, latest first
    before: AssessmentOut | None  # the one before
    figures: Figures | None

    @property
    def urgency(self) -> Urgency:
        """How urgent the decision is; without one, how urgent the first recommendation is."""
        if "next_cycle" in self.answer:
            return URGENCY_OF[self.answer["next_cycle"]["decision"]]
        fired = [verdict["urgency"] for verdict in self.answer["recommendations"]]
        return next((urgency for urgency in URGENCIES if urgency in fired), "info")

    @property
    def banners(self) -> list[str]:
        """Why a critical verdict should be checked before it is acted on."""
        return [notice for notice in self.answer["notices"] if SHAKY_GROUND in notice]

    @property
    def notices(self) -> list[str]:
        """What else the reader must know."""
        return [notice for notice in self.answer["notices"] if SHAKY_GROUND not in notice]

    @property
    def decided_by(self) -> list[Told]:
        """What is behind the decision."""
        return _told(self._named("decided_by"))

    @property
    def open_questions(self) -> list[Told]:
        """What the decision was taken without, but for what it was decided by."""
        behind = {verdict["rule"] for verdict in self._named("decided_by")}
        return _told([verdict for verdict in self._named("open_questions") if verdict["rule"] not in behind])

    @property
    def estimated(self) -> list[RiskOut]:
        """The questions with an estimate."""
        return [risk for risk in self.answer["risks"] if risk["status"] == "estimated"]

    @property
    def not_estimated(self) -> list[RiskOut]:
        """The questions without one."""
        return [risk for risk in self.answer["risks"] if risk["status"] != "estimated"]

    @property
    def is_of_today(self) -> bool:
        """Whether the rules shown beside the answer are those that it was made with."""
        return self.answer["knowledge"]["rules"] == self.rules_version

    @property
    def says_much(self) -> bool:
        """Whether it takes smaller letters to print it on one page."""
        return (
            len(self.answer["recommendations"]) + len(self.answer["missing"]) + 2 * len(self.estimated) > _MOST_IN_LARGE_LETTERS
        )

    @property
    def changes(self) -> list[Change]:
        """What is different from the assessment before."""
        return changes(self.before, self.answer) if self.before else []

    def situation(self, verdict: VerdictOut) -> str:
        """The decision row of a verdict in words; empty if today's rule has no such row."""
        rule = self.rules.get(verdict["rule"])
        rows = {row.id: row.situation for row in rule.evidence.decisions} if rule else {}
        return rows.get(verdict["decision"], "")

    def asks(self, asked: AskedOut) -> str:
        """Who asks for something that is missing."""
        return ", ".join(self.title(name) for name in asked["asked_by"])

    def title(self, name: str) -> str:
        """A rule or a question in words."""
        titles = {verdict["rule"]: verdict["title"] for verdict in self.answer["verdicts"]}
        return titles.get(name) or next(
            (risk["question"] for risk in self.answer["risks"] if risk["question_id"] == name), name.replace("_", " ")
        )

    def _named(self, part: Literal["decided_by", "open_questions"]) -> list[VerdictOut]:
        verdicts = {verdict["rule"]: verdict for verdict in self.answer["verdicts"]}
        return [verdicts[name] for name in self.answer["next_cycle"][part]] if "next_cycle" in self.answer else []


def _told(verdicts: Iterable[VerdictOut]) -> list[Told]:
    """What rules say with one voice, once; of a clear rule its title only."""
    found: dict[str, list[str]] = {}
    for verdict in verdicts:
        found.setdefault("" if verdict["status"] == "clear" else because(verdict), []).append(verdict["title"])
    return [Told(reason, ", ".join(titles)) for reason, titles in found.items()]


def because(verdict: VerdictOut) -> str:
    """The first of the reasons; of a question, what is not known."""
    told = [missing["why"] for missing in verdict["missing"]] if verdict["status"] == "unknown" else []
    return (told or [reason["statement"] for reason in verdict["reasons"]])[0]


def answer_in_words(verdict: VerdictOut) -> str:
    """Status and urgency."""
    told = words("assessment")
    urgency = verdict["urgency"]
    return str(told["urgencies"][urgency] if urgency else told["statuses"][verdict["status"]])
