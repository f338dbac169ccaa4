"""Predictions for a terminal: the question, the curve, the horizons, what moved it, what it is not."""

from collections.abc import Iterator
from math import exp
from typing import cast

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from service.presentation.names import item_name
from service.risk.answers import Risk
from service.risk.predict import Band, Estimate, Median
from service.risk.reference import Reference

_BLOCKS = " ▁▂▃▄▅▆▇█"
_INDENT = (0, 0, 0, 2)


def risk_as_text(risk: Risk) -> Iterator[RenderableType]:
    """The answer to one question."""
    model = f"{risk.manifest.name} {risk.manifest.version}"
    yield Text.assemble((f" {risk.status.upper()} ", "reverse"), f" {risk.question.text} ({model})")
    if risk.estimate is None:
        for why in (*risk.inputs.refused, *(f"Not told: {item_name(item)}. {reason}" for item, reason in risk.inputs.missing)):
            yield _line(f"- {why}")
        return
    yield _line(f"Population: {risk.manifest.population}.")
    for line in _estimate(risk.estimate):
        yield _line(line)
    for each in risk.estimate.contributions:
        known = {None: "unknown", True: "yes", False: "no"}[each.known]
        band = each.log_hazard
        times = f"{exp(band.value):.2f} ({exp(band.lower):.2f} to {exp(band.upper):.2f})"
        yield _line(f"{each.feature} {known}: hazard {times} times that of the average patient of the population")
    for group in risk.groups:
        figures = "; ".join(f"{months} months {_per_cent(band)}" for months, band in group.estimate.horizons)
        yield _line(f"All such patients with {group.feature} {'yes' if group.value else 'no'}: {figures}")
    for caveat in risk.caveats:
        yield Padding(Text(f"Caveat: {caveat}", style="italic"), _INDENT)


def reference_as_text(reference: Reference) -> RenderableType:
    """One published outcome, with its selection."""
    finding = reference.finding
    outcome = reference.outcome.replace("_", " ")
    interval = f" ({finding.ci[0]} to {finding.ci[1] or 'not estimable'})" if finding.ci else ""
    remark = f" {finding.note}" if finding.note else ""
    return _line(f"- {finding.meaning}: median {outcome} {finding.value}{interval} months [{finding.source}].{remark}")


def _estimate(estimate: Estimate) -> Iterator[str]:
    if estimate.probability:
        yield f"Probability {_per_cent(estimate.probability)}"
        return
    for name, values in (
        ("upper", [band.upper for band in estimate.survival]),
        ("curve", [band.value for band in estimate.survival]),
        ("lower", [band.lower for band in estimate.survival]),
    ):
        yield f"{name} |{''.join(_block(value) for value in values)}| 0 to {estimate.months[-1]} months"
    yield "; ".join(f"{months} months {_per_cent(band)}" for months, band in estimate.horizons)
    yield _median(cast("Median", estimate.median_months), estimate.months[-1])  # a curve has its median


def _block(probability: float) -> str:
    return _BLOCKS[round(probability * (len(_BLOCKS) - 1))]


def _per_cent(band: Band) -> str:
    return f"{band.value:.0%} ({band.lower:.0%} to {band.upper:.0%})"


def _median(median: Median, horizon: int) -> str:
    value, lower, upper = (
        f"beyond {horizon}" if each is None else f"{each:.0f}" for each in (median.value, median.lower, median.upper)
    )
    return f"Median {value} months (95 % interval {lower} to {upper})"


def _line(text: str) -> Padding:
    return Padding(Text(text), _INDENT)
