"""Plain conditions of a patient that bear on the next dose: true, false, or None when it was not told.

Grade 1 and 2 are well differentiated by definition. Leukocytes that are low by lymphopenia alone: the
lymphocytes are below their lower limit and the neutrophils are not below theirs, of about the same day.
"""

from collections.abc import Collection, Mapping
from datetime import date

from service.evidence import CRITERIA
from service.facts.blood import Blood
from service.patient import PatientState
from service.patient.disease import Disease
from service.patient.findings import Event
from service.vocabulary import Analyte, Jurisdiction

OLDEST = CRITERIA["dose_modification"]["oldest"]
Conditions = Mapping[str, bool | None]
_BY_DEFINITION_WELL = (1, 2)
_HIGH_GRADE = 3
_COMORBIDITIES = ("carcinoid_heart_disease", "hydronephrosis", "bowel_obstruction", "hypertension", "diabetes")
_OUTSIDE_THE_LABEL = ("lung", "thymus")
_MARROW_NEOPLASMS = ("myelodysplas", "leukaemia", "leukemia")
_MARROW_ABBREVIATIONS = {"mds", "aml", "t-mds", "t-aml", "t-mn"}
_NOTHING = Disease()


def derive_conditions(state: PatientState, blood: Blood, jurisdiction: Jurisdiction) -> Conditions:
    """Every condition of one patient, by name."""
    person, disease = state.patient, state.disease or _NOTHING
    imaging = disease.sstr_imaging
    told = None if state.comorbidities is None else {each.kind for each in state.comorbidities}
    sites = None if disease.metastases is None else {each.site for each in disease.metastases}
    male = person.sex == "male"
    well = is_well_differentiated(disease)
    return {
        "pregnant": person.pregnant or (False if male else person.pregnant),
        "breast_feeding": person.breast_feeding or (False if male else person.breast_feeding),
        "poorly_differentiated": None if well is None else not well,
        "discordant": imaging.fdg_positive_sstr_negative if imaging else None,
        "not_all_positive": None if imaging is None or imaging.all_lesions_positive is None else not imaging.all_lesions_positive,
        **{kind: _listed(kind, told, complete=state.tells_all("comorbidities")) for kind in _COMORBIDITIES},
        "brain_metastases": _listed("brain", sites, complete=disease.metastases_complete is not False),
        "functional_syndrome": None if disease.functional_syndrome is None else disease.functional_syndrome != "none",
        "primary_outside_the_label": None if disease.primary_site is None else disease.primary_site in _OUTSIDE_THE_LABEL,
        "outside_the_eu_label": _outside_the_eu_label(disease) if jurisdiction == "eu" else False,
        "well_differentiated_grade_3": None
        if disease.grade is None or well is None
        else bool(well) and disease.grade == _HIGH_GRADE,
        "marrow_neoplasm": None if state.events is None else any(_names_marrow_neoplasm(event) for event in state.events),
        "lymphopenia_alone": _lymphopenia_alone(blood),
    }


def _listed(word: str, told: Collection[str] | None, *, complete: bool) -> bool | None:
    """Whether a list names it; None if it does not, and may be incomplete."""
    if told is not None and word in told:
        return True
    return False if told is not None and complete else None


def _names_marrow_neoplasm(event: Event) -> bool:
    """Whether a recorded event is a myelodysplastic syndrome or a leukaemia, in the words that are in use."""
    words = (event.detail or "").lower().replace("_", " ")
    return any(name in words for name in _MARROW_NEOPLASMS) or bool(_MARROW_ABBREVIATIONS & set(words.split()))


def is_well_differentiated(disease: Disease) -> bool | None:
    """As told, else by the grade."""
    if disease.differentiation is not None:
        return disease.differentiation == "well"
    return True if disease.grade in _BY_DEFINITION_WELL else None


def last_given(state: PatientState, *kinds: str) -> date | None:
    """The last day on which a treatment of these kinds was given."""
    return max((each.given_on for each in state.treatments or () if each.kind in kinds), default=None)


def _outside_the_eu_label(disease: Disease) -> bool | None:
    """The EU label is for progressive disease of grade 1 and 2."""
    if disease.grade == _HIGH_GRADE or disease.progressive_on_somatostatin_analogue is False:
        return True
    return None if None in (disease.grade, disease.progressive_on_somatostatin_analogue) else False


def _lymphopenia_alone(blood: Blood) -> bool | None:
    """Few lymphocytes and enough neutrophils, both of about the day of the leukocytes."""
    few_lymphocytes, few_neutrophils = _below_its_limit(blood, "lymphocytes"), _below_its_limit(blood, "neutrophils")
    if few_lymphocytes is False or few_neutrophils:
        return False
    return None if None in (few_lymphocytes, few_neutrophils) else True


def _below_its_limit(blood: Blood, analyte: Analyte) -> bool | None:
    latest, leukocytes = blood[analyte].latest, blood["leukocytes"].latest
    if latest is None or latest.limits.lower is None:
        return None
    if leukocytes and abs((latest.taken_on - leukocytes.taken_on).days) > OLDEST.value:
        return None
    return latest.limits.value < latest.limits.lower
