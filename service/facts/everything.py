"""Derives every fact once, from one patient state. Creatinine clearance and liver disease await their rules."""

from dataclasses import dataclass
from datetime import date

from service.facts.blood import Blood, derive_blood
from service.facts.exposure import Exposure, derive_exposure
from service.facts.kidney import Clearance, derive_clearance
from service.facts.response import ResponseFacts, derive_response
from service.facts.site import Site, derive_site
from service.facts.uptake import LobeUptake, derive_lobe_uptake
from service.facts.visible import visible
from service.patient import PatientState
from service.vocabulary import CtcaeVersion, Jurisdiction

ONLY_US_LABEL = "The EU label was asked for; the rules of this version know the US label only."


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules may know: the state as told, and what follows from it."""

    state: PatientState
    ctcae_version: str
    exposure: Exposure
    blood: Blood
    response: ResponseFacts
    bone: Site
    liver: Site
    clearance: Clearance | None
    lobe_uptake: LobeUptake | None
    notices: tuple[str, ...]

    @property
    def as_of(self) -> date:
        """The day for which the question is asked."""
        return self.state.as_of


def derive_facts(state: PatientState, ctcae_version: CtcaeVersion = "5.0", jurisdiction: Jurisdiction = "us") -> Facts:
    """Every fact about one patient. `ctcae_version` and `jurisdiction` hold unless the request names others."""
    if state.options and state.options.ctcae_version:
        ctcae_version = state.options.ctcae_version
    if state.options and state.options.jurisdiction:
        jurisdiction = state.options.jurisdiction
    seen, not_used = visible(state)
    exposure = derive_exposure(seen)
    blood, ambiguous = derive_blood(seen, exposure.course_started_on, ctcae_version)
    return Facts(
        state=seen,
        ctcae_version=ctcae_version,
        exposure=exposure,
        blood=blood,
        response=derive_response(seen, exposure),
        bone=derive_site(seen, "bone"),
        liver=derive_site(seen, "liver"),
        clearance=derive_clearance(seen, blood),
        lobe_uptake=derive_lobe_uptake(seen),
        notices=(*(() if jurisdiction == "us" else (ONLY_US_LABEL,)), *not_used, *ambiguous),
    )
