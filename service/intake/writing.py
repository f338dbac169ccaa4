"""A patient's state as a Bundle of FHIR R4 resources, which the reader reads back as the same state.

What FHIR has a member for stands there; what it has none for stands in our own extension (own_extension.py) on the
resource that it belongs to. Symptoms, uptake ratios and events are `Basic` resources. One more `Basic`, of code `state`,
holds what concerns the state as a whole: its day, its options, and which parts are told even when nothing is in them.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

from service.intake.lists import LISTS
from service.intake.own_extension import SYSTEM, extension_of
from service.intake.single_parts import SINGLE_PARTS
from service.intake.written import completed, concept, quantity_of
from service.intake.written_entries import comorbidities, observation, written_entry
from service.patient import PatientState
from service.patient.disease import Disease
from service.patient.person import Performance, Person
from service.patient.treatment import Plan
from service.terminology.codes import code_of

_SPACE = UUID("5b0c9ad1-6d1e-5b64-9d7c-3a6f0a3f1c57")  # of the addresses in a bundle; it has no other meaning
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_SCORES = ("ecog", "karnofsky")


def state_as_fhir(state: PatientState) -> dict[str, Any]:
    """A Bundle of type collection, with numbers as Decimal or int. Every entry has a full URL; the patient is the first."""
    patient = _address("patient")
    entries = [{"fullUrl": patient, "resource": _person(state.patient)}]
    for number, resource in enumerate(_resources(state), start=1):
        named = resource | {"id": f"told-{number}", "subject": {"reference": patient}}
        entries.append({"fullUrl": _address(f"{number}"), "resource": named})
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _address(name: str) -> str:
    return f"urn:uuid:{uuid5(_SPACE, name)}"


def _resources(state: PatientState) -> Iterator[dict[str, Any]]:
    yield _whole(state)
    weight = state.patient.weight
    if weight is not None and weight.measured_on is not None:
        yield observation("weight") | {"effectiveDateTime": f"{weight.measured_on}", "valueQuantity": quantity_of(weight)}
    if state.performance is not None and _is_observed(state.performance):
        yield from _performance(state.performance)
    if state.disease is not None:
        yield from _disease(state.disease)
    if state.plan is not None and state.plan.model_dump(exclude_defaults=True):
        yield _plan(state.plan)
    yield from comorbidities(state.comorbidities or ())
    for name in LISTS:
        if name != "comorbidities":
            yield from (written_entry(name, entry) for entry in getattr(state, name) or ())


def _person(person: Person) -> dict[str, Any]:
    core: dict[str, Any] = {"resourceType": "Patient", "gender": person.sex}
    carried = {"sex", "birth_date"}
    if _ID.fullmatch(person.id):
        core["id"] = person.id
        carried.add("id")
    if person.birth_date is not None:
        core["birthDate"] = person.birth_date.isoformat()
    if person.weight is not None and person.weight.measured_on is not None:
        carried.add("weight")
    return completed(core, "patient", person, carried)


def _whole(state: PatientState) -> dict[str, Any]:
    names = [name for name in (*SINGLE_PARTS, *LISTS) if getattr(state, name) is not None]
    told: dict[str, Any] = {"as_of": state.as_of, "told": names}
    if state.disease is not None and state.disease.metastases is not None:
        names.append("metastases")
    if state.told_in_part is not None:
        told["told_in_part"] = state.told_in_part
    if state.options is not None:
        told["options"] = state.options.model_dump(exclude_defaults=True)
    if state.performance is not None and not _is_observed(state.performance):
        told["performance"] = state.performance.model_dump(exclude_defaults=True)
    code = {"coding": [{"system": SYSTEM, "code": "state"}]}
    return {"resourceType": "Basic", "code": code, "extension": [extension_of("state", told)]}


def _is_observed(performance: Performance) -> bool:
    """Whether there is a score with its date, which is what an Observation needs."""
    return performance.recorded_on is not None and any(getattr(performance, name) is not None for name in _SCORES)


def _performance(performance: Performance) -> Iterator[dict[str, Any]]:
    for name in _SCORES:
        score = getattr(performance, name)
        if score is not None:
            yield observation(name) | {"effectiveDateTime": f"{performance.recorded_on}", "valueInteger": score}


def _disease(disease: Disease) -> Iterator[dict[str, Any]]:
    core: dict[str, Any] = {"resourceType": "Condition", "code": concept(code_of("tumour", "neuroendocrine_tumour"))}
    site = code_of("body_site", disease.primary_site or "")
    if site is not None:
        core["bodySite"] = [concept(site)]
    tumour = completed(core, "disease", disease, {"metastases", *(["primary_site"] if site else ())})
    if tumour.keys() & {"bodySite", "extension"}:
        yield tumour
    for metastasis in disease.metastases or ():
        spread = {"resourceType": "Condition", "code": concept(code_of("metastasis", metastasis.site))}
        yield completed(spread, "metastases", metastasis, {"site"})


def _plan(plan: Plan) -> dict[str, Any]:
    core: dict[str, Any] = {"resourceType": "ServiceRequest", "status": "active", "intent": "plan"}
    code = code_of("radiopharmaceutical", plan.agent or "")
    if code is None:
        return completed(core, "plan", plan, ())
    core["code"] = concept(code)
    if plan.next_cycle_on is not None:
        core["occurrenceDateTime"] = plan.next_cycle_on.isoformat()
    if plan.planned_activity is not None:
        core["quantityQuantity"] = quantity_of(plan.planned_activity)
    return completed(core, "plan", plan, {"agent", "next_cycle_on", "planned_activity"})
