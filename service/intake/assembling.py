"""From what was gathered to a patient's state that the contract accepts, with the trace of each part."""

from collections.abc import Sequence
from datetime import date

from pydantic import TypeAdapter, ValidationError

from service.intake.completeness import told_in_part
from service.intake.concerns import settle_concerns
from service.intake.cycles import last_dose, radiopharmaceuticals
from service.intake.doubles import without_doubles
from service.intake.gathering import Entry, Gathered, PossibleCycle
from service.intake.later_dates import note_later_dates
from service.intake.lists import LISTS, refuse_entry, shortened
from service.intake.problems import with_marrow_neoplasms
from service.intake.settling import wrongs
from service.intake.single_parts import SETTLE, settle_person
from service.intake.trace import Intake, Used
from service.intake.unread import drop_outdated_scores, without_outdated_values
from service.intake.unread_imaging import with_unread_imaging
from service.patient import PatientState
from service.patient.fields import Day
from service.patient.person import Person
from service.patient.reading import Refusal, RefusedRequest

_DAY: TypeAdapter[date] = TypeAdapter(Day)


def assemble(gathered: Gathered, today: date, *, is_deceased: bool) -> Intake:
    """The state and its trace. Raises RefusedRequest if no state is left that the contract accepts."""
    as_of, used = _day_of_the_question(gathered, today)
    is_today = not used
    lists = _lists(gathered, as_of, is_today=is_today)
    person, used_of_person = settle_person(gathered, as_of.isoformat())
    used += used_of_person
    if gathered.marrow_neoplasms:
        events = with_marrow_neoplasms(lists, gathered, person.birth_date, as_of, is_today=is_today)
        lists["events"] = shortened("events", events, gathered)
    parts: dict[str, object] = {}
    for name, settle_part in SETTLE.items():
        parts[name], used_of_part = settle_part(gathered, as_of.isoformat())
        used += used_of_part
    while True:
        for name, entries in lists.items():
            parts[name] = tuple(entry.part for entry in entries) if entries or name in gathered.told else None
        try:
            state = PatientState.model_validate({"as_of": as_of, "patient": person, **parts})
        except ValidationError as error:
            person = _without_what_does_not_fit(error, person, lists, gathered)
        else:
            break
    if state.patient.birth_date is None:
        used = [each for each in used if each.item != "/patient/birth_date"]
    used += [
        found.used_as(f"/{name}/{index}")
        for name, entries in lists.items()
        for index, entry in enumerate(entries)
        for found in entry.origins
    ]
    _note_refused_cycles(gathered, lists.get("treatments", ()))
    state = state.model_copy(update={"told_in_part": told_in_part(gathered, lists, as_of)})
    return Intake(state, tuple(used), tuple(gathered.not_used), is_deceased)


def _lists(gathered: Gathered, as_of: date, *, is_today: bool) -> dict[str, list[Entry]]:
    """The lists as they are told, without what a newer value that was not read leaves open."""
    names = [name for name in LISTS if name in gathered.entries or name in gathered.told]
    lists = {name: shortened(name, _once(name, gathered), gathered) for name in names}
    if is_today:
        note_later_dates(lists, gathered, as_of)
    since = last_dose(lists.get("treatments", ()), as_of)
    if "laboratory" in lists:
        lists["laboratory"] = without_outdated_values(lists["laboratory"], gathered, as_of, since)
    drop_outdated_scores(gathered, as_of, since)
    settle_concerns(gathered, lists.get("laboratory", ()), as_of, since)
    imaging = with_unread_imaging(lists, gathered, as_of)
    return lists | ({"imaging": shortened("imaging", imaging, gathered)} if imaging else {})


def _day_of_the_question(gathered: Gathered, today: date) -> tuple[date, list[Used]]:
    """Today, unless our own extension tells another day."""
    for claim in gathered.completed.get(("state", "as_of"), ()):
        try:
            return _DAY.validate_python(claim.value), [claim.origin.used_as("/as_of")]
        except ValidationError as error:
            for each in wrongs(error, []):
                gathered.refuse(claim.origin.resource, f"as_of {each.message}")
    return today, []


def _once(name: str, gathered: Gathered) -> list[Entry]:
    entries = gathered.entries.get(name, [])
    return without_doubles(entries, gathered) if name == "treatments" else entries


def _note_refused_cycles(gathered: Gathered, kept: Sequence[Entry]) -> None:
    """A cycle that was read, and that the contract refuses or has no room for, is one that is not told."""
    told = {(given.agent, given.given_on) for given in radiopharmaceuticals(kept)}
    for given in radiopharmaceuticals(gathered.entries.get("treatments", ())):
        if (given.agent, given.given_on) not in told:
            gathered.possible_cycles.append(PossibleCycle(given.given_on.isoformat(), by_procedure=False))


def _without_what_does_not_fit(
    error: ValidationError, person: Person, lists: dict[str, list[Entry]], gathered: Gathered
) -> Person:
    """Drop each entry that the contract refuses beside the others, and a date of birth that is after the question."""
    wrong = {each.location[:2]: each.message for each in wrongs(error, [])}
    dropped = {(name, index) for name, entries in lists.items() for index in range(len(entries)) if (name, index) in wrong}
    for name in {name for name, _ in dropped}:
        for index, entry in enumerate(lists[name]):
            if (name, index) in dropped:
                refuse_entry(entry, wrong[name, index], gathered)
        lists[name][:] = [entry for index, entry in enumerate(lists[name]) if (name, index) not in dropped]
    if ("patient", "birth_date") in wrong:
        gathered.refuse(gathered.claims["patient", "id"][0].origin.resource, "birth_date is after the day of the question")
        return person.model_copy(update={"birth_date": None})
    if not dropped:
        raise RefusedRequest([Refusal("", "cannot be read as one patient on one day")])
    return person
