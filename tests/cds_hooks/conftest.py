"""The service on the day of the kit, with an engine that is built once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from service.settings import Settings
from tests.cds_hooks.calling import KIT, cards, engine_of_the_day, kit
from tests.cds_hooks.fhir_server import HOST, Ehr, serving_ehr
from tests.cds_hooks.fhir_server import kit as call_of_the_kit
from tests.conftest import InProcess, root_logger_kept

OFTEN = 1_000_000


@pytest.fixture
def service(start: Callable[..., InProcess]) -> InProcess:
    """A service over an empty record, that may ask the FHIR server of the EHR."""
    return start(Settings(requests_per_minute=OFTEN, fhir_allowed_hosts=HOST), engine_of_the_day)


@pytest.fixture
def ehr() -> Iterator[Ehr]:
    """The FHIR server of an EHR, which holds what the kit sends along."""
    with serving_ehr(call_of_the_kit()["prefetch"]) as ehr:
        yield ehr


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    """A service for all tests that look at answers alone."""
    settings = Settings(requests_per_minute=OFTEN, data_dir=tmp_path_factory.mktemp("shared"))
    with ExitStack() as started:
        with root_logger_kept():  # it outlives the test that starts it
            called = started.enter_context(InProcess(settings, engine_of_the_day))
        yield called


@pytest.fixture(scope="session")
def of_the_kit(shared: InProcess) -> dict[str, list[dict[str, Any]]]:
    """The cards of every call of the kit."""
    return {name: cards(shared, kit(name)) for name in KIT}
