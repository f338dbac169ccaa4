"""Only allow-listed keys are ever written, whoever logs and whatever is said."""

import json
import logging
from contextlib import redirect_stdout
from io import StringIO

import pytest
import structlog

from service.logs import ALLOWED_KEYS, configure_logs

CANARY = "zebra-4711"


@pytest.fixture
def log():
    with redirect_stdout(StringIO()) as written:
        configure_logs()
    return written


def lines(log):
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_the_time_and_the_logger(log):
    structlog.get_logger("service.test").info("request", status=200)
    (line,) = lines(log)
    assert line.keys() == {"event", "level", "timestamp", "logger", "status"}
    assert (line["event"], line["level"], line["logger"], line["status"]) == ("request", "info", "service.test", 200)
    assert line["timestamp"].endswith("Z")


def test_a_key_that_is_not_allowed_is_not_written(log):
    structlog.get_logger("service.test").info("request", patient=CANARY, body={"id": CANARY}, status=200)
    assert CANARY not in log.getvalue()
    assert lines(log)[0]["status"] == 200


def test_a_bound_key_that_is_not_allowed_is_not_written(log):
    structlog.get_logger("service.test").bind(patient=CANARY).warning("request")
    assert CANARY not in log.getvalue()


def test_the_exception_of_a_line_is_not_written(log):
    try:
        int(CANARY)
    except ValueError:
        structlog.get_logger("service.test").exception("crash")
        logging.getLogger("somebody.else").exception("crash")
    assert CANARY not in log.getvalue()
    assert [line.keys() <= ALLOWED_KEYS for line in lines(log)] == [True, True]


def test_the_stack_of_a_line_is_not_written(log):
    logging.getLogger("somebody.else").warning("look", stack_info=True)
    structlog.get_logger("service.test").warning("look", stack_info=True)
    assert len(log.getvalue().splitlines()) == 2
    assert "Stack" not in log.getvalue()


def test_what_a_library_adds_to_its_line_is_not_written(log):
    logging.getLogger("somebody.else").warning("it is %s", "said", extra={"patient": CANARY})
    assert lines(log)[0]["event"] == "it is said"
    assert lines(log)[0]["logger"] == "somebody.else"
    assert CANARY not in log.getvalue()


def test_a_line_that_is_finer_than_info_is_not_written(log):
    logging.getLogger("somebody.else").debug(CANARY)
    assert log.getvalue() == ""


def test_the_access_log_of_the_server_is_silent(log):
    logging.getLogger("uvicorn.access").warning("GET /?patient=%s", CANARY)
    assert log.getvalue() == ""


def test_a_line_break_in_a_value_does_not_make_a_second_line(log):
    structlog.get_logger("service.test").info("request", route="/\n{}\u2028", status=200)
    assert len(lines(log)) == 1


def test_configuring_twice_writes_each_line_once(log):
    with redirect_stdout(StringIO()) as written:
        configure_logs()
    structlog.get_logger("service.test").info("request")
    assert log.getvalue() == ""
    assert len(lines(written)) == 1
