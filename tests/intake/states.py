"""Patient's states with every field of the contract, as a request could tell them."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, get_args

from hypothesis import assume
from hypothesis import strategies as st

from service import vocabulary as words
from service.patient import PatientState
from service.patient.fields import MOST_DIGITS
from service.patient.reading import RefusedRequest, read_patient
from service.terminology.units import MEASURANDS
from tests.laws.patients import maybe, told

AS_OF = date(2026, 3, 10)
FIRST, LAST = (datetime.fromisoformat(day) for day in ("1970-01-02", "2199-12-30"))
YES_OR_NO = maybe(st.booleans())
DAYS = st.dates(date(1961, 1, 1), date(2199, 12, 31)).map(str)
NAMES = st.text(min_size=1, max_size=12) | st.sampled_from(["p1", "Ann/1", "a" * 65, "é ü", " ", "1.2-3"])


def word(list_of_words: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(get_args(list_of_words))


def number(low: Decimal, high: Decimal) -> st.SearchStrategy[str]:
    """A JSON number with up to 17 digits, as text."""
    places = st.integers(0, MOST_DIGITS - len(str(int(high))) - 1)
    values = places.flatmap(lambda count: st.decimals(max(low, Decimal("0.01")), high, places=count))
    return values.filter(lambda value: len(value.as_tuple().digits) <= MOST_DIGITS and low <= value <= high)


@st.composite
def measured(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A value in any unit of the closed table."""
    measurand = MEASURANDS[name]
    unit = draw(st.sampled_from(sorted(measurand.factors)))
    factor = measurand.factors[unit]
    return {"value": draw(number(measurand.lowest / factor, min(measurand.highest, Decimal(4000)) / factor)), "unit": unit}


@st.composite
def laboratory_value(draw: st.DrawFn) -> dict[str, Any]:
    analyte = draw(word(words.Analyte))
    value = draw(measured(analyte))
    zone = timezone(timedelta(minutes=draw(st.integers(-23 * 60 - 59, 23 * 60 + 59))))
    at = draw(st.datetimes(FIRST, LAST, timezones=st.sampled_from([UTC, zone])))
    limits = draw(st.sampled_from([{}, {"lower_limit": 0}, {"upper_limit": value["value"]}]))
    timed = draw(st.booleans())
    return value | {"analyte": analyte, "taken_on": str(at.date())} | ({"taken_at": at.isoformat()} if timed else {}) | limits


def treatment() -> st.SearchStrategy[dict[str, Any]]:
    nuclide = told(
        kind=st.just("radiopharmaceutical"),
        agent=word(words.Radiopharmaceutical),
        given_on=DAYS,
        activity=maybe(measured("activity")),
        route=maybe(word(words.Route)),
        absorbed_dose=maybe(told(kidney=maybe(measured("absorbed_dose")), marrow=maybe(measured("absorbed_dose")))),
    )
    analogue = told(
        kind=st.just("somatostatin_analogue"),
        agent=maybe(st.sampled_from(["octreotide", "lanreotide"]) | NAMES),
        given_on=DAYS,
        formulation=maybe(word(words.Formulation)),
    )
    kinds = [kind for kind in get_args(words.TreatmentKind) if kind != "radiopharmaceutical"]
    agents = st.sampled_from(["denosumab", "everolimus", "temozolomide"]) | NAMES
    return nuclide | analogue | told(kind=st.sampled_from(kinds), agent=maybe(agents), given_on=DAYS)


def study() -> st.SearchStrategy[dict[str, Any]]:
    lesion = told(id=NAMES, organ=maybe(NAMES), node=YES_OR_NO, diameter=measured("diameter"))
    return told(
        performed_on=DAYS,
        modality=maybe(word(words.Modality)),
        criteria=maybe(word(words.ResponseCriteria)),
        baseline=YES_OR_NO,
        target_lesions=maybe(st.lists(lesion, max_size=2, unique_by=lambda found: found["id"])),
        non_target=maybe(word(words.Response)),
        new_lesions=YES_OR_NO,
        new_lesion_kind=maybe(word(words.NewLesionKind)),
        bone_response=maybe(word(words.Response)),
        overall_response=maybe(word(words.Response)),
    )


