"""`prrt-cds serve`: HTTP, on the loopback unless told otherwise."""

import json

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

import service.cli.serving as serving_module
from service.cli.main import app
from tests.conftest import serving


@pytest.fixture
def served(monkeypatch):
    """How uvicorn was configured to serve, and whether the application may be open."""
    told = {}

    def application(_, *, open_on_loopback):
        told["open_on_loopback"] = open_on_loopback
        return FastAPI()

    monkeypatch.setattr(serving_module, "create_app", application)
    monkeypatch.setattr(serving_module.DrainingServer, "run", lambda server: told.update(vars(server.config)))
    return told


def test_the_service_listens_on_the_loopback(served):
    assert CliRunner().invoke(app, ["serve"]).exit_code == 0
    assert (served["host"], served["port"]) == ("127.0.0.1", 8000)


def test_address_and_port_are_options(served):
    assert CliRunner().invoke(app, ["serve", "--host", "0.0.0.0", "--port", "8080"]).exit_code == 0  # noqa: S104
    assert (served["host"], served["port"]) == ("0.0.0.0", 8080)  # noqa: S104


@pytest.mark.parametrize(
    ("host", "may_be_open"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104
        ("10.0.0.1", False),
        ("::", False),
        ("localhost.example", False),
    ],
)
def test_only_on_a_loopback_address_it_may_be_open(served, host, may_be_open):
    CliRunner().invoke(app, ["serve", "--host", host])
    assert served["open_on_loopback"] is may_be_open


def test_the_port_may_come_from_the_environment(served, monkeypatch):
    monkeypatch.setenv("PORT", "8081")
    assert CliRunner().invoke(app, ["serve"]).exit_code == 0
    assert served["port"] == 8081


@pytest.mark.parametrize(("name", "value"), [("PRRT_MAX_BODY_BYTES", "many"), ("PRRT_DATABASE_URL", "mysql://app@host/name")])
def test_a_setting_that_cannot_be_used_is_named_and_not_repeated(served, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    found = CliRunner().invoke(app, ["serve"])
    assert (found.exit_code, served) == (2, {})
    assert name in found.stderr
    assert value not in found.stderr


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
