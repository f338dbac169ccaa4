"""The patient as known on `as_of`: what is dated later is not used, and said so."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import cast

from service.patient import PatientState
from service.patient.fields import RequestPart
from service.patient.findings import Event, LaboratoryValue
from service.patient.state import DATED
from service.vocabulary import ANALYTE_NAMES


def _as_known(event: Event, as_of: date) -> Event:
    """The event without a resolution that is still to come."""
    later = event.resolved_on is not None and event.resolved_on > as_of
    return event.model_copy(update={"resolved_on": None}) if later else event


def _what(name: str, entry: RequestPart) -> str:
    """What an entry of a list is; of a laboratory value its analyte."""
    of_what = f" ({ANALYTE_NAMES[entry.analyte]})" if isinstance(entry, LaboratoryValue) else ""
    return f"{name.replace('_', ' ')}{of_what}"


def visible(state: PatientState) -> tuple[PatientState, tuple[str, ...]]:
    """The state without its later entries, and a notice for each of them."""
    kept: dict[str, object] = {}
    notices: list[str] = []

    def drop(what: str, dated: object) -> None:
        notices.append(f"Not used, because it is dated after {state.as_of}: {what} of {dated}.")

    for name, dated_by in DATED.items():
        entries = getattr(state, name) or ()
        later = [entry for entry in entries if getattr(entry, dated_by) > state.as_of]
        if later:
            kept[name] = tuple(entry for entry in entries if getattr(entry, dated_by) <= state.as_of)
            for entry in later:
                drop(_what(name, entry), getattr(entry, dated_by))
    events = tuple(_as_known(event, state.as_of) for event in cast("tuple[Event, ...]", kept.get("events", state.events or ())))
    if events != kept.get("events", state.events or ()):
        kept["events"] = events
        notices.append(f"Not used, because it is dated after {state.as_of}: the resolution of an event.")
    for what, dated, without in _single_things(state):
        if dated is not None and dated > state.as_of:
            kept |= without()
            drop(what, dated)
    return (state.model_copy(update=kept) if kept else state), tuple(sorted(set(notices)))


def _single_things(state: PatientState) -> Iterator[tuple[str, date | None, Callable[[], dict[str, object]]]]:
    """What is dated and stands in no list: its name, its day, and what takes its place."""
    person, disease = state.patient, state.disease
    if state.performance:
        yield "performance", state.performance.recorded_on, lambda: {"performance": None}
    if person.weight:
        yield "weight", person.weight.measured_on, lambda: {"patient": person.model_copy(update={"weight": None})}
    if disease and disease.sstr_imaging:
        before = partial(disease.model_copy, update={"sstr_imaging": None})
        yield "SSTR imaging", disease.sstr_imaging.performed_on, lambda: {"disease": before()}
