"""SIRT with or without PRRT: is the liver fit for PRRT after SIRT, and is SIRT an option in liver-dominant disease?

The study compared SIRT alone in liver disease with SIRT and PRRT in hepatic and extrahepatic disease. Neither OS nor
PFS differed, so its figures are shown as a reference and prefer neither treatment. The share of the liver that is
tumour never decides whether the liver is dominant.

Doubt: PRRT is planned when there is a plan and a cycle of it remains; bilirubin and albumin are judged at their latest
values, however old, and their dates are shown. Liver metastases that were not told count as not known: the rule then
does not speak. A list of metastases marked incomplete that names the liver alone is neither "liver only" nor
"also extrahepatic": unknown. The primary tumour is not counted as extrahepatic disease.
"""

from service.evidence import SOURCES, load
from service.facts import Facts
from service.patient.disease import Disease, Metastasis
from service.phrases import SEND_TREATMENTS, treatments_not_told
from service.terminology.quantity import times
from service.verdict import (
    Answer,
    Missing,
    Reason,
    above,
    below,
    cite,
    fires,
    not_applicable,
    note,
    rule,
    unknown,
)

EVIDENCE = load(__name__)
BILIRUBIN_RAISED = EVIDENCE["bilirubin_raised"]
ALBUMIN_LOW = EVIDENCE["albumin_low"]
STUDY = (
    cite(EVIDENCE.finding("survival_after_sirt")),
    cite(EVIDENCE.finding("survival_after_both")),
    cite(EVIDENCE.finding("progression_free_after_sirt")),
    cite(EVIDENCE.finding("progression_free_after_both")),
)
HEPATOTOXICITY = cite(EVIDENCE.finding("hepatotoxicity_after_sirt"))
PATIENTS = SOURCES[EVIDENCE.finding("survival_after_sirt").source].n
CAVEATS = (
    f"Neither OS nor PFS differed significantly, and the two point in opposite directions ({PATIENTS} patients).",
    "The groups differ by extrahepatic disease: the figures are a reference and prefer neither treatment.",
)
DOUBT = "Whether the list of metastases is complete was not told; extrahepatic disease is not excluded."


@rule("SIRT with or without PRRT", evidence=EVIDENCE)
def sirt_combination(facts: Facts) -> Answer:
    """Judge PRRT after SIRT first, then SIRT for liver-dominant disease."""
    if facts.exposure.planned and facts.exposure.remaining_cycles:
        if not facts.exposure.treatments_told:
            return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
        if _sirt_given(facts):
            return _before_prrt(facts)
    disease = facts.state.disease
    liver = next((site for site in (disease.metastases if disease else None) or () if site.site == "liver"), None)
    if disease is None or liver is None:
        return not_applicable("not_as_studied", note("Liver metastases are not known."))
    unlike = _outside_the_study(disease, liver)
    if unlike:
        return not_applicable("not_as_studied", *unlike)
    missing = _not_described(disease, liver)
    if missing:
        advice = "Tell whether the liver is dominant, the disease resectable, and progressive on a somatostatin analogue."
        return unknown("not_described", advice, *missing)
    return _option(facts, disease)


def _sirt_given(facts: Facts) -> tuple[Reason, ...]:
    given = sorted(treatment.given_on for treatment in facts.state.treatments or () if treatment.kind == "sirt")
    return tuple(note(f"SIRT was given on {day}.") for day in given)


