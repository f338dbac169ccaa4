"""What the page of a stored assessment shows, beside the answer itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from service.assessment import SHAKY_GROUND
from service.next_cycle import URGENCY_OF
from service.presentation.figures import Figures
from service.presentation.page.changes import Change, changes
from service.presentation.page.verdicts import because
from service.presentation.wire import AskedOut, AssessmentOut, VerdictOut
from service.presentation.wire_record import ReviewOut, StoredOut
from service.presentation.wire_risks import RiskOut
from service.verdict import URGENCIES, Rule, Urgency

_MOST_IN_LARGE_LETTERS = 10


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
    about: str | None  # whom it is about, in one line; None if the request cannot be read any more

    @property
    def urgency(self) -> Urgency:
        """How urgent the decision is, never less than what is to be looked at first; without one, the first recommendation."""
        if "next_cycle" in self.answer:
            own = URGENCY_OF[self.answer["next_cycle"]["decision"]]
            return "warning" if own == "info" and self.look_first else own
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
        return _told(self._named("decided_by"), with_reasons=not self.proceeds)

    @property
    def look_first(self) -> list[Told]:
        """What must be looked at before the next cycle is given, if one may be."""
        if not self.proceeds:
            return []
        return _told(verdict for verdict in self.answer["recommendations"] if verdict["urgency"] == "warning")

    @property
    def open_questions(self) -> list[Told]:
        """What the decision to proceed was taken without, of what could change it."""
        return _told(verdict for verdict in self._named("open_questions") if self.proceeds and self._decides(verdict))

    @property
    def proceeds(self) -> bool:
        """Whether the next cycle may be given."""
        return "next_cycle" in self.answer and self.answer["next_cycle"]["decision"].startswith("proceed")

    @property
    def waits(self) -> bool:
        """Whether what speaks of further cycles waits until something is resolved."""
        return "next_cycle" in self.answer and self.answer["next_cycle"]["decision"] in ("hold", "stop")

    @property
    def last_review(self) -> ReviewOut | None:
        """What the board said last."""
        return self.reviews[-1] if self.reviews else None

    @property
    def disordered_month(self) -> int | None:
        """The first month in which living without progression is estimated above living, which cannot be for one patient."""
        living, without = (
            self._survival(f"{outcome}_from_start") for outcome in ("overall_survival", "progression_free_survival")
        )
        return next((month for month, alive in living.items() if without.get(month, 0) > alive), None)

    def _survival(self, question_id: str) -> dict[int, float]:
        curves = [risk["curve"] for risk in self.answer["risks"] if risk["question_id"] == question_id and risk["curve"]]
        return dict(zip(curves[0]["months"], curves[0]["survival"], strict=True)) if curves else {}

    def _decides(self, verdict: VerdictOut) -> bool:
        rule = self.rules.get(verdict["rule"])
        return rule is None or any(row.next_cycle or row.answer == "fires critical" for row in rule.evidence.decisions)

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


def _told(verdicts: Iterable[VerdictOut], *, with_reasons: bool = True) -> list[Told]:
    """What rules say with one voice, once; of rules that let the cycle be given their titles only."""
    found: dict[str, list[str]] = {}
    for verdict in verdicts:
        found.setdefault(because(verdict) if with_reasons else "", []).append(verdict["title"])
    return [Told(reason, ", ".join(titles)) for reason, titles in found.items()]
