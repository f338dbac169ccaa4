"""Derives every fact once, from one patient state."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from service.facts.analogue import Analogue, derive_analogues
from service.facts.awaited import Awaited, derive_awaited
from service.facts.blood import Blood, derive_blood
from service.facts.bone_health import BoneHealth, derive_bone_health
from service.facts.conditions import Conditions, derive_conditions
from service.facts.dosimetry import Dosimetry, derive_dosimetry
from service.facts.exposure import Exposure, about_the_plan, derive_exposure
from service.facts.follow_up import FollowUp, derive_follow_up
from service.facts.kidney import Clearance, age_in_years, derive_clearances
from service.facts.mibg import Mibg, derive_mibg
from service.facts.response import ResponseFacts, derive_response
from service.facts.site import Site, derive_site
from service.facts.toxicity.families import Toxicities, derive_toxicities
from service.facts.uptake import LobeUptake, derive_lobe_uptake
from service.facts.visible import visible
from service.patient import PatientState
from service.terminology.quantity import Quantity
from service.vocabulary import CtcaeVersion, Jurisdiction


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules may know: the state as told, and what follows from it."""

    state: PatientState
    ctcae_version: CtcaeVersion
    jurisdiction: Jurisdiction
    exposure: Exposure
    awaited: Awaited
    blood: Blood
    response: ResponseFacts
    bone: Site
    bone_health: BoneHealth
    liver: Site
    mibg: Mibg
    clearances: tuple[Clearance, ...]
    lobe_uptake: LobeUptake | None
    toxicity: Toxicities
    conditions: Conditions
    analogues: tuple[Analogue, ...]
    dosimetry: Dosimetry
    follow_up: FollowUp
    notices: tuple[str, ...]

    @property
    def as_of(self) -> date:
        """The day for which the question is asked."""
        return self.state.as_of

    @property
    def clearance(self) -> Clearance | None:
        """The latest creatinine clearance; None when none is known."""
        return self.clearances[-1] if self.clearances else None

    @property
    def age(self) -> Quantity | None:
        """Completed years of life on that day; None without a birth date."""
        born = self.state.patient.birth_date
        return Quantity(Decimal(age_in_years(born, self.as_of)), "a") if born else None


def derive_facts(state: PatientState, ctcae_version: CtcaeVersion = "5.0", jurisdiction: Jurisdiction = "us") -> Facts:
    """Every fact about one patient. `ctcae_version` and `jurisdiction` hold unless the request names others."""
    if state.options and state.options.ctcae_version:
        ctcae_version = state.options.ctcae_version
    if state.options and state.options.jurisdiction:
        jurisdiction = state.options.jurisdiction
    seen, not_used = visible(state)
    exposure = derive_exposure(seen)
    awaited = derive_awaited(exposure, seen.as_of)
    blood, ambiguous = derive_blood(seen, exposure.course_started_on, ctcae_version)
    response = derive_response(seen, exposure)
    return Facts(
        state=seen,
        ctcae_version=ctcae_version,
        jurisdiction=jurisdiction,
        exposure=exposure,
        awaited=awaited,
        blood=blood,
        response=response,
        bone=derive_site(seen, "bone"),
        bone_health=derive_bone_health(seen),
        liver=derive_site(seen, "liver"),
        mibg=derive_mibg(seen, response, blood),
        clearances=derive_clearances(seen.patient, blood),
        lobe_uptake=derive_lobe_uptake(seen),
        toxicity=derive_toxicities(seen, exposure, blood, jurisdiction),
        conditions=derive_conditions(seen, blood, jurisdiction),
        analogues=derive_analogues(seen),
        dosimetry=derive_dosimetry(exposure, awaited.cycles),
        follow_up=derive_follow_up(seen, exposure, awaited, blood, jurisdiction),
        notices=(*not_used, *ambiguous, *about_the_plan(seen, exposure), *_about_the_cycles(exposure)),
    )


def _about_the_cycles(exposure: Exposure) -> tuple[str, ...]:
    if exposure.cycles_told or not exposure.treatments_told:
        return ()
    return ("Radiopharmaceuticals are told only in part: there may be more cycles than these, and more activity.",)
