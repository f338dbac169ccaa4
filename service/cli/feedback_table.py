"""What clinicians did with cards, counted by what the cards speak of."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from pydantic_core import from_json
from rich.table import Table

from service.audit.entry import Entry


def feedback_table(entries: Iterable[Entry], shown: Mapping[str, int]) -> Table:
    """Cards shown and answered by topic. The rate is of those answered: most cards are neither accepted nor overridden."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        if entry.draft.kind == "feedback" and not entry.is_erased:
            told = from_json(entry.draft.answer)
            outcomes[told["topic"]][told["outcome"]] += 1
            if told["outcome"] == "overridden":
                reasons[told["topic"]][told["reason"] or "no reason"] += 1
    table = Table("Topic", "Shown", "Accepted", "Overridden", "Override rate", "Reasons", box=None, padding=(0, 2, 0, 0))
    for topic in sorted({*shown, *outcomes}):
        accepted, overridden = outcomes[topic]["accepted"], outcomes[topic]["overridden"]
        answered = accepted + overridden
        rate = f"{100 * overridden / answered:.0f} % of {answered}" if answered else "-"
        why = ", ".join(f"{reason} {count}" for reason, count in reasons[topic].most_common())
        table.add_row(topic, str(shown.get(topic, 0)), str(accepted), str(overridden), rate, why)
    return table
