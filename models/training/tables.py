"""The tables of a card, made from the evidence record, the fitted estimators and the evaluation. No number is written here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from models.training.export import Estimators
from service.evidence import SOURCES, Number, Record, Source
from service.risk.ensemble import WeibullEnsemble
from service.risk.populations import Inputs
from service.risk.predict import Band, Estimate, Predictor
from service.risk.questions import QUESTIONS

Report = Mapping[str, Any]
Z = 1.959964  # normal quantile of a 95 % interval


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def told(value: float, lower: float, upper: float, places: int = 2) -> str:
    """A number with its interval, as one says it."""
    return f"{value:.{places}f} ({lower:.{places}f} to {upper:.{places}f})"


def numbers(record: Record) -> str:
    """Every number of the record with its kind, unit, source and place."""
    rows = [
        (each.meaning, f"{float(each.value):g}", _unit(each), each.kind, f"{each.source}: {each.locator}")
        for each in record.numbers
    ]
    return table(("Number", "Value", "Unit", "Kind", "Source and place"), rows)


def cited(record: Record) -> list[Source]:
    """The sources of a record's numbers."""
    return [SOURCES[name] for name in dict.fromkeys(each.source for each in record.numbers)]


def sources(record: Record) -> str:
    """Every source of the record, with its limits."""
    rows = [
        (each.id, each.citation, each.doi or "none", each.design, each.n or "none", each.population, each.limits.strip())
        for each in cited(record)
    ]
    return table(("Source", "Citation", "DOI", "Design", "Patients", "Population", "Limits"), rows)


def predictions(estimators: Estimators) -> list[tuple[str, str]]:
    """Of each question: its text, and a table of what the model answers for each combination of inputs."""
    return [
        (QUESTIONS[question].text, _answers(Predictor(QUESTIONS[question], members, {})))
        for question, members in estimators.items()
    ]


def _answers(predictor: Predictor) -> str:
    rows: list[tuple[str, ...]] = []
    months: tuple[int, ...] = ()
    for member, names in predictor.question.features.items():
        averaged = [(None,) * len(names)] if isinstance(predictor.estimators[member], WeibullEnsemble) else []
        for values in dict.fromkeys([*product((False, True), repeat=len(names)), *averaged]):
            estimate = predictor.estimate(Inputs(dict(zip(names, values, strict=True)), member))
            months = tuple(month for month, _ in estimate.horizons)
            said = ", ".join(f"{name} {_said(known)}" for name, known in zip(names, values, strict=True))
            bands = [estimate.probability] if estimate.probability else [band for _, band in estimate.horizons]
            rows.append((said or "none", *map(_band, bands), *_median(estimate, predictor.question.horizon_months)))
    columns = [f"Survival at {month} months" for month in months] + ["Median, months"] if months else ["Probability"]
    return table(("Inputs", *columns), rows)


def _median(estimate: Estimate, horizon: int | None) -> tuple[str, ...]:
    median = estimate.median_months
    return (capped((median.value, median.lower, median.upper), horizon),) if median else ()


def capped(months: Iterable[float | None], horizon: float | None) -> str:
    """A median (months) with its interval; what lies beyond the longest horizon is not told as a number."""
    limit = float("inf") if horizon is None else horizon
    value, lower, upper = (f"beyond {limit:g}" if each is None or each > limit else f"{each:.1f}" for each in months)
    return f"{value} ({lower} to {upper})"


def recovery(record: Record, found: Report) -> str:
    """Published, used and recovered: the hazard ratios, and the median of the cohort."""
    rows = []
    for name, each in found["hazard_ratios"].items():
        p = record[f"p_{name}"]
        origin = f"interval derived from P {'below' if 'bound' in p.meaning else 'of'} {float(p.value):g}"
        rows.append(
            (
                record[f"hazard_ratio_{name}"].meaning,
                f"{told(*each['published'])}, {origin}",
                told(*each["used"]),
                told(*each["recovered"]),
            )
        )
    median = found["median_months"]
    value, error = float(record["median"].value), float(record["median_standard_error"].value)
    printed, before = told(value, *printed_interval(record), 1), told(value, value - Z * error, value + Z * error, 1)
    after = capped(median["recovered"], float(record["horizon"].value))
    rows.append((f"{record['median'].meaning}, months", printed, before, after))
    return table(("Quantity", "Published", "Used", "Recovered"), rows)


