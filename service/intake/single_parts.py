"""The parts of the state that are no lists: patient, disease, performance, plan, options."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from service.intake.choosing import Chosen, choose, newest_of
from service.intake.gathering import Claim, Gathered
from service.intake.pregnancy_tests import open_tests
from service.intake.settling import settle
from service.intake.sites import sites_of
from service.intake.trace import Used
from service.intake.unread import SCORES
from service.patient.disease import Disease
from service.patient.fields import RequestPart
from service.patient.person import Performance, Person
from service.patient.reading import Refusal, RefusedRequest
from service.patient.treatment import Options, Plan

Part = TypeVar("Part", bound=RequestPart)
SINGLE_PARTS = ("disease", "performance", "plan", "options")


def settle_person(gathered: Gathered, as_of: str) -> tuple[Person, list[Used]]:
    """The patient. Raises RefusedRequest if the id cannot be used.

    Doubt: an answer that somebody is not pregnant tells nothing about a later day, and no number of days is at hand for
    which it would. It is used only on the day on which it was recorded.
    """
    for claim in gathered.pregnancies:  # that it is active says that it lasts
        gathered.claim("patient", "pregnant", replace(claim, on=max(claim.on or "", as_of)))
    chosen = choose("patient", gathered, as_of)
    if chosen.values.get("pregnant") is False and chosen.days["pregnant"] not in (None, as_of):
        chosen.drop("pregnant", "says that there was no pregnancy on another day than that of the question", gathered)
    if gathered.unclear_pregnancies or open_tests(gathered.pregnancy_tests):
        for name in ("pregnant", "breast_feeding"):
            if chosen.values.get(name) is False:
                chosen.drop(name, f"is not used about {name}: a condition or a test leaves it open", gathered)
    person, used = _settled("patient", Person, chosen, gathered)
    if person is None:
        raise RefusedRequest([Refusal("", "holds a Patient whose id cannot be used")])
    return person, used


def settle_disease(gathered: Gathered, as_of: str) -> tuple[Disease | None, list[Used]]:
    """The tumour with its sites of spread. Those that conditions name need not be all."""
    disease, used = _settled("disease", Disease, choose("disease", gathered, as_of), gathered)
    sites = sites_of(gathered)
    used += [found.used_as(f"/disease/metastases/{index}") for index, (_, origins) in enumerate(sites) for found in origins]
    if sites or "metastases" in gathered.told:
        disease = (disease or Disease()).model_copy(update={"metastases": tuple(metastasis for metastasis, _ in sites)})
    if disease and sites and disease.metastases_complete is None and "metastases" not in gathered.told:
        disease = disease.model_copy(update={"metastases_complete": False})
    return disease, used


def settle_performance(gathered: Gathered, as_of: str) -> tuple[Performance | None, list[Used]]:
    """Performance status of one day: scores of different days are not put together."""
    scores = [(name, claim) for name in SCORES for claim in gathered.claims.get(("performance", name), ())]
    if scores:
        newest = newest_of([claim for _, claim in scores], "performance", as_of, gathered)
        for name in SCORES:
            of_that_day = [claim for which, claim in scores if which == name and claim.on == newest[0].on]
            gathered.claims.pop(("performance", name), None)
            for claim in of_that_day:
                gathered.claim("performance", name, claim)
        gathered.claim("performance", "recorded_on", Claim(newest[0].on, newest[0].origin))
    chosen = choose("performance", gathered, as_of)
    if scores and not any(name in chosen.values for name in SCORES):
        return None, []
    return _settled("performance", Performance, chosen, gathered)


def settle_plan(gathered: Gathered, as_of: str) -> tuple[Plan | None, list[Used]]:
    """What is intended, without what orders disagree on."""
    return _settled("plan", Plan, choose("plan", gathered, as_of), gathered)


def settle_options(gathered: Gathered, as_of: str) -> tuple[Options | None, list[Used]]:
    """What the caller decides; only our own extension can tell it."""
    return _settled("options", Options, choose("options", gathered, as_of), gathered)


def _settled(name: str, model: type[Part], chosen: Chosen, gathered: Gathered) -> tuple[Part | None, list[Used]]:
    def refuse(reason: str) -> None:
        labels = {origin.resource for origins in chosen.origins.values() for origin in origins}
        gathered.refuse(min(labels), reason)

    part = settle(model, chosen.values, refuse) if chosen.values else None
    held: Mapping[str, Any] = part.model_dump(exclude_none=True) if part else {}
    used = [found.used_as(f"/{name}/{field}") for field, origins in chosen.origins.items() if field in held for found in origins]
    if part is None or (not held and name != "patient"):
        return (model() if name in gathered.told else None), used
    return part, used


SETTLE: dict[str, Callable[[Gathered, str], tuple[RequestPart | None, list[Used]]]] = {
    "disease": settle_disease,
    "performance": settle_performance,
    "plan": settle_plan,
    "options": settle_options,
}
