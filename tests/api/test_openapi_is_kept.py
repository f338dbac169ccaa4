"""Whatever a generator of requests thinks of, the running service keeps its own OpenAPI document."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from service.app import create_app
from tests.conftest import root_logger_kept

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
with root_logger_kept():
    DOCUMENT = schemathesis.openapi.from_dict(create_app().openapi(), config=SchemathesisConfig(seed=20260310))


@DOCUMENT.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_every_route_answers_as_the_document_says(case, server):
    case.call_and_validate(base_url=server, checks=CHECKS)