def _before_prrt(facts: Facts) -> Answer:
    """SIRT was given and PRRT is to follow: what reserve has the liver left?"""
    sirt = _sirt_given(facts)
    bilirubin, albumin = _bilirubin(facts), _albumin(facts)
    missing = (
        *(
            ()
            if bilirubin
            else (Missing("bilirubin", "Bilirubin with the laboratory's upper limit was not told: it shows the liver reserve."),)
        ),
        *(
            ()
            if albumin
            else (Missing("albumin", "Albumin with the laboratory's lower limit was not told: it shows the liver reserve."),)
        ),
    )
    measured = (*bilirubin, *albumin)
    if any(measured):
        advice = "Clarify the liver reserve before PRRT, because SIRT has already irradiated the liver."
        why = (*sirt, *measured, HEPATOTOXICITY, *STUDY)
        return fires("little_reserve", "warning", advice, *why, caveats=CAVEATS, missing=missing)
    if missing:
        advice = "Measure bilirubin and albumin before PRRT and send the laboratory's limits with them."
        return unknown("reserve_not_known", advice, *missing, reasons=(*sirt, *measured, *(note(each.why) for each in missing)))
    advice = "Follow bilirubin and albumin before each cycle of PRRT, because SIRT has already irradiated the liver."
    return fires("after_sirt", "info", advice, *sirt, *measured, HEPATOTOXICITY, *STUDY, caveats=CAVEATS)


def _bilirubin(facts: Facts) -> tuple[Reason, ...]:
    """Whether bilirubin is raised; nothing without a value with its upper limit."""
    bilirubin = facts.blood["bilirubin"]
    if bilirubin.latest is None or bilirubin.to_upper_limit is None:
        return ()
    return (above(bilirubin.to_upper_limit, BILIRUBIN_RAISED, f"Bilirubin on {bilirubin.latest.taken_on}:"),)


def _albumin(facts: Facts) -> tuple[Reason, ...]:
    """Whether albumin is low; nothing without a value with its lower limit (a limit of zero is none)."""
    latest = facts.blood["albumin"].latest
    if latest is None or not latest.limits.lower:
        return ()
    to_lower_limit = times(latest.limits.value, latest.limits.lower, "1")
    return (below(to_lower_limit, ALBUMIN_LOW, f"Albumin on {latest.taken_on} as multiple of its lower limit:"),)


def _outside_the_study(disease: Disease, liver: Metastasis) -> tuple[Reason, ...]:
    """In what the patient is certainly unlike those of the study."""
    unlike = {
        "The liver is not dominant.": liver.dominant is False,
        "The disease is resectable.": disease.resectable is True,
        "The disease did not progress on a somatostatin analogue.": disease.progressive_on_somatostatin_analogue is False,
    }
    return tuple(note(statement) for statement, holds in unlike.items() if holds)


def _not_described(disease: Disease, liver: Metastasis) -> tuple[Missing, ...]:
    """What the patient must have to be like those of the study, and was not told."""
    analogue = disease.progressive_on_somatostatin_analogue
    asked = (
        (liver.dominant, "disease.metastases.dominant", "Whether the liver carries most of the disease was not told."),
        (disease.resectable, "disease.resectable", "Whether the disease can be resected was not told."),
        (analogue, "disease.progressive_on_somatostatin_analogue", "Whether it progressed on an analogue was not told."),
    )
    return tuple(Missing(item, why) for told, item, why in asked if told is None)


def _option(facts: Facts, disease: Disease) -> Answer:
    """A patient like those of the study: with the liver alone, or with other sites as well."""
    others = [metastasis.site.replace("_", " ") for metastasis in disease.metastases or () if metastasis.site != "liver"]
    like = note("The disease is liver-dominant, not resectable and progressive on a somatostatin analogue.")
    if others:
        advice = "Weigh at the board that SIRT alone leaves the extrahepatic disease untreated; the study combined it with PRRT."
        why = (like, note(f"There is extrahepatic disease: {', '.join(sorted(others))}."), *_sirt_given(facts), *STUDY)
        return fires("also_extrahepatic", "info", advice, *why, caveats=CAVEATS)
    if disease.metastases_complete is False:
        asked = Missing("disease.metastases", "Not every site of metastases was told: extrahepatic disease decides.")
        return unknown("sites_not_told", "Send the complete list of metastases.", asked)
    told = disease.metastases_complete is True
    asked_for = () if told else (Missing("disease.metastases_complete", DOUBT),)
    why = (like, note("Metastases are in the liver only."), *_sirt_given(facts), *STUDY)
    caveats = CAVEATS if told else (DOUBT, *CAVEATS)
    return fires("liver_only", "info", "Discuss SIRT alone at the board as an option.", *why, caveats=caveats, missing=asked_for)
