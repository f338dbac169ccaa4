"""Patients for tests: the example of the contract with one place changed, and a small woman built from parts.

Every patient is read from JSON text, as a request is.
"""

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

from service.facts import Facts, derive_facts
from service.patient import PatientState
from service.patient.reading import RefusedRequest, read_patient

TODAY = date(2026, 3, 10)
EXAMPLE = json.loads((Path(__file__).parents[1] / "openapi/examples/skeletal-metastases-cycle-3.json").read_text("utf-8"))


def patient(**parts: Any) -> PatientState:
    """A woman on 2026-03-10, of whom only these parts were told."""
    told = {"as_of": "2026-03-10", "patient": {"id": "demo-1", "sex": "female"}, **parts}
    return read_patient(json.dumps(told).encode(), TODAY)


def facts_of(**parts: Any) -> Facts:
    """The facts about that woman."""
    return derive_facts(patient(**parts))


def lab(analyte: str, value: float, unit: str, taken_on: str, **more: Any) -> dict[str, Any]:
    """One laboratory value; `more` holds limits and the time."""
    return {"analyte": analyte, "value": value, "unit": unit, "taken_on": taken_on, **more}


def cycle(given_on: str, value: float | None = 7.4, unit: str = "GBq", agent: str = "lutetium_177_dotatate") -> dict[str, Any]:
    """One administration; `value` None leaves the activity out."""
    told = {"kind": "radiopharmaceutical", "agent": agent, "given_on": given_on}
    return told if value is None else {**told, "activity": {"value": value, "unit": unit}}


def study(performed_on: str, targets: dict[str, float] | None = None, **more: Any) -> dict[str, Any]:
    """One imaging study with its targets in mm by name; a name that begins with "node" is a node."""
    told = {"performed_on": performed_on, **more}
    if targets is not None:
        told["target_lesions"] = [
            {"id": name, "node": name.startswith("node"), "diameter": {"value": mm, "unit": "mm"}} for name, mm in targets.items()
        ]
    return told


def changed(pointer: str, value: Any, document: Any = EXAMPLE) -> Any:
    """A copy of the document with another value at one place; "-" at the end of a list appends."""
    result = node = copy.deepcopy(document)
    *steps, last = pointer.split("/")[1:]
    for step in steps:
        node = node[int(step) if isinstance(node, list) else step]
    if isinstance(node, list) and last == "-":
        node.append(value)
    else:
        node[int(last) if isinstance(node, list) else last] = value
    return result


def refused(told: Any) -> RefusedRequest:
    """The refusal of a request (bytes, text, or a document). Fails if it is accepted."""
    text = told if isinstance(told, str | bytes) else json.dumps(told)
    try:
        read_patient(text.encode() if isinstance(text, str) else text, TODAY)
    except RefusedRequest as refusal:
        return refusal
    raise AssertionError("accepted")
