"""The service without HTTP, and its settings."""

from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from pydantic import ValidationError

import service
from service import engine as engine_module
from service.engine import build
from service.patient.reading import RefusedRequest
from service.rules import RULES
from service.settings import Settings
from tests.conftest import EXAMPLES


class StandingClock:
    """Half an hour before midnight in UTC, always."""

    @staticmethod
    def now(zone):
        return datetime(2026, 3, 10, 23, 30, tzinfo=UTC).astimezone(zone)


def test_an_engine_holds_every_rule_by_name():
    engine = build(Settings())
    assert engine.rules == RULES
    assert list(engine.rules_by_name) == [rule.name for rule in RULES]


def test_an_engine_says_which_service_and_rules_it_is():
    knowledge = build(Settings()).knowledge
    assert knowledge.service == version("prrt-cds")
    assert len(knowledge.rules.removeprefix("sha256:")) == 64
    assert knowledge.models == {
        "overall_survival": "1.0.0",
        "progression_free_survival": "1.0.0",
        "response_at_completion": "1.0.0",
        "mibg_overall_survival": "1.0.0",
    }


def test_two_engines_of_one_service_have_the_same_rules():
    assert build(Settings()).knowledge == build(Settings()).knowledge


def test_what_an_engine_holds_depends_on_no_setting_but_the_folder_of_the_models():
    """So that the tests may build one for all of them."""
    told = Settings(time_zone="Asia/Kolkata", ctcae_version="6.0", jurisdiction="eu")
    one, other = build(Settings()), build(told)
    assert (other.rules, other.knowledge, other.artefacts) == (one.rules, one.knowledge, one.artefacts)
    assert other.settings == told


def contents(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / name.replace("__", ".")).write_text(text, "utf-8")
    return engine_module._contents(tmp_path, "rules")


def test_what_an_answer_depends_on_is_code_and_records_and_nothing_else(tmp_path):
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "c.yaml").write_text("c", "utf-8")
    found = contents(tmp_path, b__py="b", a__yaml="a", notes__txt="x", a__pyc="y")
    assert found == [("rules/a.yaml", b"a"), ("rules/b.py", b"b"), ("rules/deeper/c.yaml", b"c")]


def test_a_changed_record_changes_the_version_of_the_rules(tmp_path, monkeypatch):
    for folder in ("evidence", "facts", "rules", "terminology"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.yaml").write_text("1", "utf-8")
    monkeypatch.setattr(engine_module, "files", lambda _: tmp_path)
    before = build(Settings()).knowledge.rules
    (tmp_path / "evidence" / "a.yaml").write_text("2", "utf-8")
    assert build(Settings()).knowledge.rules != before


def test_the_day_is_today_in_the_configured_time_zone(monkeypatch):
    monkeypatch.setattr(engine_module, "datetime", StandingClock)
    told = b'{"patient": {"id": "demo", "sex": "female"}}'
    assert build(Settings()).read(told).as_of == date(2026, 3, 10)
    assert build(Settings(time_zone="Asia/Kolkata")).read(told).as_of == date(2026, 3, 11)


def test_what_is_no_patient_is_refused():
    with pytest.raises(RefusedRequest):
        build(Settings()).read(b"{}")


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_rule_answers_on_every_example_with_a_row_of_its_record(example):
    engine = build(Settings())
    assessment = engine.assess(engine.read(example.read_bytes()))
    assert [verdict.rule for verdict in assessment.verdicts] == [rule.name for rule in RULES]
    for verdict in assessment.verdicts:
        rows = {row.id: row.answer for row in verdict.record.decisions}
        assert rows[verdict.answer.decision] == " ".join(filter(None, (verdict.answer.status, verdict.answer.urgency)))


def test_each_assessment_has_an_id_and_a_time_of_its_own():
    engine = build(Settings())
    state = engine.read(b'{"as_of": "2026-03-10", "patient": {"id": "demo", "sex": "female"}}')
    first, second = engine.assess(state), engine.assess(state)
    assert first.id != second.id
    assert first.created_at.tzinfo is not None
    assert first.as_of == date(2026, 3, 10)


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("PRRT_TIME_ZONE", "Asia/Kolkata")
    monkeypatch.setenv("PRRT_CTCAE_VERSION", "6.0")
    monkeypatch.setenv("PRRT_JURISDICTION", "eu")
    monkeypatch.setenv("PRRT_MAX_BODY_BYTES", "2048")
    settings = Settings()
    assert settings == Settings(time_zone="Asia/Kolkata", ctcae_version="6.0", jurisdiction="eu", max_body_bytes=2048)


def test_without_an_environment_the_settings_are_those_of_the_table(monkeypatch):
    monkeypatch.delenv("PRRT_DATA_DIR")
    assert Settings().model_dump() == {
        "models_dir": Path(service.__file__).parent.parent / "models",
        "data_dir": Path(service.__file__).parent.parent / "data",
        "database_url": None,
        "record_seconds": 5,
        "public_url": None,
        "api_keys_file": None,
        "oidc_issuer": None,
        "oidc_audience": "prrt-cds",
        "oidc_jwks": None,
        "oidc_allowed_hosts": "",
        "max_in_flight": 64,
        "requests_per_minute": 600,
        "drain_seconds": 0,
        "time_zone": "UTC",
        "ctcae_version": "5.0",
        "jurisdiction": "us",
        "max_body_bytes": 1_048_576,
        "cds_issuers": "",
        "cds_jkus": "",
        "cds_jwks_file": None,
        "cors_origins": "",
        "fhir_allowed_hosts": "",
        "fhir_seconds": 2,
        "max_fhir_bytes": 16_777_216,
        "session_secret": None,
        "oidc_client_id": None,
        "oidc_client_secret": None,
        "oidc_authorize_url": None,
        "oidc_token_url": None,
        "oidc_scopes": "openid assess read review",
    }


def test_a_list_is_separated_by_commas_and_empty_entries_are_none():
    settings = Settings(cors_origins=" https://a.example,, https://b.example ,")
    assert settings.listed("cors_origins") == {"https://a.example", "https://b.example"}
    assert settings.listed("cds_issuers") == frozenset()


@pytest.mark.parametrize("origins", ["*", "https://a.example/", "a.example", "https://*.example", "https://a.example b.example"])
def test_what_is_no_origin_is_refused(origins):
    with pytest.raises(ValidationError):
        Settings(cors_origins=origins)


def test_settings_are_frozen():
    with pytest.raises(ValidationError):
        Settings().time_zone = "Asia/Kolkata"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../UTC", "", "America"])
def test_a_time_zone_that_does_not_exist_is_refused(zone):
    with pytest.raises(ValidationError):
        Settings(time_zone=zone)


def test_a_body_smaller_than_any_patient_is_no_limit():
    with pytest.raises(ValidationError):
        Settings(max_body_bytes=1023)


def test_every_setting_is_described():
    assert all(field.description for field in Settings.model_fields.values())
