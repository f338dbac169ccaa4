"""What is said in the log, as the service writes it."""

from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO

import pytest

from service.logs import configure_logs
from tests.conftest import root_logger_kept


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Every line so far."""
    with root_logger_kept():
        with redirect_stdout(StringIO()) as text:
            configure_logs()
        yield text
