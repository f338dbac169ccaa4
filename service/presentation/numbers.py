"""Numbers in words: a probability in per cent, never impossible and never certain; an activity with the mark of its number."""

from service.facts.exposure import REDUCED_ACTIVITY
from service.presentation.wire import NextCycleOut
from service.presentation.wire_risks import HorizonOut
from service.verdict import recalled_mark


def percent(horizon: HorizonOut) -> str:
    """A probability with its interval."""
    estimate, lower, upper = (per_cent(horizon[name]) for name in ("probability", "lower", "upper"))
    return f"{estimate} (95 % interval {lower} to {upper})"


def per_cent(probability: float) -> str:
    """A probability without its interval, for a table that has both."""
    rounded = f"{100 * probability:.0f}"
    return {"0": "<1 %", "100": ">99 %"}.get(rounded, f"{rounded} %") if 0 < probability < 1 else f"{rounded} %"


def amount(next_cycle: NextCycleOut) -> str | None:
    """The activity of the next cycle; the reduced one with the mark of its number."""
    activity = next_cycle["activity"]
    mark = recalled_mark(REDUCED_ACTIVITY) if next_cycle["decision"] == "proceed_reduced" else ""
    return f"{activity['value']:g} {activity['unit']}{mark}" if activity else None
