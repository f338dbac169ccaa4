"""The dose modification as a drawn machine: every arrow is found by letting the machine run, none is written by hand."""

from datetime import date, timedelta

from service.facts.toxicity.episode import Dose, Reading, follow
from tests.clinical_pages.markdown import table, wrapped
from tests.clinical_pages.parts import to_be_signed

START = date(2026, 1, 1)
STATES = {
    "none": "no toxicity in this course",
    "held": "the dose is withheld",
    "reduced": "recovered: the next dose is the reduced one",
    "full": "a dose was given since recovery: the next one is full again",
    "stopped": "treatment has ended for good",
}
EVENTS = {
    "a value triggers": "trigger",
    "everything that triggered has recovered": "recovery",
    "a value that cannot be judged": "unknown",
    "a dose is given": "dose",
    "unresolved when the next dose was due, and for the label's limit after it": "delay",
}
# The shortest way to each state.
WAYS = {
    "none": ["dose"],
    "held": ["dose", "trigger"],
    "reduced": ["dose", "trigger", "recovery"],
    "full": ["dose", "trigger", "recovery", "dose"],
    "stopped": ["dose", "trigger", "recovery", "dose", "trigger"],
}


def state_after(events: list[str]) -> str:
    """Where the machine stands after these events, one a week; a dose is due eight weeks after the last."""
    happenings: list[Reading | Dose] = []
    until = START
    for event in events:
        until += timedelta(weeks=30 if event == "delay" else 1)
        if event == "dose":
            happenings.append(Dose(until, until + timedelta(weeks=8), until + timedelta(weeks=24)))
        elif event != "delay":
            triggers, recovered = {"trigger": (True, False), "recovery": (False, True), "unknown": (None, None)}[event]
            happenings.append(Reading(until, "value", triggers, recovered))
    return follow(happenings, until).state


def machine_page() -> str:
    """The states, every transition as a table, and the same as a diagram."""
    found = {(state, words): state_after([*WAYS[state], event]) for state in STATES for words, event in EVENTS.items()}
    rows = [[f"**{state}**", *(found[state, words] for words in EVENTS)] for state in STATES]
    arrows = [f"    {state} --> {then}: {words}" for (state, words), then in found.items() if then != state]
    return to_be_signed(
        "# Dose modification, drawn",
        wrapped(
            "Each toxicity (platelets, haemoglobin, neutrophils, kidney, liver, each liver enzyme, each named event) is followed "
            "over the course by one machine. The table was made by letting the machine run. The numbers behind it are those of "
            "[dose modification](criteria/dose_modification.md)."
        ),
        "## States",
        table(["state", "what it means"], [[f"**{state}**", words] for state, words in STATES.items()]),
        "## What leads where",
        table(["from", *EVENTS], rows),
        "## The same as a diagram",
        "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> none", *arrows, "```"]),
        wrapped(
            "A stop holds in every later course. Missing values change no state: the rules then answer that the next dose is "
            "undetermined. A dose given in spite of a hold does not end it."
        ),
    )
