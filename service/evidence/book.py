"""Reads the records from the YAML files beside this module, and refuses what is not complete."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from service.evidence.records import Grading, Record, Source
from service.terminology.yaml_text import read_yaml

_FOLDER = files("service.evidence")


class UnknownSourceError(ValueError):
    """A number names a source that `sources.yaml` does not declare."""


def _read_sources() -> dict[str, Source]:
    table = read_yaml(_FOLDER.joinpath("sources.yaml").read_text("utf-8"))
    return {name: Source(id=name, **row) for name, row in table.items()}


SOURCES: dict[str, Source] = _read_sources()


def parse_record(name: str, text: str) -> Record:
    """The record in `text`. Raises pydantic.ValidationError, yaml.YAMLError or UnknownSourceError."""
    told: dict[str, Any] = read_yaml(text)
    for group in ("parameters", "findings"):
        rows = told.get(group, {})
        told[group] = {key: {"id": key, "reviewed_on": told["reviewed_on"], **row} for key, row in rows.items()}
    record = Record(id=name, **told)
    for number in record.numbers:
        if number.source not in SOURCES:
            raise UnknownSourceError(f"{name}.{number.id} names the undeclared source {number.source}")
    return record


@cache
def load(module: str) -> Record:
    """The record of the rule in `module` (pass `__name__`): the YAML file of the same stem."""
    stem = module.rpartition(".")[2]
    return parse_record(stem, _FOLDER.joinpath(f"{stem}.yaml").read_text("utf-8"))


def _texts(folder: str) -> Iterator[tuple[str, str]]:
    """Stem and text of each YAML file in a folder, sorted."""
    for entry in sorted(_FOLDER.joinpath(folder).iterdir(), key=lambda entry: entry.name):
        yield entry.name.removesuffix(".yaml"), entry.read_text("utf-8")


def parse_grading(name: str, text: str) -> Grading:
    """The grading in `text`. Raises pydantic.ValidationError or yaml.YAMLError."""
    return Grading(id=name, **read_yaml(text))


CRITERIA: dict[str, Record] = {name: parse_record(name, text) for name, text in _texts("criteria")}
RISK: dict[str, Record] = {name: parse_record(name, text) for name, text in _texts("risk")}
GRADINGS: dict[str, Grading] = {
    grading.version: grading for grading in (parse_grading(name, text) for name, text in _texts("gradings"))
}