def printed_interval(record: Record) -> tuple[float, float]:
    """The 95 % interval of the median (months) as printed: the place of its standard error names it."""
    lower, upper = re.findall(r"\d+\.\d+", record["median_standard_error"].locator)
    return float(lower), float(upper)


def mibg_recovery(record: Record, found: Report) -> str:
    """Published differences of medians, the hazard ratios that they imply, and those used and recovered; the landmark median."""
    rows = []
    horizon = float(record["horizon"].value - record["landmark"].value)
    for kind, each in found.items():
        (ratio,), difference = each["recovery"]["hazard_ratios"].values(), each["recovery"]["difference_of_medians_months"]
        ratios = (told(*ratio[stage]) for stage in ("implied", "used", "recovered"))
        prior, median = record["median"].value, capped(each["recovery"]["median_months"]["recovered"], horizon)
        rows.append(
            (kind, f"{difference['published']:g}", *ratios, told(*difference["recovered"], places=1), f"{prior}, then {median}")
        )
    return table(
        (
            "Response on",
            "Published difference of medians, months",
            "Hazard ratio implied (derived)",
            "Hazard ratio used",
            "Hazard ratio recovered",
            "Difference of medians after shrinkage, months",
            "Landmark median (assumed, then recovered), months",
        ),
        rows,
    )


def sensitivity(record: Record, found: Report) -> str:
    """Hazard ratios under other priors; activity also uncorrected, and without the term."""
    names = next(iter(found.values()))
    rows = [(_prior(record, sd), *(told(*ratio) for ratio in ratios.values())) for sd, ratios in found.items()]
    if "activity" in names:
        rows.append(("without the activity term", *("1 by definition" if "activity" in name else "unchanged" for name in names)))
    headings = (_ratio_of(record, name) for name in names)
    return table(("Prior of a log hazard ratio", *headings), rows)


def coverage(found: Report) -> str:
    """How often the 95 % interval holds the truth of a virtual world."""
    rows = [
        (question.replace("_", " "), month, f"{each['all']:.3f}", f"{each['lowest']:.3f}")
        for question, months in found.items()
        for month, each in months.items()
    ]
    return table(("Question", "Months", "All groups of patients", "Lowest of the groups"), rows)


def guarantee_time(found: Report) -> str:
    """Hazard ratios of activity in cohorts in which it has none, naive and from a landmark."""
    rows = []
    for scenario, each in found.items():
        said = f"hazard of death times {scenario.split('_x')[1].split('_')[0]} after progression"
        for method, times in each["naive"].items():
            lasts = (f"{last} months" if last != "complete" else "complete follow-up" for last in times)
            rows += [(said, f"naive, {last}", method, ratio) for last, ratio in zip(lasts, times.values(), strict=True)]
        for month, outcomes in each["landmark"].items():
            rows += [(said, f"landmark, {month} months", outcome, ratio) for outcome, ratio in outcomes.items()]
    return table(
        ("Cohort", "Analysis", "Outcome", "Hazard ratio"), ((*row[:2], row[2].replace("_", " "), f"{row[3]:.2f}") for row in rows)
    )


def proportions(found: Report) -> str:
    """Both readings of an abstract: counts, and means with Jeffreys intervals."""
    rows = [
        (reading.replace("_", " "), each["meaning"], f"{each['yes']} of {each['of']}", told(*each["jeffreys"]))
        for reading, groups in found.items()
        for each in groups
    ]
    return table(("Reading", "Proportion", "Count (derived)", "Jeffreys mean and 95 % interval"), rows)


def _prior(record: Record, sd: str) -> str:
    if sd == "none":
        return "none: no shrinkage"
    return f"standard deviation {sd}{' (used)' if float(sd) == float(record['shrinkage_sd'].value) else ''}"


def _ratio_of(record: Record, name: str) -> str:
    base = name.removesuffix("_uncorrected")
    known = record.parameters.get(f"hazard_ratio_{base}")
    said = known.meaning if known else f"Hazard ratio of {base.replace('_', ' ')}"
    return said if name == base else f"{said}, not corrected for guarantee time"


def _band(band: Band) -> str:
    return told(band.value, band.lower, band.upper)


def _said(known: bool | None) -> str:
    return "unknown" if known is None else {True: "yes", False: "no"}[known]


def _unit(each: Number) -> str:
    return {"1": "no unit", "mo": "months"}.get(each.unit, each.unit)
