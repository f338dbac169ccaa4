"""The OpenAPI 3.1 document: what FastAPI collects, plus the request body that we read ourselves."""

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from service.api.problems import REFERENCE, ProblemOut
from service.api.record_requests import Review, Search
from service.patient import PatientState

DESCRIPTION = """
Decision support for peptide receptor radionuclide therapy (PRRT) of neuroendocrine tumours, for professionals.
**Not a medical device.** Every answer says why, from which study, how sure, and what is missing. The evidence is small and
retrospective: an association is never an effect, and an unknown is never a reassurance.
"""


def _examples_folder() -> Traversable:
    """Beside this file in an installed package; in `openapi/examples` of a checkout."""
    installed = files("service.api").joinpath("examples")
    return installed if installed.is_dir() else files("service").joinpath("..", "openapi", "examples")


@cache
def examples(kit: str | None = None) -> dict[str, Any]:
    """The example patients by file stem, the skeletal-metastases one first; or those of a folder of the kit."""
    folder = _examples_folder().joinpath(kit) if kit else _examples_folder()
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".json")]
    ranked = sorted(found, key=lambda entry: (not entry.name.startswith("skeletal"), entry.name))
    return {entry.name.removesuffix(".json"): json.loads(entry.read_text("utf-8")) for entry in ranked}


def patient_body() -> dict[str, Any]:
    """The request body of a route that reads a patient, with the examples to choose from."""
    schema = {"$ref": REFERENCE.format(model="PatientState")}
    content = {"application/json": {"schema": schema, "examples": _shown(examples())}}
    return {"requestBody": {"required": True, "content": content}}


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    return {name: {"summary": name.replace("-", " ").capitalize(), "value": value} for name, value in values.items()}


def body_of(model: str) -> dict[str, Any]:
    """The request body of a route that reads that model."""
    schema = {"$ref": REFERENCE.format(model=model)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def foreign_body(meaning: str, kit: str | None = None) -> dict[str, Any]:
    """The request body of a route that reads JSON of somebody else's making, with the first of its examples in a folder."""
    schema = {"type": "object", "description": meaning}
    content: dict[str, Any] = {"schema": schema}
    if kit:
        content["examples"] = _shown(dict(list(examples(kit).items())[:1]))
    return {
        "requestBody": {"required": True, "content": {"application/json": content, "application/fhir+json": {"schema": schema}}}
    }


def _defined(name: str, adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """The schema of a type, and of every type in it, by name."""
    schema = adapter.json_schema(ref_template=REFERENCE)
    return {**schema.pop("$defs", {}), name: schema}


def install(app: FastAPI) -> None:
    """Let the application publish a document that has the request's schemas too."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
            )
            schemas = {**schema["components"]["schemas"], **_defined("PatientState", TypeAdapter(PatientState))}
            for name, described in (("ProblemOut", ProblemOut), ("Search", Search), ("Review", Review)):
                schemas |= _defined(name, TypeAdapter(described))
            schemas["PatientState"]["properties"]["as_of"].pop("default")  # today, which no document can name
            schema["components"]["schemas"] = dict(sorted(schemas.items()))
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way to extend the document
