"""The service without HTTP: one patient in, one assessment out."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from zoneinfo import ZoneInfo

from uuid_utils import uuid7

from service.assessment import Assessment, Knowledge
from service.facts import Facts, derive_facts
from service.intake.fhir_text import read_fhir
from service.intake.trace import Intake
from service.next_cycle import derive_next_cycle
from service.patient import PatientState
from service.patient.reading import read_patient
from service.risk.answers import answer_questions
from service.risk.artefacts import ServedModel, load_models
from service.risk.reference import reference_outcomes
from service.rules import RULES
from service.settings import Settings
from service.verdict import Rule

# What an answer does not depend on; the version of the rules is the digest over everything else.
_NO_KNOWLEDGE = {
    *("access", "api", "app.py", "audit", "batch", "cds_hooks", "cli", "drawing.py", "form", "presentation"),
    *("recording.py", "rereading.py"),
    *("logs.py", "metrics.py", "settings.py", "tracing.py", "__pycache__"),
}


@dataclass(frozen=True)
class Engine:
    """Rules, models and knowledge, ready to assess."""

    rules: tuple[Rule, ...]
    models: tuple[ServedModel, ...]
    knowledge: Knowledge
    settings: Settings

    def today(self) -> date:
        """Today in the configured time zone: the default of `as_of`."""
        return datetime.now(ZoneInfo(self.settings.time_zone)).date()

    def read(self, body: bytes) -> PatientState:
        """The patient in a request body. Raises RefusedRequest."""
        return read_patient(body, self.today())

    def read_fhir(self, body: bytes) -> Intake:
        """The patient in a FHIR Bundle, or in the Parameters of an operation. Raises RefusedRequest."""
        return read_fhir(body, self.today())

    def facts_of(self, state: PatientState) -> Facts:
        """What is derived of a patient, once."""
        return derive_facts(state, self.settings.ctcae_version, self.settings.jurisdiction)

    def assess(self, state: PatientState) -> Assessment:
        """Every rule on one patient."""
        facts = self.facts_of(state)
        verdicts = tuple(rule(facts) for rule in self.rules)
        return Assessment(
            id=str(uuid7()),
            created_at=datetime.now(UTC),
            facts=facts,
            knowledge=self.knowledge,
            verdicts=verdicts,
            next_cycle=derive_next_cycle(verdicts, facts),
            risks=answer_questions(self.models, facts),
            references=reference_outcomes(facts),
        )

    @cached_property
    def ground(self) -> str:
        """What an answer depends on besides the request, as JSON: knowledge, artefacts, defaults."""
        knowledge = {"service": self.knowledge.service, "rules": self.knowledge.rules, "models": dict(self.knowledge.models)}
        digests = {name: sha256 for name, (_, sha256) in self.artefacts.items()}
        defaults = {"ctcae_version": self.settings.ctcae_version, "jurisdiction": self.settings.jurisdiction}
        return json.dumps({"knowledge": knowledge, "artefacts": digests, "defaults": defaults})

    @property
    def artefacts(self) -> dict[str, tuple[str, str]]:
        """Version and digest of each model, by name."""
        return {model.manifest.name: (model.manifest.version, model.manifest.sha256) for model in self.models}

    def replay(self) -> None:
        """Raises ModelRefusedError unless every model still gives its known answers."""
        for model in self.models:
            model.replay()

    @cached_property
    def rules_by_name(self) -> dict[str, Rule]:
        """The rules, by name."""
        return {rule.name: rule for rule in self.rules}


def build(settings: Settings) -> Engine:
    """An engine with every rule of the rules folder and every served model. Raises ModelRefusedError."""
    models = load_models(settings.models_dir)
    versions = {model.manifest.name: model.manifest.version for model in models}
    knowledge = Knowledge(service=version("prrt-cds"), rules=f"sha256:{_digest()}", models=versions)
    return Engine(RULES, models, knowledge, settings)


def _digest() -> str:
    """One digest over every file that an answer depends on, in a fixed order."""
    total = sha256()
    for name, content in _contents(files("service"), "service"):
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _contents(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name in _NO_KNOWLEDGE:
            continue
        if entry.is_dir():
            found += _contents(entry, f"{name}/{entry.name}")
        elif entry.name.endswith((".py", ".yaml")):
            found.append((f"{name}/{entry.name}", entry.read_bytes()))
    return found