def disease() -> st.SearchStrategy[dict[str, Any]]:
    percent = maybe(number(Decimal(0), Decimal(100)))
    site = told(
        site=word(words.MetastasisSite),
        involvement_percent=percent,
        lesion_count=maybe(st.integers(1, 10000)),
        dominant=YES_OR_NO,
    )
    sstr = told(
        performed_on=maybe(DAYS),
        tracer=maybe(word(words.Tracer)),
        krenning_score=maybe(st.integers(0, 4)),
        all_lesions_positive=YES_OR_NO,
        fdg_positive_sstr_negative=YES_OR_NO,
    )
    return told(
        primary_site=maybe(word(words.PrimarySite)),
        differentiation=maybe(word(words.Differentiation)),
        grade=maybe(st.integers(1, 3)),
        ki67_percent=percent,
        metastases=maybe(st.lists(site, max_size=3, unique_by=lambda found: found["site"])),
        metastases_complete=YES_OR_NO,
        functional_syndrome=maybe(word(words.FunctionalSyndrome)),
        sstr_imaging=maybe(sstr),
        resectable=YES_OR_NO,
        progressive_on_somatostatin_analogue=YES_OR_NO,
    )


def several(entry: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return maybe(st.lists(entry, max_size=3))


def parts() -> st.SearchStrategy[dict[str, Any]]:
    weight = st.tuples(measured("weight"), maybe(DAYS)).map(lambda both: both[0] | ({"measured_on": both[1]} if both[1] else {}))
    delay = told(cycle=st.integers(1, 20), reason=word(words.DelayReason))
    return told(
        as_of=st.dates(date(2026, 1, 1), date(2199, 12, 31)).map(str),
        patient=told(
            id=NAMES,
            sex=word(words.Sex),
            birth_date=maybe(st.sampled_from(["1900-01-01", "1960-02-29"])),
            weight=maybe(weight),
            pregnant=YES_OR_NO,
            breast_feeding=YES_OR_NO,
        ),
        disease=maybe(disease()),
        performance=maybe(
            told(ecog=maybe(st.integers(0, 4)), karnofsky=maybe(st.sampled_from([0, 80, 100])), recorded_on=maybe(DAYS))
        ),
        comorbidities=several(told(kind=word(words.ComorbidityKind))),
        plan=maybe(
            told(
                agent=maybe(word(words.Radiopharmaceutical)),
                planned_cycles=maybe(st.integers(1, 20)),
                planned_activity=maybe(measured("activity")),
                route=maybe(word(words.Route)),
                next_cycle_on=maybe(DAYS),
                interval=maybe(measured("interval")),
                delays=several(delay),
            )
        ),
        treatments=several(treatment()),
        laboratory=several(laboratory_value()),
        imaging=several(study()),
        symptoms=several(
            told(recorded_on=DAYS, bone_pain=maybe(word(words.SymptomWord)), response=maybe(word(words.SymptomWord)))
        ),
        assessments_of_response=several(
            told(assessed_on=DAYS, kind=word(words.AssessmentKind), response=word(words.AssessedResponse))
        ),
        uptake_ratios=several(
            told(
                measured_on=DAYS,
                lobe=word(words.Lobe),
                infused=st.booleans(),
                tumour_to_non_tumour=number(Decimal("0.1"), Decimal(1000)),
            )
        ),
        events=several(
            told(
                occurred_on=DAYS,
                kind=word(words.EventKind),
                detail=maybe(NAMES),
                grade=maybe(st.integers(1, 5)),
                related=YES_OR_NO,
                resolved_on=maybe(st.just("2199-12-31")),
            )
        ),
        told_in_part=maybe(st.lists(word(words.PartlyTold), max_size=4)),
        options=maybe(told(jurisdiction=maybe(word(words.Jurisdiction)), ctcae_version=maybe(word(words.CtcaeVersion)))),
    )


def as_text(node: Any) -> str:
    """JSON text in which a Decimal is a number with all its digits."""
    if isinstance(node, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {as_text(member)}" for name, member in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(as_text(entry) for entry in node) + "]"
    return str(node) if isinstance(node, Decimal) else json.dumps(node)


@st.composite
def states(draw: st.DrawFn) -> PatientState:
    """A state that the contract accepts."""
    try:
        return read_patient(as_text(draw(parts())).encode("utf-8", "surrogatepass"), AS_OF)
    except RefusedRequest:
        assume(False)
        raise
