"""The one suggestion that is safe to accept unseen: a draft order of blood tests that are missing. A clinician signs it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from service.presentation.wire import AssessmentOut
from service.terminology.codes import Code, code_of
from service.vocabulary import ANALYTE_NAMES

_ORDERED_INSTEAD = {"creatinine_clearance": "creatinine"}  # it is estimated from creatinine, without collecting urine


def laboratory_order(items: Iterable[str], topic: str, answer: AssessmentOut) -> dict[str, Any] | None:
    """Draft orders for those of the items that a laboratory measures now; None if there are none.

    A baseline cannot be measured any more, and a code that is only recalled is not ordered.
    """
    wanted = dict.fromkeys(_ORDERED_INSTEAD.get(item, item) for item in items)
    codes = {item: code for item in wanted if item in ANALYTE_NAMES and (code := code_of("analyte", item))}
    ordered = {item: code for item, code in codes.items() if code.mark == "verified"}
    if not ordered:
        return None
    names = ", ".join(ANALYTE_NAMES[item] for item in ordered)
    return {
        "label": f"Draft an order of {names}",
        "uuid": str(uuid5(UUID(answer["id"]), f"{topic}/order:{names}")),
        "isRecommended": False,
        "actions": [
            {"type": "create", "description": f"Draft an order of {ANALYTE_NAMES[item]}", "resource": _order(item, code, answer)}
            for item, code in ordered.items()
        ],
    }


def _order(item: str, code: Code, answer: AssessmentOut) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "code": {"coding": [{"system": code.system, "code": code.code, "display": code.display}], "text": ANALYTE_NAMES[item]},
        "subject": {"reference": f"Patient/{answer['patient_id']}"},
        "occurrenceDateTime": answer["as_of"],
    }
