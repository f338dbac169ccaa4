"""Hypothesis strategies: patients as the wire contract would carry them."""

from datetime import date, timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from service.terminology.units import MEASURANDS
from service.vocabulary import Analyte

AS_OF = date(2026, 3, 10)
# A list that is present is never empty here for analytes: whole limits keep every conversion finite.
_LAB_RANGES = {
    "alkaline_phosphatase": (30, 600),
    "gamma_gt": (10, 300),
    "platelets": (10, 400),
    "haemoglobin": (60, 160),
    "neutrophils": (1, 9),
    "leukocytes": (1, 12),
    "lymphocytes": (1, 4),
    "creatinine": (40, 300),
    "creatinine_clearance": (20, 120),
    "bilirubin": (5, 90),
    "albumin": (20, 50),
    "inr": (1, 3),
    "alt": (10, 400),
    "ast": (10, 400),
    "chromogranin_a": (20, 900),
}
_RESPONSES = ["complete_response", "partial_response", "stable_disease", "progressive_disease", "non_cr_non_pd", "not_evaluable"]


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """RequestPart, or not told at all."""
    return st.none() | strategy


def days_ago(most: int = 500) -> st.SearchStrategy[str]:
    """A day on or before `as_of`."""
    return st.integers(0, most).map(lambda count: str(AS_OF - timedelta(days=count)))


