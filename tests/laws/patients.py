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


def cycles() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Administrations on different days."""
    cycle = told(
        kind=st.just("radiopharmaceutical"),
        agent=st.sampled_from(["lutetium_177_dotatate"] * 3 + ["lutetium_177_edotreotide", "iodine_131_mibg"]),
        given_on=days_ago(900),
        activity=maybe(
            st.sampled_from([{"value": 200, "unit": "mCi"}, {"value": 7.4, "unit": "GBq"}, {"value": 3.7, "unit": "GBq"}])
        ),
    )
    return st.lists(cycle, max_size=6, unique_by=lambda given: given["given_on"])


def drugs() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Other treatments."""
    return st.lists(
        told(kind=st.sampled_from(["chemotherapy", "sirt", "bone_modifying_agent"]), given_on=days_ago(900)), max_size=2
    )


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
    )


def plan() -> st.SearchStrategy[dict[str, Any]]:
    """What is intended."""
    return told(
        agent=maybe(st.sampled_from(["lutetium_177_dotatate", "lutetium_177_edotreotide", "iodine_131_mibg"])),
        planned_cycles=maybe(st.integers(1, 6)),
        planned_activity=maybe(st.sampled_from([{"value": 7.4, "unit": "GBq"}, {"value": 3.7, "unit": "GBq"}])),
        next_cycle_on=maybe(st.integers(-30, 60).map(lambda count: str(AS_OF + timedelta(days=count)))),
    )


def disease() -> st.SearchStrategy[dict[str, Any]]:
    """The tumour."""
    sites = st.lists(st.sampled_from(["liver", "bone", "lymph_node"]), max_size=3, unique=True)
    return told(
        primary_site=maybe(st.sampled_from(["pancreas", "small_intestine", "unknown"])),
        metastases=maybe(sites.map(lambda found: [{"site": site} for site in found])),
        metastases_complete=maybe(st.booleans()),
    )


def patients() -> st.SearchStrategy[dict[str, Any]]:
    """A patient as a request would tell it; every part may be missing."""
    return told(
        as_of=st.just(str(AS_OF)),
        patient=st.just({"id": "law", "sex": "female"}),
        disease=maybe(disease()),
        plan=maybe(plan()),
        treatments=maybe(st.tuples(cycles(), drugs()).map(lambda both: [*both[0], *both[1]])),
        laboratory=maybe(st.lists(laboratory_value(), max_size=8)),
        imaging=maybe(st.lists(study(), max_size=4)),
        assessments_of_response=maybe(
            st.lists(
                told(
                    assessed_on=days_ago(),
                    kind=st.sampled_from(["imaging", "biochemical"]),
                    response=st.sampled_from(["response", "stable", "progression"]),
                ),
                max_size=2,
            )
        ),
        events=maybe(st.lists(told(occurred_on=days_ago(), kind=st.sampled_from(["progression", "transfusion"])), max_size=2)),
        options=maybe(told(ctcae_version=maybe(st.sampled_from(["5.0", "6.0"])))),
    )
