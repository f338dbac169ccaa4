"""Skeletal metastases: is there a fracture or cord compression, how many sites, pain, protection, which criteria?

Every ground that holds is listed and the most urgent speaks. Burden is never a reason to withhold PRRT.
A stated response of bone by MD Anderson criteria is shown as stated and never computed: their quantitative criterion
is only recalled, and the "modified" criteria of the study are not defined in what was read of it.

Doubt: an event is new when it fell on or after the day of the last cycle of the course (the order within a day is not
told), or within the window up to cycle 1; before cycle 1 the window ends on its planned date, else on `as_of`.
An event between two cycles is older than that; never recorded as resolved it is a warning.
Doubt: only an event could be critical, and an agent that was not told may have been given. So the answer is unknown,
and not clear, when events or treatments were not told and nothing fires; a missing word on pain or number of
sites is asked for beside any answer. A fracture or compression without a resolution, with treatments not told, cannot
be called new or old: unknown. Doubt: bone is the only site as far as told; the primary is not counted.
"""

from dataclasses import replace

from service.evidence import load
from service.facts import Facts
from service.facts.bone_health import SkeletalEvent
from service.phrases import SEND_TREATMENTS, by_analogy, treatments_not_told
from service.terminology.quantity import count, days, weeks
from service.verdict import (
    Answer,
    Missing,
    Reason,
    above,
    at_most,
    cite,
    clear,
    fires,
    not_applicable,
    note,
    rule,
    together,
    unknown,
)

EVIDENCE = load(__name__)
NEW_BEFORE_COURSE = EVIDENCE["new_before_course"]
MANY_SITES = EVIDENCE["many_sites"]
AGENT_WITHIN = EVIDENCE["agent_within"]
SKELETAL_EVENTS = cite(EVIDENCE.finding("skeletal_events"))
RELIEF = (cite(EVIDENCE.finding("complete_relief")), cite(EVIDENCE.finding("partial_relief")))
BY_CRITERIA = (cite(EVIDENCE.finding("response_of_bone")), cite(EVIDENCE.finding("response_by_recist")))
PAIN = ("worse", "present", "stable", "improved")
NO_DIFFERENCE = note("The study saw no significant difference in objective response between few and many sites.", MANY_SITES)


@rule("Skeletal metastases", evidence=EVIDENCE)
def skeletal_metastases(facts: Facts) -> Answer:
    """Judge events, burden, pain, bone-modifying agent and criteria of response, where bone metastases are known."""
    if facts.bone.metastases is None:
        asked = Missing("disease.metastases", "Whether there are skeletal metastases was not told.")
        return unknown("metastases_not_told", "Tell whether there are skeletal metastases.", asked)
    if not facts.bone.metastases:
        return not_applicable("no_bone_metastases", note("There are no skeletal metastases."))
    missing = _missing(facts)
    not_placed = tuple(note(_unresolved(event)) for event in facts.bone_health.events if event.what and not event.resolved_on)
    if not_placed and not facts.exposure.treatments_told:
        return unknown("event_not_placed", SEND_TREATMENTS, *missing, reasons=(*not_placed, note(treatments_not_told(facts).why)))
    grounds = (*_events(facts), *_burden(facts), *_pain(facts), *_agent(facts), *_criteria(facts))
    if grounds:
        answer, stated = together(*grounds, caveats=by_analogy(facts, "study"), missing=missing), _stated_response(facts)
        return replace(answer, reasons=(*answer.reasons, *stated)) if stated else answer
    if any(asked.item in ("events", "events.detail", "treatments") for asked in missing):
        advice = "Send skeletal events with their detail and the treatments given so far, or say that there were none."
        return unknown("not_told", advice, *missing)
    return clear("nothing_found", *_looked_at(facts), *_stated_response(facts), missing=missing)


def _events(facts: Facts) -> tuple[Answer, ...]:
    """Fractures and compressions that are new: those that have not resolved, and those that have."""
    grounds: list[Answer] = []
    named = [event for event in facts.bone_health.events if event.what and facts.exposure.treatments_told]
    new = [(event, why) for event in named if (why := _why_new(facts, event))]
    unresolved = [reason for event, why in new if not event.resolved_on for reason in (note(_unresolved(event)), why)]
    if unresolved:
        advice = "Treat the fracture or cord compression first, and give no cycle until it is recorded as resolved."
        grounds.append(fires("new_event", "critical", advice, *unresolved))
    older = [note(_unresolved(event)) for event in named if not event.resolved_on and _why_new(facts, event) is None]
    if older:
        advice = "Confirm that the fracture or cord compression has resolved, and record it, before the next cycle."
        grounds.append(fires("older_event", "warning", advice, *older))
    resolved = [reason for event, why in new if event.resolved_on for reason in (note(_resolved(event)), why)]
    if resolved:
        advice = "Confirm before the next cycle that the bone is stable after the fracture or cord compression."
        grounds.append(fires("resolved_event", "info", advice, *resolved))
    return tuple(grounds)


