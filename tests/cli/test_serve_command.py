"""`prrt-cds serve`: HTTP, on the loopback unless told otherwise."""

import json

import httpx
import pytest
import uvicorn
from typer.testing import CliRunner

from service.cli.main import app
from tests.conftest import serving


@pytest.fixture
def served(monkeypatch):
    """What uvicorn was asked to serve."""
    told = {}
    monkeypatch.setattr(uvicorn, "run", lambda application, **how: told.update(how, application=application))
    return told


def test_the_service_listens_on_the_loopback(served):
    assert CliRunner().invoke(app, ["serve"]).exit_code == 0
    assert (served["host"], served["port"]) == ("127.0.0.1", 8000)
    assert served["application"] == "service.app:create_app"
    assert served["factory"] is True


def test_address_and_port_are_options(served):
    assert CliRunner().invoke(app, ["serve", "--host", "0.0.0.0", "--port", "8080"]).exit_code == 0  # noqa: S104
    assert (served["host"], served["port"]) == ("0.0.0.0", 8080)  # noqa: S104


def test_the_port_may_come_from_the_environment(served, monkeypatch):
    monkeypatch.setenv("PORT", "8081")
    assert CliRunner().invoke(app, ["serve"]).exit_code == 0
    assert served["port"] == 8081


def test_no_line_of_the_server_goes_around_the_allow_list(served):
    CliRunner().invoke(app, ["serve"])
    assert served["log_config"] is None
    assert served["access_log"] is False


def test_the_server_does_not_say_what_it_is_made_of(server):
    assert "server" not in httpx.get(f"{server}/livez").headers


def test_the_running_server_assesses(server, skeletal):
    answer = httpx.post(f"{server}/v1/assessments", json=skeletal)
    assert answer.status_code == 200
    assert answer.json()["recommendations"][0]["rule"] == "alkaline_phosphatase"


def test_each_line_that_the_server_prints_is_json(tmp_path):
    with serving(tmp_path) as (server, output):
        httpx.get(f"{server}/livez")
    events = [json.loads(line)["event"] for line in output.read_text("utf-8").splitlines()]
    assert "request" in events
    assert "Application shutdown complete." in events
