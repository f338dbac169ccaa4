"""Bone and liver: there, not there, or not told."""

import pytest

from service.facts.site import Site
from tests.patients import facts_of

BONE, LIVER = {"site": "bone", "lesion_count": 14}, {"site": "liver"}


@pytest.mark.parametrize(
    ("disease", "bone"),
    [
        (None, Site(None, None)),
        ({}, Site(None, None)),
        ({"metastases_complete": True}, Site(None, None)),
        ({"metastases": []}, Site(metastases=False, lesion_count=None)),
        ({"metastases": [LIVER]}, Site(metastases=False, lesion_count=None)),
        ({"metastases": [LIVER], "metastases_complete": True}, Site(metastases=False, lesion_count=None)),
        ({"metastases": [LIVER], "metastases_complete": False}, Site(None, None)),
        ({"metastases": [LIVER, BONE]}, Site(metastases=True, lesion_count=14)),
        ({"metastases": [BONE], "metastases_complete": False}, Site(metastases=True, lesion_count=14)),
    ],
)
def test_bone_disease_is_known_as_far_as_it_was_told(disease, bone):
    assert facts_of(**({} if disease is None else {"disease": disease})).bone == bone


def test_each_organ_has_its_own_lesions():
    facts = facts_of(disease={"metastases": [LIVER, BONE]})
    assert facts.liver == Site(metastases=True, lesion_count=None)
    assert facts.bone == Site(metastases=True, lesion_count=14)
