"""Whom a page is about: enough to see that it is the right patient, in one line."""

from collections.abc import Iterator

from service.facts import Facts
from service.presentation.words import words


def about(facts: Facts) -> str:
    """Sex, age, tumour, spread and cycles so far, as far as told."""
    return " · ".join(_parts(facts))


def _parts(facts: Facts) -> Iterator[str]:
    told, patient = words("assessment"), facts.state.patient
    age = told["years"].format(years=facts.age.value) if facts.age else told["age_not_told"]
    yield f"{told['sexes'][patient.sex]}, {age}"
    yield _tumour(facts) or told["tumour_not_told"]
    metastases = facts.state.disease.metastases if facts.state.disease else None
    if metastases is not None:
        sites = ", ".join(each.site.replace("_", " ") for each in metastases)
        yield f"{told['metastases']}: {sites or told['none']}"
    if facts.exposure.cycles_told and facts.exposure.all_cycles:
        yield told["cycles_so_far"].format(course=len(facts.exposure.current), ever=len(facts.exposure.all_cycles))


def _tumour(facts: Facts) -> str:
    told, disease = words("assessment"), facts.state.disease
    if disease is None:
        return ""
    parts = [
        disease.primary_site.replace("_", " ") if disease.primary_site else None,
        told["differentiations"][disease.differentiation] if disease.differentiation else None,
        told["grade"].format(grade=disease.grade) if disease.grade else None,
    ]
    return ", ".join(part for part in parts if part)