def _why_new(facts: Facts, event: SkeletalEvent) -> Reason | None:
    """Why an event is new; None when it is not."""
    exposure = facts.exposure
    last_on = max((cycle.given_on for cycle in exposure.current), default=None)
    if last_on and event.on >= last_on:
        return note(f"That is since the last cycle, given on {last_on}.")
    first_on = exposure.course_started_on or facts.awaited.dose_on or facts.as_of
    before = at_most(days(event.on, first_on), NEW_BEFORE_COURSE, f"Time from {event.on} to the first cycle of the course")
    return before if before and event.on <= first_on else None


def _burden(facts: Facts) -> tuple[Answer, ...]:
    many = _many_sites(facts)
    if not many:
        return ()
    return (fires("many_sites", "info", "Do not withhold PRRT for the number of skeletal sites.", many, NO_DIFFERENCE),)


def _many_sites(facts: Facts) -> Reason | None:
    number = facts.bone.lesion_count
    return None if number is None else above(count(number), MANY_SITES, "Number of skeletal sites")


def _pain(facts: Facts) -> tuple[Answer, ...]:
    pain = facts.bone_health.pain
    if pain is None or pain.word not in PAIN:
        return ()
    advice = "Treat the bone pain and record it again at each cycle."
    caveat = "Relief of pain was seen in a retrospective series without comparison: an association, not an effect."
    return (fires("bone_pain", "info", advice, note(f"Bone pain on {pain.on}: {pain.word}."), *RELIEF, caveats=(caveat,)),)


def _agent(facts: Facts) -> tuple[Answer, ...]:
    """No bone-modifying agent, or none for long."""
    if not facts.exposure.treatments_told:
        return ()
    since = _since_agent(facts)
    if since is not None and not since:
        return ()
    why = since or note("No bone-modifying agent was recorded.")
    advice = "Review whether a bone-modifying agent is indicated, and record one that goes on."
    caveat = "The share with skeletal-related events is no measure of what a bone-modifying agent would prevent."
    return (fires("no_bone_modifying_agent", "info", advice, why, SKELETAL_EVENTS, caveats=(caveat,)),)


def _since_agent(facts: Facts) -> Reason | None:
    given_on = facts.bone_health.agent_on
    label = f"Time since the last bone-modifying agent, of {given_on},"
    return above(weeks(given_on, facts.as_of), AGENT_WITHIN, label) if given_on else None


def _criteria(facts: Facts) -> tuple[Answer, ...]:
    """Bone alone, judged by criteria that cannot measure it."""
    since = facts.response.baseline_on or facts.exposure.course_started_on
    on = facts.bone_health.assessed_by_recist_alone(since) if since and facts.bone_health.only_site else None
    if on is None:
        return ()
    advice = "Have bone judged by MD Anderson criteria and send the response of bone."
    why = note(f"Metastases are in bone only, and the study of {on} was judged by RECIST 1.1 alone.")
    unmeasurable = note("By RECIST 1.1 bone lesions without soft tissue are not measurable.")
    caveat = "The study judged bone by modified MD Anderson criteria, which are not defined in what was read of it."
    return (fires("recist_alone", "info", advice, why, unmeasurable, *BY_CRITERIA, caveats=(caveat,)),)


def _stated_response(facts: Facts) -> tuple[Reason, ...]:
    stated = facts.bone_health.stated_response
    if stated is None:
        return ()
    words = stated.response.replace("_", " ")
    criteria = "modified MD Anderson criteria" if stated.modified else "MD Anderson criteria"
    return (note(f"Bone on {stated.on}: {words} by {criteria}, as stated."),)


def _looked_at(facts: Facts) -> tuple[Reason, ...]:
    """What was looked at, where nothing fires."""
    pain = facts.bone_health.pain
    seen = (
        note("No new fracture or cord compression was recorded."),
        _many_sites(facts),
        note(f"Bone pain on {pain.on}: {pain.word}.") if pain else None,
        _since_agent(facts),
    )
    return tuple(reason for reason in seen if reason is not None)


def _missing(facts: Facts) -> tuple[Missing, ...]:
    asked: list[Missing] = []
    if facts.state.events is None:
        asked.append(Missing("events", "Whether there was a fracture or a cord compression was not told."))
    asked += [_detail(event) for event in facts.bone_health.events if not event.what and _may_hold(facts, event)]
    if not facts.exposure.treatments_told:
        asked.append(treatments_not_told(facts))
    if facts.bone_health.pain is None and facts.state.symptoms != ():
        asked.append(Missing("symptoms.bone_pain", "Whether there is bone pain was not told."))
    if facts.bone.lesion_count is None:
        asked.append(Missing("disease.metastases.lesion_count", "The number of skeletal sites was not told."))
    return tuple(asked)


def _detail(event: SkeletalEvent) -> Missing:
    why = f"The skeletal-related event of {event.on} has no detail; a fracture or cord compression would hold the next cycle."
    return Missing("events.detail", why)


def _may_hold(facts: Facts, event: SkeletalEvent) -> bool:
    """Whether an event would hold the next cycle, were it a fracture or a compression."""
    may_be_new = not facts.exposure.treatments_told or _why_new(facts, event) is not None
    return may_be_new and event.resolved_on is None


def _unresolved(event: SkeletalEvent) -> str:
    return f"{event.what} of {event.on} is not recorded as resolved."


def _resolved(event: SkeletalEvent) -> str:
    return f"{event.what} of {event.on} resolved on {event.resolved_on}."
