"""The two readings of the abstract behind `response_at_completion`, each with its Jeffreys intervals."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.training.draws import number
from models.training.fitters import GroupedProportionFitter
from service.evidence import SOURCES, Record, load

Counts = tuple[int, int]  # how many of how many
_PLACES = 4


def used_reading(record: Record) -> tuple[Counts, Counts]:
    """Responders at completion with stable disease and with a response at mid-treatment: the disputed reading."""
    stable = int(number(record, "responders_after_stable")), int(number(record, "patients_with_stable"))
    return stable, (int(number(record, "responders_after_response")), int(number(record, "patients_with_response")))


def other_reading(record: Record) -> tuple[Counts, Counts]:
    """Responses between later cycles among everybody, and responses by mid-treatment among the responders."""
    later = load("mid_prrt_response").finding("completion_after_stable_disease")
    everyone = SOURCES["halperin-2024"].n or 0
    return (round(float(later.value) / 100 * everyone), everyone), used_reading(record)[1]


def patients(counts: Sequence[Counts]) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
    """One row per patient: group of shape (n, 1), whether it happened of shape (n,)."""
    group = np.concatenate([np.full(of, feature) for feature, (_, of) in enumerate(counts)])
    return group[:, None], np.concatenate([np.arange(of) < yes for yes, of in counts])


def evaluate_response(record: Record) -> dict[str, Any]:
    """Both readings: counts, and Jeffreys means with 95 % intervals (no unit)."""
    used = ("partial response at completion after stable disease", "partial response at completion after a response")
    other = ("response between later cycles, of all patients", "response by mid-treatment, of those with a response at the end")
    return {
        "readings": {
            "first_reading_(used)": _told(record, used_reading(record), used),
            "second_reading": _told(record, other_reading(record), other),
        }
    }


def _told(record: Record, counts: tuple[Counts, Counts], meanings: tuple[str, str]) -> list[dict[str, Any]]:
    fitted = GroupedProportionFitter(number(record, "jeffreys")).fit(*patients(counts)).proportion_
    return [
        {"meaning": meaning, "yes": yes, "of": of, "jeffreys": fitted.predict_interval([group]).round(_PLACES).tolist()}
        for group, ((yes, of), meaning) in enumerate(zip(counts, meanings, strict=True))
    ]
