"""Bilirubin, and albumin with INR, of one course, as readings of the dose modification.

Bilirubin above the label's multiple of the upper limit triggers literally, also with an abnormal
baseline. It has recovered within the limit or back at its baseline. Albumin and INR are judged
together, an albumin of the course with the last INR that is not too old; they have recovered when INR is
known and not raised and albumin is normal or back at its baseline.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from operator import attrgetter

from service.evidence import CRITERIA
from service.facts.blood import Blood, History, Sample
from service.facts.toxicity.episode import Reading
from service.terminology.quantity import Quantity, days, percent_change, times
from service.terminology.units import MEASURANDS

LABEL = CRITERIA["dose_modification"]
HIGHEST_BILIRUBIN = LABEL["highest_bilirubin"]
LOWEST_ALBUMIN = LABEL["lowest_albumin"]
HIGHEST_INR = LABEL["highest_inr"]
BACK_AT_BASELINE = LABEL["back_at_baseline"]
OLDEST = LABEL["oldest"]


def hepatic(blood: Blood) -> Iterator[Reading]:
    """Every reading of the course."""
    yield from _bilirubin(blood["bilirubin"])
    albumin, inr = blood["albumin"], blood["inr"]
    for day in sorted({sample.taken_on for sample in (*albumin.during_course, *inr.during_course)}):
        of_the_course = _last(albumin.during_course, day)
        if of_the_course:
            yield liver_synthesis(of_the_course, albumin, inr, day)


def _bilirubin(history: History) -> Iterator[Reading]:
    for sample in history.during_course:
        grade, upper = history.grade_of(sample), sample.limits.upper
        if upper is None:
            yield Reading(sample.taken_on, "bilirubin", None, None, threshold=HIGHEST_BILIRUBIN, grade=grade)
            continue
        multiple = times(sample.limits.value, upper, "xULN")
        triggers = multiple.minus(HIGHEST_BILIRUBIN.value) > 0
        change = percent_change(sample.limits.value, history.baseline.limits.value) if history.baseline else None
        back = sample.limits.value <= upper or (change is not None and change.minus(BACK_AT_BASELINE.value) <= 0)
        yield Reading(sample.taken_on, "bilirubin", triggers, back and not triggers, multiple, HIGHEST_BILIRUBIN, grade)


def liver_synthesis(albumin: Sample, history: History, inr_history: History, day: date) -> Reading:
    """An albumin with the INR of one day. Albumin that is low with no INR cannot be judged."""
    inr = _last(inr_history.samples, day)
    observed = Quantity(albumin.limits.value, MEASURANDS["albumin"].unit)
    low = observed.minus(LOWEST_ALBUMIN.value) < 0
    high = inr.limits.value > HIGHEST_INR.value if inr else None
    triggers = high if low else False
    recovered = high is False and _is_back(albumin, history.baseline, low=low)
    remark = f"INR {inr.limits.value:f} on {inr.taken_on}" if inr else "INR was not told"
    return Reading(day, "liver_synthesis", triggers, recovered, observed, LOWEST_ALBUMIN, history.grade_of(albumin), remark)


def _last(samples: Sequence[Sample], day: date) -> Sample | None:
    """The last sample on or before the day that is not too old on it."""
    until = bisect_right(samples, day, key=attrgetter("taken_on"))
    return samples[until - 1] if until and days(samples[until - 1].taken_on, day).minus(OLDEST.value) <= 0 else None


def _is_back(albumin: Sample, baseline: Sample | None, *, low: bool) -> bool:
    """Normal, or within a tenth of the baseline; with neither to compare with, not low is all that is known."""
    if albumin.limits.lower is not None and albumin.limits.value >= albumin.limits.lower:
        return True
    if baseline is None:
        return albumin.limits.lower is None and not low
    return percent_change(albumin.limits.value, baseline.limits.value).minus(-BACK_AT_BASELINE.value) >= 0
