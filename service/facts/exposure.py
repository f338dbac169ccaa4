"""What was given and what is planned: courses, cumulative activity, dates.

The current course is the last, unless a cycle is planned and the gap before it is too long:
then the current course is new and empty.

Doubt: whether a cycle is planned is only certain from `next_cycle_on`; without it, a plan
with more cycles than were given counts as one. A further course should tell its date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from service.evidence import CRITERIA
from service.facts.courses import LONGEST_GAP, Course, Cycle, given_courses, too_long
from service.patient import PatientState
from service.patient.treatment import Plan
from service.terminology.quantity import Quantity, deviation
from service.vocabulary import AGENT_NAMES, PRRT_AGENTS, Route

COURSE = CRITERIA["course"]
PLANNED_CYCLES = COURSE["planned_cycles"]
PLANNED_ACTIVITY = COURSE["planned_activity"]
INTERVAL = COURSE["interval"]
REDUCED_ACTIVITY = COURSE["reduced_activity"]
ACCURACY = COURSE["accuracy"]
LABELLED_AGENT = "lutetium_177_dotatate"


@dataclass(frozen=True, slots=True)
class Exposure:
    """Everything about the PRRT that was given and is planned."""

    treatments_told: bool  # whether the request says what was given; if not, "no cycle" is not known
    cycles_told: bool  # whether every cycle is told; if not, there may be more than these
    agent: str | None
    route: Route | None  # planned, else that of the last cycle
    earlier: tuple[Course, ...]
    current: Course
    planned: bool
    planned_cycles: int
    planned_activity: Quantity
    next_cycle_on: date | None
    due_on: date | None
    interval: Quantity | None  # between cycles of another agent than the labelled one, as planned, in days

    @property
    def all_cycles(self) -> Course:
        """Every cycle of every course."""
        return (*(cycle for course in self.earlier for cycle in course), *self.current)

    def cycles_of(self, agent: str) -> Course:
        """Every cycle of one agent, of every course."""
        return tuple(cycle for cycle in self.all_cycles if cycle.agent == agent)

    def current_of(self, agent: str) -> Course:
        """The cycles of one agent in the current course."""
        return tuple(cycle for cycle in self.current if cycle.agent == agent)

    @property
    def courses(self) -> tuple[Course, ...]:
        """Every course, the current one last; that one is empty before its first cycle."""
        return (*self.earlier, self.current)

    @property
    def planned_within_the_label(self) -> Quantity:
        """The activity planned for each cycle, of the labelled agent no more than the label's."""
        if self.agent != LABELLED_AGENT:
            return self.planned_activity
        return Quantity(min(self.planned_activity.value, PLANNED_ACTIVITY.value), PLANNED_ACTIVITY.unit)

    @property
    def remaining_cycles(self) -> int:
        """Planned cycles of the current course that were not given yet."""
        return max(0, self.planned_cycles - len(self.current))

    @property
    def next_on(self) -> date | None:
        """The day of the next cycle: the later of its due date and its planned date."""
        return max((day for day in (self.due_on, self.next_cycle_on) if day and self.due_on), default=None)

    def next_dose_on(self, as_of: date) -> date | None:
        """The day to prepare for: the next cycle's, or `as_of` when that has passed. None when no date follows."""
        return max(self.next_on, as_of) if self.next_on else None

    @property
    def is_given_or_planned(self) -> bool:
        """Whether there is any PRRT to speak of."""
        return bool(self.all_cycles) or self.planned

    def remaining_activities(self, *, next_is_reduced: bool) -> tuple[Quantity, ...]:
        """The activities that are still planned, in GBq; the next may be the labelled reduced one."""
        planned = (self.planned_activity,) * self.remaining_cycles
        reduced = Quantity(min(REDUCED_ACTIVITY.value, self.planned_activity.value), REDUCED_ACTIVITY.unit)
        return (reduced, *planned[1:]) if next_is_reduced and planned else planned

    def due_after(self, cycle: Cycle) -> date | None:
        """When the next cycle is due: the labelled interval later; of another agent the planned one, if any."""
        return _due_after(cycle, self.interval)

    def given_on(self, number: int) -> date:
        """Date of the cycle of the current course with that number. Raises IndexError."""
        return self.current[number - 1].given_on

    @property
    def last_cycle_on(self) -> date | None:
        """Date of the last cycle of the current course."""
        return self.current[-1].given_on if self.current else None

    @property
    def course_started_on(self) -> date | None:
        """Date of the first cycle of the current course."""
        return self.current[0].given_on if self.current else None


def activities(cycles: Iterable[Cycle]) -> tuple[Quantity, ...]:
    """The activities of those cycles whose activity is known, in GBq."""
    return tuple(cycle.activity for cycle in cycles if cycle.activity)


def total(given: Iterable[Quantity]) -> Quantity:
    """The sum of activities, in GBq."""
    return Quantity(sum((activity.amount for activity in given), Decimal(0)), "GBq")


def withheld(given: Iterable[Quantity]) -> Quantity:
    """What labelled dose reductions took away from these activities, in GBq."""
    reduced = [activity for activity in given if is_reduced(activity)]
    return Quantity(len(reduced) * PLANNED_ACTIVITY.value - total(reduced).amount, "GBq")


