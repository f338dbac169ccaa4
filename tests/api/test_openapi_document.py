"""The OpenAPI document: who reads only it knows every field, every unit, and has three patients to try."""

import json

import pytest

from service.patient.reading import read_patient
from tests.conftest import EXAMPLES


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


@pytest.fixture
def schemas(document):
    return document["components"]["schemas"]


def properties(schemas):
    for name, schema in schemas.items():
        for field, told in schema.get("properties", {}).items():
            yield f"{name}.{field}", told


def nodes(node):
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def body(document):
    return document["paths"]["/v1/assessments"]["post"]["requestBody"]["content"]["application/json"]


def is_numeric(told):
    return any(each.get("type") in {"number", "integer"} for each in [told, *told.get("anyOf", [])])


def test_the_document_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")


def test_the_document_is_made_once(client, document):
    assert client.app.openapi() is client.app.openapi()
    assert client.get("/openapi.json").json() == document


def test_every_route_of_the_contract_is_in_the_document(document):
    assert {(method, path) for path, operations in document["paths"].items() for method in operations} >= {
        ("post", "/v1/assessments"),
        ("get", "/v1/rules"),
        ("get", "/v1/rules/{name}"),
        ("get", "/v1/evidence"),
        ("get", "/v1/evidence/{id}"),
        ("get", "/livez"),
        ("get", "/readyz"),
    }


def test_every_property_has_a_description(schemas):
    """A property that is a part of its own may leave the description to that part."""
    described = {f"#/components/schemas/{name}" for name, schema in schemas.items() if schema.get("description")}
    bare = [where for where, told in properties(schemas) if not told.get("description") and told.get("$ref") not in described]
    assert bare == []


def test_every_property_has_an_example(schemas):
    assert [where for where, told in properties(schemas) if not told.get("examples")] == []


def test_every_numeric_property_states_its_unit(schemas):
    assert [where for where, told in properties(schemas) if is_numeric(told) and "Unit:" not in told.get("description", "")] == []


def test_no_reference_dangles(document, schemas):
    wanted = {node["$ref"] for node in nodes(document) if isinstance(node, dict) and isinstance(node.get("$ref"), str)}
    assert wanted <= {f"#/components/schemas/{name}" for name in schemas}


def test_no_schema_is_left_that_nothing_refers_to(document, schemas):
    wanted = {node["$ref"] for node in nodes(document) if isinstance(node, dict) and isinstance(node.get("$ref"), str)}
    assert {f"#/components/schemas/{name}" for name in schemas} <= wanted


def test_every_error_is_documented_as_the_problem_that_is_served(document):
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    in_fhir = path.startswith(("/fhir/", "/cds-services"))
                    served = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
                    assert (answer["content"] == served) != in_fhir, (path, status)
                    assert not in_fhir or set(answer["content"]) == {"application/fhir+json"}, (path, status)


def test_the_stock_refusal_of_the_framework_is_documented_nowhere(schemas):
    assert set(schemas) & {"HTTPValidationError", "ValidationError"} == set()


def test_the_body_is_required_and_is_a_patient_state(document):
    assert document["paths"]["/v1/assessments"]["post"]["requestBody"]["required"] is True
    assert body(document)["schema"] == {"$ref": "#/components/schemas/PatientState"}


def test_there_are_at_least_three_patients_to_try(document):
    assert len(body(document)["examples"]) >= 3


def test_the_first_patient_has_skeletal_metastases(document):
    first = next(iter(body(document)["examples"].values()))
    assert {"site": "bone", "lesion_count": 14} in first["value"]["disease"]["metastases"]


def test_each_patient_to_try_is_a_file_of_the_repository(document):
    files = {path.stem: json.loads(path.read_text("utf-8")) for path in EXAMPLES.glob("*.json")}
    assert {name: example["value"] for name, example in body(document)["examples"].items()} == files
    assert all(example["summary"] for example in body(document)["examples"].values())


def test_each_patient_to_try_is_a_patient(client, document):
    for example in body(document)["examples"].values():
        told = json.dumps(example["value"]).encode()
        assert read_patient(told, client.app.state.engine.today())
        assert client.assess(told).status_code == 200


def test_only_the_patient_is_required(schemas):
    assert schemas["PatientState"]["required"] == ["patient"]
    assert sorted(schemas["Person"]["required"]) == ["id", "sex"]


def test_no_part_of_a_request_allows_what_the_contract_does_not_name(schemas):
    assert schemas["PatientState"]["additionalProperties"] is False
    assert schemas["LaboratoryValue"]["additionalProperties"] is False


def test_a_default_is_of_the_type_that_it_stands_for(schemas):
    wrong = [
        where
        for where, told in properties(schemas)
        if "default" in told and told["default"] is None and {"type": "null"} not in told.get("anyOf", [])
    ]
    assert wrong == []


def test_the_service_says_that_it_is_no_medical_device(document):
    assert "Not a medical device" in document["info"]["description"]
    assert document["info"]["title"] == "prrt-cds"
    assert document["info"]["version"] == "0.1.0"
