"""Bone and liver: whether the disease is there, as far as it was told."""

from dataclasses import dataclass

from service.patient import PatientState


@dataclass(frozen=True, slots=True)
class Site:
    """Metastases of one organ. `metastases` is None when it was not told."""

    metastases: bool | None
    lesion_count: int | None


def derive_site(state: PatientState, site: str) -> Site:
    """What is known of one organ. A list that does not name it, and is not marked incomplete, says no."""
    disease = state.disease
    listed = disease.metastases if disease else None
    if disease is None or listed is None:
        return Site(None, None)
    for metastasis in listed:
        if metastasis.site == site:
            return Site(True, metastasis.lesion_count)
    return Site(None if disease.metastases_complete is False else False, None)
