"""What is about a condition of its own is used only if that is the tumour or its spread."""

import pytest

from service.intake.relations import RELATED
from tests.intake.hospital import ICD, LUTETIUM, SNOMED, SUBJECT, coded, condition, lab, read

ANOTHER = "is about another condition"
CORE = "http://hl7.org/fhir/StructureDefinition/condition-related"
TUMOUR = condition("C7A.012", ICD) | {"id": "tumour"}
BREAST = condition("C50.9", ICD) | {"id": "breast"}
DIFFERENTIATED = condition("C7A.1", ICD) | {"id": "poor"}


def named(name, resource):
    return resource | {"id": name}


def about(*names):
    return lab(focus=[{"reference": f"Condition/{name}"} for name in names])


def related(name, url=RELATED, code="94222008", system=SNOMED):
    extension = [{"url": "other"}, {"url": url, "valueReference": {"reference": f"Condition/{name}"}}]
    return named("spread", condition(code, system, extension=extension))


def refused(*resources):
    return [each.resource for each in read(*resources).not_used if each.reason == ANOTHER]


@pytest.mark.parametrize("tumour", [TUMOUR, DIFFERENTIATED, named("net", condition("255046005"))])
def test_an_observation_about_the_tumour_is_used(tumour):
    assert len(read(about(tumour["id"]), tumour).state.laboratory) == 1
    assert len(read(about("other", tumour["id"]), tumour).state.laboratory) == 1


def test_an_observation_about_its_spread_is_used():
    spread = named("spread", condition("94222008"))
    assert refused(about("spread"), spread) == []
    assert refused(about("spread"), related("tumour"), TUMOUR) == []


@pytest.mark.parametrize(
    "conditions",
    [
        [],
        [BREAST],
        [named("breast", condition("I10", ICD))],
        [TUMOUR],
        [named("breast", TUMOUR) | {"clinicalStatus": coded("resolved", "x")}],
        [named("breast", TUMOUR) | {"subject": {"reference": "Patient/p2"}}],
        [{"resourceType": "Medication", "id": "breast", "code": LUTETIUM}],
    ],
)
def test_an_observation_about_anything_else_is_not_used(conditions):
    assert refused(about("breast"), *conditions) == ["Observation/lab"]


@pytest.mark.parametrize("focus", [[], None, "Condition/tumour", [{"display": "tumour"}]])
def test_a_focus_that_names_nothing_is_not_the_tumour(focus):
    assert refused(lab() | {"focus": focus}, TUMOUR) == ["Observation/lab"]


def test_an_observation_about_the_spread_of_another_tumour_is_not_used():
    assert refused(about("spread"), related("breast"), BREAST, TUMOUR) == ["Observation/lab", "Condition/spread"]


@pytest.mark.parametrize("url", [RELATED, CORE])
def test_a_site_of_spread_counts_only_if_it_belongs_to_the_tumour(url):
    assert [site.site for site in read(related("tumour", url), TUMOUR).state.disease.metastases] == ["bone"]
    intake = read(related("breast", url), BREAST, TUMOUR)
    assert intake.state.disease.metastases is None
    assert refused(related("breast", url), BREAST) == ["Condition/spread"]
    assert refused(related("nowhere", url), TUMOUR) == ["Condition/spread"]


def test_a_site_of_spread_may_belong_to_another_site_of_spread():
    assert refused(related("first"), named("first", condition("94381002"))) == []
    assert refused(related("spread")) == ["Condition/spread"]


def test_a_site_of_spread_without_a_relation_counts():
    assert refused(named("spread", condition("94222008", extension=[{"url": "other"}])), BREAST) == []


@pytest.mark.parametrize(
    ("code", "system"), [("I10", ICD), ("43064006", SNOMED), ("C7A.012", ICD), ("255046005", SNOMED), ("E34.0", ICD)]
)
def test_a_condition_that_says_by_itself_what_it_is_counts_whatever_it_is_related_to(code, system):
    assert refused(related("breast", code=code, system=system), BREAST) == []


def test_a_site_of_spread_that_is_also_coded_as_the_tumour_counts():
    both = {"coding": [*coded("94222008", SNOMED)["coding"], *coded("255046005", SNOMED)["coding"]]}
    assert refused(related("breast") | {"code": both}, BREAST) == []


def test_a_contained_condition_is_none_that_is_read():
    contained = [condition("C7A.012", ICD) | {"id": "c"}]
    assert refused(lab(focus=[{"reference": "#c"}], contained=contained)) == ["Observation/lab"]


def test_the_status_of_the_disease_of_another_tumour_is_not_used():
    trend = {"valueQuantity": None, "valueCodeableConcept": coded("359746009", SNOMED)}
    judged = lab("97509-4", subject=SUBJECT, **trend, focus=[{"reference": "Condition/breast"}])
    assert refused(judged, BREAST, TUMOUR) == ["Observation/lab"]


def test_a_status_that_does_not_stand_is_the_reason_before_the_focus():
    intake = read(about("breast") | {"status": "preliminary"}, BREAST)
    assert intake.not_used[0].reason == "has status preliminary"
