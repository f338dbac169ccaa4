"""Predictions and reference outcomes in the shapes of the wire contract."""

from service.presentation.names import item_name
from service.presentation.wire_risks import ContributionOut, CurveOut, GroupOut, HorizonOut, MedianOut, ReferenceOut, RiskOut
from service.risk.answers import Group, Risk
from service.risk.predict import Band, Contribution, Estimate, Median
from service.risk.reference import Reference


def risk_as_json(risk: Risk) -> RiskOut:
    """The answer to one question."""
    question, manifest, estimate = risk.question, risk.manifest, risk.estimate
    why = [*risk.inputs.refused, *(f"Not told: {item_name(item)}. {reason}" for item, reason in risk.inputs.missing)]
    return {
        "outcome": question.outcome,
        "status": risk.status,
        "question": question.text,
        "question_id": question.id,
        "time_origin": "landmark" if question.landmark_months else "start_of_prrt",
        "landmark_months": question.landmark_months,
        "model": {"name": manifest.name, "version": manifest.version, "sha256": manifest.sha256},
        "population": manifest.population,
        "horizons": _horizons(estimate) if estimate else [],
        "median_months": _median(estimate.median_months) if estimate and estimate.median_months else None,
        "curve": _curve(estimate) if estimate and estimate.months else None,
        "contributions": [_contribution(each) for each in estimate.contributions] if estimate else [],
        "groups": [_group(group) for group in risk.groups],
        "applicability": {
            "verdict": "applicable" if estimate else "refused" if risk.inputs.refused else "unknown",
            "reasons": why,
        },
        "caveats": list(risk.caveats),
    }


def _group(group: Group) -> GroupOut:
    return {
        "feature": group.feature,
        "value": group.value,
        "horizons": _horizons(group.estimate),
        "curve": _curve(group.estimate),
    }


def reference_as_json(reference: Reference) -> ReferenceOut:
    """One published outcome."""
    finding = reference.finding
    lower, upper = finding.ci or (None, None)
    return {
        "source": finding.source,
        "population": finding.meaning,
        "outcome": reference.outcome,
        "median_months": {
            "value": float(finding.value),
            "lower": None if lower is None else float(lower),
            "upper": None if upper is None else float(upper),
        },
        "selection": finding.note,
        "certainty": finding.kind,
    }


def _horizons(estimate: Estimate) -> list[HorizonOut]:
    if estimate.probability:
        return [_horizon(None, estimate.probability)]
    return [_horizon(months, band) for months, band in estimate.horizons]


def _horizon(months: int | None, band: Band) -> HorizonOut:
    return {"months": months, "probability": band.value, "lower": band.lower, "upper": band.upper}


def _median(band: Median) -> MedianOut:
    return {"value": band.value, "lower": band.lower, "upper": band.upper, "beyond_horizon": band.value is None}


def _curve(estimate: Estimate) -> CurveOut:
    bands = estimate.survival
    return {
        "months": list(estimate.months),
        "survival": [band.value for band in bands],
        "lower": [band.lower for band in bands],
        "upper": [band.upper for band in bands],
    }


def _contribution(contribution: Contribution) -> ContributionOut:
    band = contribution.log_hazard
    return {
        "feature": contribution.feature,
        "value": contribution.known,
        "log_hazard": band.value,
        "lower": band.lower,
        "upper": band.upper,
    }