def told(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object without the fields that were not told."""
    return st.fixed_dictionaries(fields).map(lambda found: {key: value for key, value in found.items() if value is not None})


@st.composite
def laboratory_value(draw: st.DrawFn) -> dict[str, Any]:
    """One value of an analyte that some rule reads, or of any other."""
    analyte = draw(st.sampled_from(sorted(_LAB_RANGES)) | st.sampled_from(sorted(get_args(Analyte))))
    measurand = MEASURANDS[analyte]
    low, high = _LAB_RANGES.get(analyte, (int(measurand.lowest) + 1, int(min(measurand.highest, 200))))
    limits = draw(maybe(st.tuples(st.integers(low, high - 1), st.integers(1, 50))))
    value = {"analyte": analyte, "value": draw(st.integers(low, high)), "unit": measurand.unit, "taken_on": draw(days_ago())}
    if limits and limits[0] + limits[1] <= measurand.highest:
        value |= {"lower_limit": limits[0], "upper_limit": limits[0] + limits[1]}
    return value


def gray(most: int) -> st.SearchStrategy[dict[str, Any]]:
    """An absorbed dose."""
    return st.integers(0, most).map(lambda value: {"value": value, "unit": "Gy"})


def cycles() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Administrations on different days."""
    cycle = told(
        kind=st.just("radiopharmaceutical"),
        agent=st.sampled_from(["lutetium_177_dotatate"] * 3 + ["lutetium_177_edotreotide", "iodine_131_mibg"]),
        given_on=days_ago(900),
        activity=maybe(
            st.sampled_from([{"value": 200, "unit": "mCi"}, {"value": 7.4, "unit": "GBq"}, {"value": 3.7, "unit": "GBq"}])
        ),
        route=maybe(st.sampled_from(["intravenous", "intra_arterial"])),
        absorbed_dose=maybe(told(kidney=maybe(gray(9)), marrow=maybe(gray(1)))),
    )
    return st.lists(cycle, max_size=6, unique_by=lambda given: given["given_on"])


def drugs() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Other treatments."""
    drug = told(kind=st.sampled_from(["chemotherapy", "sirt", "bone_modifying_agent"]), given_on=days_ago(900))
    analogue = told(
        kind=st.just("somatostatin_analogue"),
        given_on=days_ago(60),
        formulation=maybe(st.sampled_from(["long_acting", "short_acting"])),
    )
    return st.lists(drug | analogue, max_size=3)


def target_lesions() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Up to three lesions with names that recur between studies."""
    lesion = told(
        id=st.sampled_from("abc"),
        node=st.booleans(),
        diameter=st.integers(0, 60).map(lambda mm: {"value": mm, "unit": "mm"}),
    )
    return st.lists(lesion, max_size=3, unique_by=lambda found: found["id"])


def study() -> st.SearchStrategy[dict[str, Any]]:
    """One imaging study."""
    return told(
        performed_on=days_ago(),
        modality=maybe(st.sampled_from(["ct", "mri"])),
        baseline=maybe(st.booleans()),
        target_lesions=maybe(target_lesions()),
        non_target=maybe(st.sampled_from(_RESPONSES)),
        new_lesions=maybe(st.booleans()),
        new_lesion_kind=maybe(st.sampled_from(["unequivocal", "bone_sclerosis_only"])),
        overall_response=maybe(st.sampled_from(_RESPONSES)),
        bone_response=maybe(st.sampled_from(_RESPONSES)),
        criteria=maybe(st.sampled_from(["recist_1_1", "md_anderson"])),
    )


def plan() -> st.SearchStrategy[dict[str, Any]]:
    """What is intended."""
    return told(
        agent=maybe(st.sampled_from(["lutetium_177_dotatate", "lutetium_177_edotreotide", "iodine_131_mibg"])),
        planned_cycles=maybe(st.integers(1, 6)),
        planned_activity=maybe(st.sampled_from([{"value": 7.4, "unit": "GBq"}, {"value": 3.7, "unit": "GBq"}])),
        next_cycle_on=maybe(st.integers(-30, 60).map(lambda count: str(AS_OF + timedelta(days=count)))),
        route=maybe(st.sampled_from(["intravenous", "intra_arterial"])),
        interval=maybe(st.just({"value": 12, "unit": "wk"})),
        delays=maybe(st.just([{"cycle": 2, "reason": "toxicity"}])),
    )


def yes_or_no() -> st.SearchStrategy[bool | None]:
    """A condition, or not told."""
    return maybe(st.booleans())


def disease() -> st.SearchStrategy[dict[str, Any]]:
    """The tumour."""
    site = told(
        site=st.sampled_from(["liver", "bone", "lymph_node", "brain"]),
        lesion_count=maybe(st.integers(1, 20)),
        dominant=yes_or_no(),
    )
    return told(
        primary_site=maybe(st.sampled_from(["pancreas", "small_intestine", "lung", "unknown"])),
        differentiation=maybe(st.sampled_from(["well", "poor"])),
        grade=maybe(st.integers(1, 3)),
        metastases=maybe(st.lists(site, max_size=3, unique_by=lambda found: found["site"])),
        metastases_complete=yes_or_no(),
        functional_syndrome=maybe(st.sampled_from(["none", "carcinoid"])),
        resectable=yes_or_no(),
        progressive_on_somatostatin_analogue=yes_or_no(),
        sstr_imaging=maybe(
            told(
                performed_on=maybe(days_ago()),
                krenning_score=maybe(st.integers(0, 4)),
                all_lesions_positive=yes_or_no(),
                fdg_positive_sstr_negative=yes_or_no(),
            )
        ),
    )


def person() -> st.SearchStrategy[dict[str, Any]]:
    """Who the patient is."""
    return told(
        id=st.just("law"),
        sex=st.sampled_from(["female", "male", "other"]),
        birth_date=maybe(st.sampled_from(["1950-06-01", "1990-02-28", "2012-01-01", "2015-03-11"])),
        weight=maybe(st.integers(40, 110).map(lambda kg: {"value": kg, "unit": "kg"})),
        pregnant=yes_or_no(),
        breast_feeding=yes_or_no(),
    )


def event() -> st.SearchStrategy[dict[str, Any]]:
    """Something that happened."""
    return told(
        occurred_on=days_ago(),
        kind=st.sampled_from(["progression", "transfusion", "adverse_event", "skeletal_related_event"]),
        detail=maybe(st.sampled_from(["pathological_fracture", "hypersensitivity", "fatigue"])),
        grade=maybe(st.integers(1, 4)),
        related=yes_or_no(),
    )


def patients() -> st.SearchStrategy[dict[str, Any]]:
    """A patient as a request would tell it; every part may be missing."""
    return told(
        as_of=st.just(str(AS_OF)),
        patient=person(),
        disease=maybe(disease()),
        plan=maybe(plan()),
        treatments=maybe(st.tuples(cycles(), drugs()).map(lambda both: [*both[0], *both[1]])),
        laboratory=maybe(st.lists(laboratory_value(), max_size=12)),
        imaging=maybe(st.lists(study(), max_size=4)),
        assessments_of_response=maybe(
            st.lists(
                told(
                    assessed_on=days_ago(),
                    kind=st.sampled_from(["imaging", "biochemical", "symptomatic"]),
                    response=st.sampled_from(["response", "stable", "progression"]),
                ),
                max_size=2,
            )
        ),
        events=maybe(st.lists(event(), max_size=3)),
        comorbidities=maybe(
            st.lists(st.sampled_from(["hypertension", "hydronephrosis"]).map(lambda kind: {"kind": kind}), max_size=1)
        ),
        performance=maybe(told(ecog=maybe(st.integers(0, 4)), karnofsky=maybe(st.sampled_from([40, 50, 60, 100])))),
        symptoms=maybe(
            st.lists(
                told(
                    recorded_on=days_ago(),
                    bone_pain=maybe(st.sampled_from(["present", "improved", "none"])),
                    response=maybe(st.sampled_from(["improved", "worse"])),
                ),
                max_size=2,
            )
        ),
        options=maybe(
            told(ctcae_version=maybe(st.sampled_from(["5.0", "6.0"])), jurisdiction=maybe(st.sampled_from(["us", "eu"])))
        ),
    )
