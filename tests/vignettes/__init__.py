"""Whole patients with their complete expected answer.

The patient is `openapi/examples/NAME.json`, the answer and why it is interesting are
`NAME.json` here. `python -m tests.vignettes` writes what the service answers today:
read the difference as a physician would before you commit it.
"""

import json
from pathlib import Path
from typing import Any

from service.patient.reading import read_patient
from service.presentation.as_json import as_json
from tests.reading import TODAY, engine

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER.parent.parent / "openapi" / "examples"
# What differs from one answer to the next, or from one version to the next.
_NOT_COMPARED = ("id", "created_at", "knowledge")


def names() -> list[str]:
    """The vignettes."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def expected(name: str) -> dict[str, Any]:
    """Why the patient is interesting, and the complete expected answer."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def answered(name: str) -> dict[str, Any]:
    """What the service answers today."""
    patient = read_patient((EXAMPLES / f"{name}.json").read_bytes(), TODAY)
    answer = dict(as_json(engine().assess(patient)))
    return {key: value for key, value in json.loads(json.dumps(answer)).items() if key not in _NOT_COMPARED}
