"""Every toxicity of one patient over every course, each as one episode.

Only what follows the first cycle of a course counts. A stop holds in every later course too, and a
hold that nothing has lifted until a later course begins: waiting is no way back to a dose.

Doubt: of an earlier course it is not told how many cycles were planned; those of the label are taken.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from service.evidence import CRITERIA
from service.facts.blood import Blood
from service.facts.courses import Course
from service.facts.exposure import PLANNED_CYCLES, Exposure
from service.facts.toxicity import haematological, other
from service.facts.toxicity.episode import Dose, Episode, Reading, follow
from service.facts.toxicity.haematological import milder_neutropenia
from service.facts.toxicity.hepatic import hepatic
from service.facts.toxicity.renal import renal
from service.patient import PatientState
from service.vocabulary import Jurisdiction

LABEL = CRITERIA["dose_modification"]
LONGEST_DELAY = LABEL["longest_delay"]
LONGEST_INTERVAL = LABEL["longest_interval"]
EVENT = "event: "  # an event may be called like an analyte, and must not hide it


@dataclass(frozen=True, slots=True)
class Toxicity:
    """One toxicity: where it stands, and the last reading of each of its criteria in the current course."""

    name: str
    episode: Episode
    latest: tuple[Reading, ...]
    not_judged: tuple[Reading, ...] = ()  # the last of each criterion that cannot be judged, with no recovery after it
    from_earlier_course: bool = False  # a stop or a hold that this course has taken over


@dataclass(frozen=True, slots=True)
class Toxicities:
    """Every toxicity, in the groups that the rules judge."""

    haematological: tuple[Toxicity, ...]
    renal: Toxicity
    hepatic: Toxicity
    enzymes: tuple[Toxicity, ...]
    events: tuple[Toxicity, ...]
    milder_neutropenia: Reading | None  # what CTCAE 5.0 would withhold the dose for, and the version in use does not
    told_delay_until: date | None  # a dose told as delayed for toxicity has been so for too long since that day

    @property
    def every(self) -> tuple[Toxicity, ...]:
        """All of them."""
        return (*self.haematological, self.renal, self.hepatic, *self.enzymes, *self.events)

    @property
    def in_force(self) -> tuple[Toxicity, ...]:
        """Those that withhold the next dose."""
        return tuple(each for each in self.every if each.episode.state in ("held", "stopped"))

    @property
    def next_is_reduced(self) -> bool:
        """Whether one has recovered, so that the next dose is the reduced one."""
        return any(each.episode.state == "reduced" for each in self.every)


def derive_toxicities(state: PatientState, exposure: Exposure, blood: Blood, jurisdiction: Jurisdiction) -> Toxicities:
    """Follow every toxicity through every course. Entries after `as_of` must be gone."""
    found: dict[str, Toxicity] = {}
    doses: list[Dose] = []
    courses = [course for course in exposure.courses if course]
    for index, course in enumerate(courses):
        until = courses[index + 1][0].given_on if course is not courses[-1] else state.as_of
        current = course is exposure.current
        planned = exposure.planned_cycles if current else int(PLANNED_CYCLES.value)
        doses = list(_doses(course, exposure, planned, jurisdiction))
        blood_here = blood if current else blood.of_course(course[0].given_on, until)
        readings = _readings(state, blood_here, course[0].given_on, until, ends=course is not courses[-1])
        stopped = {name: each for name, each in found.items() if each.episode.state == "stopped"}
        followed = {name: _followed(name, told, doses, until) for name, told in readings.items()}
        found = followed | {name: _inherited(each) for name, each in stopped.items()}
    told_delay_until = None
    if exposure.current:
        told_delay_until = _told_delay_until(state, len(exposure.current) + 1, doses[-1])
    else:
        found = {name: _inherited(each) for name, each in found.items()}
    return _grouped(found, milder_neutropenia(blood) if exposure.current else None, told_delay_until)


def _told_delay_until(state: PatientState, next_number: int, last: Dose) -> date | None:
    delays = (state.plan.delays if state.plan else None) or ()
    told = any(delay.cycle == next_number and delay.reason == "toxicity" for delay in delays)
    return last.too_late_on if told and last.too_late_on and state.as_of >= last.too_late_on else None


def _followed(name: str, readings: list[Reading], doses: list[Dose], until: date) -> Toxicity:
    severe = [reading for reading in readings if reading.triggers]
    episode = follow([*readings, *doses], until) if severe else Episode(last_dose=doses[-1])
    latest: dict[str, Reading] = {}
    not_judged: dict[str, Reading] = {}
    for reading in sorted(readings, key=lambda reading: (reading.on, reading.after_dose)):
        latest[reading.criterion] = reading
        if reading.triggers is None and not reading.recovered:
            not_judged[reading.criterion] = reading
        elif reading.recovered and not reading.after_dose:  # an event is asked about although it has resolved
            not_judged.pop(reading.criterion, None)
    if severe and other.is_hypersensitivity(name) and episode.state != "stopped":
        episode = Episode("stopped", severe[0].on, (severe[0],), severe[0], "severity", episode.last_dose)
    return Toxicity(name.removeprefix(EVENT), episode, tuple(latest.values()), tuple(not_judged.values()))


def _inherited(before: Toxicity) -> Toxicity:
    """What a course that has not begun takes over: a stop, and a hold that nothing has lifted."""
    in_force = before.episode.state in ("held", "stopped")
    return Toxicity(before.name, before.episode if in_force else Episode(), (), from_earlier_course=in_force)


def _doses(course: Course, exposure: Exposure, planned_cycles: int, jurisdiction: Jurisdiction) -> Iterator[Dose]:
    for number, cycle in enumerate(course, start=1):
        due_on = exposure.due_after(cycle) if number < planned_cycles else None
        too_late_on = None
        if due_on is not None and jurisdiction == "us":
            too_late_on = due_on + timedelta(weeks=int(LONGEST_DELAY.value))
        elif due_on is not None:
            too_late_on = cycle.given_on + timedelta(weeks=int(LONGEST_INTERVAL.value), days=1)
        yield Dose(cycle.given_on, due_on, too_late_on)


def _readings(state: PatientState, blood: Blood, started_on: date, until: date, *, ends: bool) -> Mapping[str, list[Reading]]:
    told = state.events or ()
    events_until = until - timedelta(days=1) if ends else until  # those of the first day of a further course are of that
    held_from = haematological.HELD_FROM
    red_cells_on = haematological.transfusions(told, started_on, until, of_platelets=False)
    platelets_on = haematological.transfusions(told, started_on, until, of_platelets=True)
    return {
        "platelets": list(haematological.thrombocytopenia(blood, platelets_on)),
        "haemoglobin": list(haematological.anaemia(blood, red_cells_on, until)),
        "neutrophils": list(haematological.graded(blood["neutrophils"], held_from["neutrophils"])),
        "renal toxicity": list(renal(state.patient, blood, started_on)),
        "hepatic toxicity": list(hepatic(blood)),
        **other.enzymes(blood),
        **{EVENT + name: found for name, found in other.events(told, started_on, events_until).items()},
    }


def _grouped(found: dict[str, Toxicity], milder: Reading | None, told_delay_until: date | None) -> Toxicities:
    def one(name: str) -> Toxicity:
        return found.pop(name, None) or Toxicity(name, Episode(), ())

    return Toxicities(
        haematological=tuple(one(name) for name in haematological.HELD_FROM),
        renal=one("renal toxicity"),
        hepatic=one("hepatic toxicity"),
        enzymes=tuple(one(name) for name in other.ENZYMES),
        events=tuple(sorted(found.values(), key=lambda each: each.name)),
        milder_neutropenia=milder,
        told_delay_until=told_delay_until,
    )
