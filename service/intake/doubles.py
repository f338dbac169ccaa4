"""One administration that was recorded twice: the same radiopharmaceutical on the same day.

Equal activities count once. Different ones are neither added nor chosen from: the treatment is kept without its
activity, and so is one of which one record tells the activity and the other does not. A procedure never tells an
activity: beside an administration it counts for nothing.
"""

from collections.abc import Iterable
from datetime import date

from service.intake.gathering import Entry, Gathered
from service.patient.fields import RequestPart
from service.patient.treatment import Treatment


def without_doubles(entries: Iterable[Entry], gathered: Gathered) -> list[Entry]:
    """The treatments, each administration of a radiopharmaceutical once."""
    kept: list[Entry] = []
    where: dict[tuple[str | None, date], int] = {}
    for entry in entries:
        treatment = entry.part
        if not isinstance(treatment, Treatment) or treatment.kind != "radiopharmaceutical":
            kept.append(entry)
            continue
        key = (treatment.agent, treatment.given_on)
        if key not in where:
            where[key] = len(kept)
            kept.append(entry)
        else:
            kept[where[key]] = _merged(kept[where[key]], entry, gathered)
    return kept


def _merged(first: Entry, second: Entry, gathered: Gathered) -> Entry:
    if first.by_procedure and not second.by_procedure:
        first, second = second, first
    label = second.origins[0].resource
    if second.by_procedure or _activity(first.part) == _activity(second.part):
        gathered.refuse(label, "records an administration that another resource records too; it counts once")
        return first
    gathered.refuse(label, "records an administration with another activity than another resource does; neither is used")
    part = first.part.model_copy(update={"activity": None})
    return Entry(part, tuple(each._replace(value=None, unit=None) for each in (*first.origins, *second.origins)))


def _activity(treatment: RequestPart) -> object:
    activity = getattr(treatment, "activity", None)
    return activity.quantity.amount if activity is not None else None
