"""Recommendations keep their urgency, their words and how certain their numbers are."""

import pytest

from tests.presentation.fhir.answers import answer, bundle, only, resources
from tests.vignettes import names

SEVERITIES = {"critical": "high", "warning": "moderate", "info": "low"}


def issues(told):
    """DetectedIssues by rule."""
    return {each["code"]["coding"][0]["code"]: each for each in resources(bundle(told), "DetectedIssue")}


@pytest.mark.parametrize("name", names())
def test_every_recommendation_is_an_issue_in_its_order_with_its_words(name):
    told = answer(name)
    found = issues(told)
    assert list(found) == [verdict["rule"] for verdict in told["recommendations"]]
    for verdict in told["recommendations"]:
        issue = found[verdict["rule"]]
        assert issue["severity"] == SEVERITIES[verdict["urgency"]]
        assert (issue["status"], issue["code"]["text"]) == ("preliminary", verdict["title"])
        for part in (verdict["advice"], *(reason["statement"] for reason in verdict["reasons"]), *verdict["caveats"]):
            assert part in issue["detail"]


def test_all_three_severities_occur_among_the_vignettes():
    assert {issue["severity"] for name in names() for issue in issues(answer(name)).values()} == {"high", "moderate", "low"}


@pytest.mark.parametrize("name", names())
def test_a_number_that_is_recalled_keeps_saying_so(name):
    told = answer(name)
    recalled = [
        (verdict["rule"], reason)
        for verdict in told["recommendations"]
        for reason in verdict["reasons"]
        if reason["certainty"] == "recalled"
    ]
    for rule, reason in recalled:
        assert "(recalled" in reason["statement"]
        assert f"{reason['statement']} [{reason['source']}, recalled]" in issues(told)[rule]["detail"]


def test_an_issue_refers_to_the_first_of_its_sources_that_has_a_doi():
    told = answer("skeletal-metastases-cycle-3")
    assert issues(told)["alkaline_phosphatase"]["reference"] == "https://doi.org/10.2967/jnumed.125.269456"


def test_without_a_doi_there_is_no_reference():
    told = answer("skeletal-metastases-cycle-3")
    for source in told["sources"].values():
        source["doi"] = None
    assert not any("reference" in issue for issue in issues(told).values())


def test_the_service_is_the_author_and_an_advice_is_no_mitigation():
    told = bundle(answer("pregnancy-before-cycle-3"))
    for issue in resources(told, "DetectedIssue"):
        assert issue["author"] == only(told, "GuidanceResponse")["performer"]
        assert "mitigation" not in issue


def test_a_verdict_without_an_advice_and_without_an_urgency_is_low_and_tells_its_reasons():
    told = answer("skeletal-metastases-cycle-3")
    told["recommendations"] = [told["recommendations"][0] | {"advice": None, "urgency": None}]
    (issue,) = issues(told).values()
    assert issue["severity"] == "low"
    assert issue["detail"].startswith("ALP 1.52 x ULN is above 1")
