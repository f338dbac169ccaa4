"""What a rule answered, in a word and in a sentence."""

from service.presentation.wire import VerdictOut
from service.presentation.words import words


def because(verdict: VerdictOut) -> str:
    """The first of the reasons; of a question, what is not known."""
    told = [missing["why"] for missing in verdict["missing"]] if verdict["status"] == "unknown" else []
    return (told or [reason["statement"] for reason in verdict["reasons"]])[0]


def answer_in_words(verdict: VerdictOut) -> str:
    """Status and urgency."""
    told = words("assessment")
    urgency = verdict["urgency"]
    return str(told["urgencies"][urgency] if urgency else told["statuses"][verdict["status"]])
