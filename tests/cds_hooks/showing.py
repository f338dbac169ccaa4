"""Cards of assessments without HTTP: of one patient with a part changed, and of patients at random."""

import json
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st

from service.cds_hooks.call import Orders
from service.cds_hooks.cards import cards_of
from service.cds_hooks.catalogue import SERVICES, CdsService
from service.patient.reading import RefusedRequest
from service.presentation.wire import AssessmentOut
from tests.cds_hooks.calling import SERVICE_URL, assessment
from tests.conftest import EXAMPLES
from tests.intake.hospital import exact
from tests.laws.patients import patients

LAW = settings(max_examples=60, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
SKELETAL = json.loads((EXAMPLES / "skeletal-metastases-cycle-3.json").read_text("utf-8"))
# Five things ask to be looked at: the decision and four recommendations; and survival can be predicted.
FIVE_WARNINGS = SKELETAL | {
    "plan": SKELETAL["plan"] | {"route": "intra_arterial"},
    "laboratory": [value for value in SKELETAL["laboratory"] if value["analyte"] != "platelets"],
    "treatments": [
        *SKELETAL["treatments"],
        {"kind": "somatostatin_analogue", "agent": "lanreotide", "given_on": "2026-03-09", "formulation": "long_acting"},
    ],
}


@st.composite
def answers(draw: st.DrawFn) -> AssessmentOut:
    """The assessment of a random patient."""
    while True:
        try:
            return assessment(draw(patients()))
        except RefusedRequest:
            continue


def service_of(*, predictions: bool) -> CdsService:
    """The service that shows predictions, or one that does not."""
    return SERVICES["prrt-patient-view" if predictions else "prrt-order-sign"]


def shown(answer: AssessmentOut, *, predictions: bool) -> list[dict[str, Any]]:
    """The cards of an answer."""
    return cards_of(answer, service_of(predictions=predictions), SERVICE_URL)


def shown_to_orders(answer: AssessmentOut, *coded: Any, **orders: Any) -> list[dict[str, Any]]:
    """The cards of an answer to these orders."""
    asked = Orders(coded=[exact(each) for each in coded], **orders)
    return cards_of(answer, service_of(predictions=False), SERVICE_URL, asked)
