"""Dates after today: of a result or a cycle that exists they cannot be right, so it may be of any day up to today.

What is dated so stays in the state, where it is invisible and a notice says so. But no older value of its kind may stand in for
it. Where our own `state` asks about a day that has passed, later resources are what they say, and are only invisible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from service.intake.gathering import Claim, Entry, Gathered, PossibleCycle, Unread
from service.intake.lists import refuse_entry
from service.intake.unread import PERFORMANCE, SCORES
from service.patient.findings import AssessmentOfResponse, ImagingStudy, LaboratoryValue
from service.patient.treatment import Treatment
from service.vocabulary import ANALYTE_NAMES

LATER = "dated after the day of the question, which cannot be right; it may be the newest"


def note_later_dates(lists: Mapping[str, Sequence[Entry]], gathered: Gathered, as_of: date) -> None:
    """Let everything that is dated after today count as the newest of its kind, and list it."""
    for entries in lists.values():
        for entry in entries:
            _note(entry, gathered, as_of)
    today = as_of.isoformat()
    for name in SCORES:
        for claim in gathered.claims.get((PERFORMANCE, name), ()):
            if (claim.on or "") > today:
                gathered.refuse(claim.origin.resource, f"{PERFORMANCE} is {LATER}")
                gathered.unread.append(Unread(PERFORMANCE, None, None))
    pregnant = gathered.claims.get(("patient", "pregnant"), [])
    pregnant[:] = [replace(claim, on=today) if claim.value and (claim.on or "") > today else claim for claim in pregnant]
    gathered.pregnancies[:] = [replace(claim, on=None) for claim in gathered.pregnancies]
    gathered.unread[:] = [_of_any_day(each) if (each.on or "") > today else each for each in gathered.unread]
    gathered.unread_imaging[:] = [replace(each, on=None) if (each.on or "") > today else each for each in gathered.unread_imaging]


def _of_any_day(unread: Unread) -> Unread:
    return Unread(unread.kind, None, None)


def _note(entry: Entry, gathered: Gathered, as_of: date) -> None:
    match entry.part:
        case LaboratoryValue(taken_on=on, analyte=analyte) if on > as_of:
            gathered.unread.append(Unread(analyte, None, None))
            refuse_entry(entry, f"{ANALYTE_NAMES[analyte]} is {LATER}", gathered)
        case ImagingStudy(performed_on=on) | AssessmentOfResponse(assessed_on=on, kind="imaging") if on > as_of:
            gathered.unread_imaging.append(Claim(None, entry.origins[0]))
            refuse_entry(entry, f"response on imaging is {LATER}", gathered)
        case Treatment(given_on=on, kind="radiopharmaceutical") if on > as_of:
            gathered.possible_cycles.append(PossibleCycle(None, by_procedure=False))
            refuse_entry(entry, f"a cycle is {LATER}", gathered)
        case _:
            pass
