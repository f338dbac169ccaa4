"""Which prefetch key feeds which rule, found by leaving each key of each test patient out and seeing whose answer changes."""

from typing import Any

from service.cds_hooks.catalogue import PREFETCH
from service.intake.fhir_text import as_text, asked_about, read_fhir
from service.rules import RULES
from tests.kit import hook_request
from tests.reading import TODAY, engine
from tests.vignettes import names

# Where hospitals may keep what the test patients have elsewhere.
SAME_AS = {
    "procedures": "what `treatments` feeds, where cycles and SIRT are recorded as procedures",
    "medication_orders": "what `service_orders` feeds, where the plan is an order of a drug",
}


def _verdicts(patient_id: str, prefetch: dict[str, Any]) -> dict[str, Any]:
    body = as_text(asked_about(patient_id, [value for value in prefetch.values() if value]))
    return {verdict.rule: verdict.answer for verdict in engine().assess(read_fhir(body, TODAY).state).verdicts}


def rules_by_key() -> dict[str, set[str]]:
    """The rules whose answer about some test patient changes when a key is left out."""
    fed: dict[str, set[str]] = {key: set() for key in PREFETCH if key != "patient"}
    for name in names():
        request = hook_request(name, "prrt-patient-view")
        patient_id, prefetch = request["context"]["patientId"], request["prefetch"]
        whole = _verdicts(patient_id, prefetch)
        for key in fed:
            without = _verdicts(patient_id, {other: value for other, value in prefetch.items() if other != key})
            fed[key] |= {rule for rule in whole if whole[rule] != without[rule]}
    return fed


def prefetch_table() -> str:
    """The table of docs/interop.md."""
    fed = rules_by_key()
    rows = ["| `patient` | every rule: without the patient there is no answer (412) |"]
    for key, rules in fed.items():
        told = SAME_AS.get(key) or (
            "every rule" if len(rules) == len(RULES) else ", ".join(f"`{rule}`" for rule in sorted(rules))
        )
        rows.append(f"| `{key}` | {told} |")
    return "\n".join(["| prefetch key | feeds |", "| --- | --- |", *rows])


def template_table() -> str:
    """What is asked for under each key."""
    escaped = {key: template.replace("|", "\\|") for key, template in PREFETCH.items()}  # else they would divide the cell
    rows = [f"| `{key}` | `{template}` |" for key, template in escaped.items()]
    return "\n".join(["| prefetch key | template |", "| --- | --- |", *rows])