def is_reduced(activity: Quantity) -> bool:
    """Whether an activity is the labelled reduced one, as accurately as activity is measured."""
    return deviation(activity.amount, REDUCED_ACTIVITY.value).minus(ACCURACY.value) <= 0


def reached_on(cycles: Course, target: Decimal) -> date | None:
    """The date of the cycle with which the running sum came to `target` GBq; None if it did not."""
    for count, cycle in enumerate(cycles, start=1):
        if total(activities(cycles[:count])).amount >= target:
            return cycle.given_on
    return None


def interval_after(day: date, intervals: int = 1) -> date:
    """The day that many labelled intervals after `day`."""
    return day + timedelta(weeks=int(INTERVAL.value) * intervals)


def earliest_completion(exposure: Exposure, as_of: date) -> date | None:
    """The last remaining cycle: the next on its planned date, not before it is due and not in the past."""
    if exposure.due_on is None:
        return None
    next_on = max(exposure.due_on, as_of, exposure.next_cycle_on or exposure.due_on)
    return interval_after(next_on, exposure.remaining_cycles - 1)


def derive_exposure(state: PatientState) -> Exposure:
    """Cycles, courses and plan of one patient. Entries after `as_of` must be gone."""
    courses = given_courses(state)
    plan = state.plan if state.plan and (state.plan.agent is None or state.plan.agent in PRRT_AGENTS) else None
    earlier, current = _split(courses, plan, state.as_of)
    next_cycle_on = _next_cycle_on(courses, plan)
    planned_cycles = _planned_cycles(plan)
    interval = plan.interval.quantity if plan and plan.interval else None
    return Exposure(
        treatments_told=state.treatments is not None,
        cycles_told=state.tells_all("radiopharmaceuticals"),
        agent=_agent(plan, courses),
        route=_route(plan, courses),
        earlier=earlier,
        current=current,
        planned=plan is not None,
        planned_cycles=planned_cycles,
        planned_activity=_planned_activity(plan),
        next_cycle_on=next_cycle_on,
        due_on=None if len(current) >= planned_cycles else _due_on(current, interval, next_cycle_on),
        interval=interval,
    )


def about_the_plan(state: PatientState, exposure: Exposure) -> tuple[str, ...]:
    """What a reader must know who told the plan."""
    notices: list[str] = []
    if state.plan and state.plan.agent and state.plan.agent not in PRRT_AGENTS:
        notices.append(f"Not used: a plan of {AGENT_NAMES[state.plan.agent]} is no plan of PRRT.")
    if exposure.planned_within_the_label != exposure.planned_activity:
        planned, label = exposure.planned_activity.words, PLANNED_ACTIVITY.words
        notices.append(f"The planned activity of {planned} is above the label's {label}, which is shown instead.")
    if exposure.next_cycle_on and exposure.earlier and not exposure.current:
        gap = f"more than {LONGEST_GAP.value} weeks after the last cycle"
        notices.append(f"The next cycle, planned on {exposure.next_cycle_on}, is {gap}: it begins a new course.")
    return tuple(notices)


def _due_after(cycle: Cycle, interval: Quantity | None) -> date | None:
    if cycle.agent == LABELLED_AGENT:
        return interval_after(cycle.given_on)
    return cycle.given_on + timedelta(days=int(interval.amount)) if interval else None


def _due_on(current: Course, interval: Quantity | None, next_cycle_on: date | None) -> date | None:
    """An interval after the last cycle; the planned date before the first, and where no interval is known."""
    after_the_last = _due_after(current[-1], interval) if current else None
    return after_the_last or next_cycle_on


def _agent(plan: Plan | None, courses: list[Course]) -> str | None:
    """The planned agent, else the last that was given."""
    if plan and plan.agent:
        return plan.agent
    return courses[-1][-1].agent if courses else None


def _route(plan: Plan | None, courses: list[Course]) -> Route | None:
    """The planned route, else that of the last cycle."""
    if plan and plan.route:
        return plan.route
    return courses[-1][-1].route if courses else None


def _split(courses: list[Course], plan: Plan | None, as_of: date) -> tuple[tuple[Course, ...], Course]:
    """The earlier courses, and the current one."""
    if not courses:
        return (), ()
    last = courses[-1]
    next_on = _next_cycle_on(courses, plan)
    further_cycle = next_on is not None or (plan is not None and _planned_cycles(plan) > len(last))
    if further_cycle and too_long(last[-1].given_on, next_on or as_of):
        return tuple(courses), ()
    return tuple(courses[:-1]), last


def _next_cycle_on(courses: list[Course], plan: Plan | None) -> date | None:
    """The planned date, unless that cycle was given already."""
    next_on = plan.next_cycle_on if plan else None
    if next_on is not None and courses and next_on <= courses[-1][-1].given_on:
        return None
    return next_on


def _planned_cycles(plan: Plan | None) -> int:
    return plan.planned_cycles if plan and plan.planned_cycles else int(PLANNED_CYCLES.value)


def _planned_activity(plan: Plan | None) -> Quantity:
    if plan and plan.planned_activity:
        return plan.planned_activity.quantity
    return Quantity(PLANNED_ACTIVITY.value, PLANNED_ACTIVITY.unit)
