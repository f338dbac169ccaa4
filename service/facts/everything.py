"""Derives every fact once, from one patient state."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import get_args

from service.facts.blood import Blood, derive_blood
from service.facts.exposure import Exposure, derive_exposure
from service.facts.kidney import Clearance, age_in_years, derive_clearance
from service.facts.response import ResponseFacts, derive_response
from service.facts.site import Site, derive_site
from service.facts.uptake import LobeUptake, derive_lobe_uptake
from service.facts.visible import visible
from service.patient import PatientState
from service.terminology.quantity import Quantity
from service.vocabulary import ComorbidityKind, CtcaeVersion, Jurisdiction


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules may know: the state as told, and what follows from it."""

    state: PatientState
    ctcae_version: CtcaeVersion
    jurisdiction: Jurisdiction
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

    @property
    def age(self) -> Quantity | None:
        """Completed years of life on that day; None without a birth date."""
        born = self.state.patient.birth_date
        return Quantity(Decimal(age_in_years(born, self.as_of)), "a") if born else None

    @property
    def has_comorbidity(self) -> dict[ComorbidityKind, bool | None]:
        """Whether the patient has each condition; None of all when nothing was told of them."""
        told = self.state.comorbidities
        kinds: tuple[ComorbidityKind, ...] = get_args(ComorbidityKind)
        return {kind: None if told is None else any(each.kind == kind for each in told) for kind in kinds}


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
        jurisdiction=jurisdiction,
        exposure=exposure,
        blood=blood,
        response=derive_response(seen, exposure),
        bone=derive_site(seen, "bone"),
        liver=derive_site(seen, "liver"),
        clearance=derive_clearance(seen, blood),
        lobe_uptake=derive_lobe_uptake(seen),
        notices=(*not_used, *ambiguous),
    )
