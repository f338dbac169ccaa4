"""What was answered is found again exactly, what the board said of it stands beside it, and nothing is answered unrecorded."""

import asyncio
import json
import re
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine, text

from service.access.api_keys import new_key
from service.audit import recorder as recording
from service.audit.chain import verify
from service.audit.database import CHAIN_LOCK, FILE_NAME
from service.audit.entry import RecordUnavailableError
from service.audit.erasure import erase_before, erase_patient
from service.engine import Engine, build
from service.settings import Settings
from tests.audit.places import Place, draft, make_bare, upgrade
from tests.audit.waiting import until
from tests.conftest import EXAMPLES
from tests.postgres import running

PATIENT = "demo-017"
EXAMPLE = (EXAMPLES / "skeletal-metastases-cycle-3.json").read_bytes()
UNKNOWN = "0193f4c2-7a1e-7c3b-9d61-0f6f5a1b2c3d"
OF_A_PROBLEM = {"type", "title", "status", "detail", "errors"}
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def one_database() -> Iterator[str]:
    """The address of a PostgreSQL that one test after the other uses."""
    with running() as server:
        yield server.new_database()


@pytest.fixture
def bare(one_database) -> str:
    """The address of a PostgreSQL without any tables."""
    make_bare(one_database)
    return one_database


@cache
def engine() -> Engine:
    """One engine for all of these tests; building it takes longer than they do."""
    return build(Settings())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def where(request, tmp_path):
    """The settings of a service with an empty record."""
    if request.param == "sqlite":
        return {"data_dir": tmp_path / "data"}
    bare = request.getfixturevalue("bare")
    upgrade(bare)
    return {"database_url": bare}


@pytest.fixture
def service(start, where):
    """The service over an empty record."""
    return start(Settings(**where), lambda _: engine())


@pytest.fixture
def embedded(start):
    """The service over an empty record of its own: for what no database decides."""
    return start(Settings(requests_per_minute=100_000), lambda _: engine())


def small(patient_id=PATIENT):
    return {"patient": {"id": patient_id, "sex": "female"}}


def assessed(service, patient_id=PATIENT):
    """The id of a new assessment of a patient of whom little is known."""
    answer = service.assess(small(patient_id))
    assert answer.status_code == 200
    return answer.json()["id"]


def search(service, **told):
    return service.request("POST", "/v1/assessments/search", json={"patient_id": PATIENT, **told})


def found(service, **told):
    """The ids that a search finds, and where it goes on."""
    answer = search(service, **told)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return [each["id"] for each in answer.json()["assessments"]], answer.json()["next"]


def review(service, assessment_id, **told):
    body = {"decision": "agreed", "reviewer": "Dr. Example", **told}
    return service.request("POST", f"/v1/assessments/{assessment_id}/reviews", json=body)


def recorded(service):
    """Every entry of the record; the chain holds."""
    entries = list(service.app.state.recorder.store.every())
    assert verify(entries).findings == ()
    return entries


def kinds(service):
    return [entry.draft.kind for entry in recorded(service)]


def is_problem(answer, status, kind):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == OF_A_PROBLEM
    assert answer.json()["type"] == f"urn:prrt-cds:problem:{kind}"
    assert answer.json()["status"] == status
    return answer.json()


@contextmanager
def outside(where):
    """A connection to the record that is not the service's."""
    url = (
        f"sqlite:///{where['data_dir'] / FILE_NAME}"
        if "data_dir" in where
        else where["database_url"].replace("://", "+psycopg://")
    )
    with create_engine(url, poolclass=NullPool).connect() as connection:
        yield connection


@contextmanager
def chain_held(where):
    """While somebody else holds the chain, nothing can be recorded."""
    statement = "BEGIN IMMEDIATE" if "data_dir" in where else f"SELECT pg_advisory_lock({CHAIN_LOCK})"
    with outside(where) as connection:
        connection.execute(text(statement))
        yield


# What was answered


def test_a_stored_answer_is_what_was_answered_byte_by_byte(service):
    answered = service.assess(EXAMPLE)
    stored = service.get(f"/v1/assessments/{answered.json()['id']}")
    assert stored.status_code == 200
    assert stored.content == answered.content
    assert stored.headers["content-type"] == answered.headers["content-type"] == "application/json"


def test_a_request_is_kept_as_it_came_and_with_what_its_answer_depends_on(service):
    body = json.dumps(json.loads(EXAMPLE), indent=3).encode() + b"\n\n"
    answered = service.assess(body)
    (entry,) = recorded(service)
    assert entry.draft.request == body
    assert entry.draft.answer == answered.content
    assert (entry.draft.id, entry.draft.kind, entry.draft.caller) == (answered.json()["id"], "assessment", "loopback")
    assert (entry.draft.patient_id, entry.draft.subject, entry.draft.idempotency_key) == (PATIENT, None, None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", entry.draft.created_at)
    assert json.loads(entry.draft.ground) == {
        "knowledge": answered.json()["knowledge"],
        "artefacts": {name: digest for name, (_, digest) in engine().artefacts.items()},
        "defaults": {"ctcae_version": "5.0", "jurisdiction": "us"},
    }


@pytest.mark.parametrize("body", [b"", b"{}", b'{"patient": {"id": "demo"', b'{"patient": {"id": "demo", "sex": 4711}}'])
def test_what_is_refused_is_not_recorded(embedded, body):
    is_problem(embedded.assess(body), 422, "refused-request")
    assert recorded(embedded) == []


@pytest.mark.parametrize(
    "asked", [UNKNOWN, UNKNOWN.upper(), "1", "search", "0" * 1000, "%25", "%E2%80%A8", "%00", "%F0%9F%A6%93", "%FF"]
)
def test_an_id_that_no_assessment_has_is_not_found(service, asked):
    assessed(service)
    for answer in (
        service.get(f"/v1/assessments/{asked}"),
        service.get(f"/v1/assessments/{asked}/reviews"),
        review(service, asked),
    ):
        assert is_problem(answer, 404, "not-found")["detail"] == "No assessment has that id."
    assert kinds(service) == ["assessment"]


def test_what_is_no_assessment_is_not_found_among_them(service):
    first = assessed(service)
    review_id = review(service, first).json()["id"]
    is_problem(service.get(f"/v1/assessments/{review_id}"), 404, "not-found")
    is_problem(review(service, review_id), 404, "not-found")


# Who read what


def test_reading_is_recorded_with_who_read_and_what(service):
    first, second = assessed(service), assessed(service)
    service.get(f"/v1/assessments/{second}")
    service.get(f"/v1/assessments/{first}/reviews")
    assert kinds(service) == ["assessment", "assessment", "reading", "reading"]
    assert [(entry.draft.caller, entry.draft.subject) for entry in recorded(service)[2:]] == [
        ("loopback", second),
        ("loopback", first),
    ]
    assert {(entry.draft.patient_id, entry.draft.request, entry.draft.answer) for entry in recorded(service)[2:]} == {
        (None, b"", b"")
    }


def test_a_search_is_recorded_with_who_searched_and_for_whom_also_when_nothing_is_found(service):
    body = b'{"patient_id":  "nobody"}'
    answer = service.request("POST", "/v1/assessments/search", content=body, headers=JSON)
    assert answer.json() == {"assessments": [], "next": None}
    (entry,) = recorded(service)
    assert (entry.draft.kind, entry.draft.caller, entry.draft.patient_id) == ("search", "loopback", "nobody")
    assert (entry.draft.request, entry.draft.answer, entry.draft.subject) == (body, b"", None)


def test_the_record_names_the_caller_of_each_request(start, where, tmp_path):
    one, two = new_key("ward-one", ["assess", "read"]), new_key("ward-two", ["review", "read"])
    (tmp_path / "keys.yaml").write_text("keys:\n" + one.entry + two.entry, "utf-8")
    service = start(Settings(**where, api_keys_file=tmp_path / "keys.yaml"), lambda _: engine())

    def by(key, method, url, **how):
        return service.request(method, url, headers={"authorization": f"Bearer {key.secret}"}, **how)

    assessment_id = by(one, "POST", "/v1/assessments", json=small()).json()["id"]
    assert by(two, "GET", f"/v1/assessments/{assessment_id}").status_code == 200
    told_by_two = {"decision": "agreed", "reviewer": "Dr. Example"}
    assert by(two, "POST", f"/v1/assessments/{assessment_id}/reviews", json=told_by_two).status_code == 201
    assert by(one, "POST", f"/v1/assessments/{assessment_id}/reviews", json=told_by_two).status_code == 403
    assert by(one, "POST", "/v1/assessments/search", json={"patient_id": PATIENT}).status_code == 200
    assert [(entry.draft.kind, entry.draft.caller) for entry in recorded(service)] == [
        ("assessment", "api-key:ward-one"),
        ("reading", "api-key:ward-two"),
        ("review", "api-key:ward-two"),
        ("search", "api-key:ward-one"),
    ]


# Searching


def test_a_search_finds_the_assessments_of_a_patient_latest_first(service):
    ids = [assessed(service) for _ in range(3)]
    assessed(service, "another")
    assert found(service) == (ids[::-1], None)
    assert found(service, patient_id="another")[0] != []
    assert found(service, patient_id=PATIENT[:-1]) == ([], None)
    assert found(service, patient_id=PATIENT.upper()) == ([], None)


def test_what_is_found_is_told_in_short(service):
    answered = service.assess(EXAMPLE).json()
    nothing_known = service.assess(small()).json()
    assert search(service).json()["assessments"] == [
        {name: told[name] for name in ("id", "as_of", "created_at")} | {"next_cycle": told["next_cycle"]["decision"]}
        for told in (nothing_known, answered)
    ]


def test_an_assessment_without_a_next_cycle_is_told_in_short(service):
    told = service.assess(small()).json()
    (entry,) = recorded(service)
    store = service.app.state.recorder.store
    store.append([draft(patient_id="other", answer=json.dumps({**told, "next_cycle": None}).encode(), id=UNKNOWN)])
    assert search(service, patient_id="other").json()["assessments"] == [
        {"id": UNKNOWN, "as_of": told["as_of"], "created_at": told["created_at"], "next_cycle": None}
    ]
    assert entry.draft.id == told["id"]


def test_a_search_goes_on_where_the_one_before_ended(service):
    ids = [assessed(service) for _ in range(5)]
    assert found(service, limit=2) == ([ids[4], ids[3]], ids[3])
    assert found(service, limit=2, after=ids[3]) == ([ids[2], ids[1]], ids[1])
    assert found(service, limit=2, after=ids[1]) == ([ids[0]], None)
    assert found(service, limit=2, after=ids[0]) == ([], None)


@pytest.mark.parametrize("count", [1, 2])
def test_when_there_are_no_more_nothing_is_next(service, count):
    ids = [assessed(service) for _ in range(count)]
    assert found(service, limit=count) == (ids[::-1], None)


def test_the_bounds_of_a_search(service):
    ids = [assessed(service)]
    store, answer = service.app.state.recorder.store, recorded(service)[0].draft.answer
    store.append([draft(patient_id=PATIENT, answer=answer) for _ in range(100)])
    assert len(found(service)[0]) == 20
    assert len(found(service, limit=1)[0]) == 1
    hundred, last = found(service, limit=100)
    assert (len(hundred), last) == (100, hundred[-1])
    assert found(service, limit=100, after=last) == (ids, None)


@pytest.mark.parametrize("limit", [0, 101, -1, "20", 1.5, True, None])
def test_a_limit_out_of_bounds_is_refused(embedded, limit):
    problem = is_problem(search(embedded, limit=limit), 422, "refused-request")
    assert [error["pointer"] for error in problem["errors"]] == ["/limit"]
    assert recorded(embedded) == []


@pytest.mark.parametrize("after", ["", "zebra-4711", UNKNOWN.upper(), f"{UNKNOWN}\n", 4711])
def test_what_is_no_id_is_refused_as_the_place_to_go_on(embedded, after):
    answer = search(embedded, after=after)
    assert [error["pointer"] for error in is_problem(answer, 422, "refused-request")["errors"]] == ["/after"]
    assert not after or str(after).strip() not in answer.text
    assert recorded(embedded) == []


def test_a_search_does_not_go_on_after_what_is_not_of_the_patient(service):
    assessed(service)
    other = assessed(service, "another")
    assert found(service, after=other) == ([], None)
    assert found(service, after=UNKNOWN) == ([], None)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"patient_id": ""}', b'{"patient_id": "a\\u0000"}', b'{"patient_id": "a", "b": 1}']
)
def test_a_search_that_is_not_understood_is_refused_and_not_recorded(embedded, body):
    answer = embedded.request("POST", "/v1/assessments/search", content=body, headers=JSON)
    is_problem(answer, 422, "refused-request")
    assert recorded(embedded) == []


@pytest.mark.parametrize(("how", "status"), [({"content": b"{}", "headers": {"content-type": "text/plain"}}, 415)])
def test_a_search_or_a_review_that_is_not_json_is_refused(embedded, how, status):
    assessment_id = assessed(embedded)
    for url in ("/v1/assessments/search", f"/v1/assessments/{assessment_id}/reviews"):
        assert embedded.request("POST", url, **how).status_code == status


# Reviews


def test_the_board_agrees_without_a_reason(service):
    assessment_id = assessed(service)
    answer = review(service, assessment_id)
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", told.pop("id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", told.pop("created_at"))
    assert told == {"assessment_id": assessment_id, "decision": "agreed", "reason": None, "reviewer": "Dr. Example"}


def test_a_review_is_kept_as_it_came_and_as_it_was_answered(service):
    assessment_id = assessed(service)
    body = b'{"decision": "overridden",\n "reason": "\\u00fc 1", "reviewer": "Dr. \xc3\x9c"}'
    answer = service.request("POST", f"/v1/assessments/{assessment_id}/reviews", content=body, headers=JSON)
    assert answer.json()["reason"] == "ü 1"
    (_, entry) = recorded(service)
    assert (entry.draft.request, entry.draft.answer) == (body, answer.content)
    assert (entry.draft.id, entry.draft.kind, entry.draft.created_at) == (
        answer.json()["id"],
        "review",
        answer.json()["created_at"],
    )
    assert (entry.draft.caller, entry.draft.subject, entry.draft.patient_id) == ("loopback", assessment_id, PATIENT)


def test_reviews_are_listed_earliest_first_as_they_were_answered_and_change_nothing(service):
    assessment_id, other = assessed(service), assessed(service)
    answered = service.get(f"/v1/assessments/{assessment_id}").content
    reviews = [
        review(service, assessment_id).json(),
        review(service, assessment_id, decision="overridden", reason="Slow recovery.").json(),
        review(service, assessment_id, reason="Agreed again.").json(),
    ]
    assert service.get(f"/v1/assessments/{assessment_id}/reviews").json() == {"reviews": reviews}
    assert service.get(f"/v1/assessments/{other}/reviews").json() == {"reviews": []}
    assert service.get(f"/v1/assessments/{assessment_id}").content == answered


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"decision": "overridden"}, ""),
        ({"decision": "overridden", "reason": None}, ""),
        ({"decision": "overridden", "reason": ""}, "/reason"),
        ({"decision": "overridden", "reason": "x" * 2001}, "/reason"),
        ({"decision": "zebra-4711"}, "/decision"),
        ({"decision": None}, "/decision"),
        ({"reviewer": ""}, "/reviewer"),
        ({"reviewer": "zebra-4711\u001b[31m"}, "/reviewer"),
        ({"reviewer": "x" * 201}, "/reviewer"),
        ({"reason": 4711}, "/reason"),
        ({"reason": "zebra-4711\u202e"}, "/reason"),
        ({"reason": "zebra-4711\u0000"}, "/reason"),
        ({"reason": "zebra-4711\u001b[31m"}, "/reason"),
        ({"id": "zebra-4711"}, ""),
    ],
)
def test_a_review_that_is_not_understood_is_refused_and_not_recorded(embedded, told, pointer):
    answer = review(embedded, assessed(embedded), **told)
    assert [error["pointer"] for error in is_problem(answer, 422, "refused-request")["errors"]] == [pointer]
    assert "4711" not in answer.text
    assert kinds(embedded) == ["assessment"]


@pytest.mark.parametrize(
    "told",
    [{"decision": "overridden", "reason": "x"}, {"reason": "x" * 2000}, {"reviewer": "x" * 200}, {"reason": "ü\r\n\tx\ny"}],
)
def test_a_review_at_its_bounds_is_recorded(embedded, told):
    assert review(embedded, assessed(embedded), **told).status_code == 201
    assert kinds(embedded) == ["assessment", "review"]


# Erasing


def test_what_was_erased_is_gone_and_says_so(service):
    assessment_id, other = assessed(service), assessed(service, "another")
    review(service, assessment_id)
    erase_patient(service.app.state.recorder.store, PATIENT, "tester")
    before = kinds(service)
    for answer in (
        service.get(f"/v1/assessments/{assessment_id}"),
        service.get(f"/v1/assessments/{assessment_id}/reviews"),
        review(service, assessment_id),
    ):
        assert is_problem(answer, 410, "erased")["detail"] == "The assessment was erased from the record."
    assert kinds(service) == before
    assert found(service) == ([], None)
    assert service.get(f"/v1/assessments/{other}").status_code == 200


def test_a_review_that_was_erased_leaves_the_assessment_readable(service):
    assessment_id = assessed(service)
    store = service.app.state.recorder.store
    # Written by a process whose clock is behind, on the day before that of the assessment.
    store.append(
        [draft("review", subject=assessment_id, patient_id=PATIENT, answer=b"{}", created_at="2020-01-01T00:00:00.000000Z")]
    )
    assert erase_before(store, "2020-01-02", "tester") == 1
    later = review(service, assessment_id).json()
    answer = service.get(f"/v1/assessments/{assessment_id}/reviews")
    assert answer.status_code == 200
    assert answer.json() == {"reviews": [later]}


# Nothing is answered unrecorded


@pytest.fixture
def impatient(start, where, monkeypatch):
    """A service that waits only a little for its record."""
    monkeypatch.setattr(recording, "SECONDS_BETWEEN_TRIES", 0.02)
    return start(Settings(**where, record_seconds=0.2), lambda _: engine())


def test_while_nothing_can_be_recorded_nothing_is_answered_and_afterwards_it_is(impatient, where):
    assessment_id = assessed(impatient)
    answered = impatient.get(f"/v1/assessments/{assessment_id}").content
    with chain_held(where):
        for ask in (
            lambda: impatient.assess(EXAMPLE),
            lambda: impatient.assess(EXAMPLE),  # refused at once, now that it is known
            lambda: impatient.get(f"/v1/assessments/{assessment_id}"),
            lambda: impatient.get(f"/v1/assessments/{assessment_id}/reviews"),
            lambda: search(impatient),
            lambda: review(impatient, assessment_id),
        ):
            answer = ask()
            is_problem(answer, 503, "record-unavailable")
            assert answer.headers["retry-after"] == "5"
            assert PATIENT not in answer.text
            assert assessment_id not in answer.text
        ready = impatient.get("/readyz")
        assert is_problem(ready, 503, "not-ready")["detail"].startswith("The record could not be used (")
        assert ready.headers["retry-after"] == "5"
        assert impatient.get("/livez").status_code == 200
        assert kinds(impatient) == ["assessment", "reading"]
    until(lambda: impatient.get("/readyz").status_code == 200)
    assert impatient.get(f"/v1/assessments/{assessment_id}").content == answered
    assert impatient.assess(EXAMPLE).status_code == 200
    assert kinds(impatient) == ["assessment", "reading", "reading", "assessment"]


def test_a_record_that_cannot_be_read_is_told(service, where):
    assessment_id = assessed(service)
    with outside(where) as connection:
        connection.execute(text("ALTER TABLE entry RENAME TO another"))
        connection.commit()
        for answer in (
            service.get(f"/v1/assessments/{assessment_id}"),
            service.request("POST", "/v1/assessments", json=small(), headers={"idempotency-key": "one"}),
        ):
            is_problem(answer, 503, "record-unavailable")
            assert answer.headers["retry-after"] == "5"
        connection.execute(text("ALTER TABLE another RENAME TO entry"))
        connection.commit()
    for _ in range(200):  # it tries again by itself
        if service.get("/readyz").status_code == 200:
            break
        time.sleep(0.05)
    assert service.get(f"/v1/assessments/{assessment_id}").status_code == 200


def test_what_is_too_much_to_be_recorded_is_refused(service, monkeypatch):
    assessment_id = assessed(service)
    with monkeypatch.context() as patched:
        patched.setattr(recording, "MOST_WAITING", 0)
        for answer in (service.assess(EXAMPLE), service.get(f"/v1/assessments/{assessment_id}"), review(service, assessment_id)):
            is_problem(answer, 503, "overloaded")
            assert answer.headers["retry-after"] == "5"
        assert service.get("/readyz").status_code == 200
    assert kinds(service) == ["assessment"]
    assert service.assess(EXAMPLE).status_code == 200


def test_a_service_whose_record_cannot_be_opened_starts_answers_nothing_and_says_why(start, tmp_path):
    (tmp_path / "data").write_text("no folder", "utf-8")
    service = start(Settings(data_dir=tmp_path / "data"), lambda _: engine())
    assert is_problem(service.get("/readyz"), 503, "not-ready")["detail"] == "The record could not be used (FileExistsError)."
    is_problem(service.assess(EXAMPLE), 503, "record-unavailable")
    assert service.get("/livez").status_code == 200


@pytest.mark.postgres
def test_a_service_over_a_database_behind_its_version_waits_for_the_upgrade(start, bare, monkeypatch):
    monkeypatch.setattr(recording, "SECONDS_BETWEEN_TRIES", 0.02)
    service = start(Settings(database_url=bare), lambda _: engine())
    assert "`prrt-cds db upgrade`" in is_problem(service.get("/readyz"), 503, "not-ready")["detail"]
    assert "`prrt-cds db upgrade`" in is_problem(service.assess(EXAMPLE), 503, "record-unavailable")["detail"]
    upgrade(bare)
    until(lambda: service.get("/readyz").status_code == 200)
    assert service.assess(EXAMPLE).status_code == 200


# Nothing is shown that is not what was recorded


def changed(where, service, kind="assessment"):
    """Somebody changes, past the service, what the latest entry of a kind says."""
    entry = [entry for entry in recorded(service) if entry.draft.kind == kind][-1]
    answer = json.loads(entry.draft.answer) | {"notices": ["zebra-4711"], "as_of": "4711-01-01", "reviewer": "zebra-4711"}
    packed = zlib.compress(json.dumps(answer).encode())
    place = Place(where.get("data_dir"), where.get("database_url"))
    place.tamper("UPDATE entry SET answer = :answer WHERE id = :id", answer=packed, id=entry.draft.id)


def is_not_shown(answer):
    assert "4711" not in answer.text
    assert "`prrt-cds audit verify`" in is_problem(answer, 503, "record-unavailable")["detail"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda service, assessment_id: service.get(f"/v1/assessments/{assessment_id}"),
        lambda service, assessment_id: service.get(f"/v1/assessments/{assessment_id}/reviews"),
        review,
        lambda service, _: search(service),
        lambda service, _: keyed(service, "one"),
    ],
    ids=["reading", "reading its reviews", "reviewing", "searching", "asking again"],
)
def test_an_answer_that_somebody_changed_is_not_shown(service, where, ask):
    assessment_id = keyed(service, "one").json()["id"]
    changed(where, service)
    is_not_shown(ask(service, assessment_id))
    assert service.get("/readyz").status_code == 200
    assert service.assess(small()).status_code == 200


def test_an_entry_whose_header_somebody_changed_is_not_shown(service, where):
    assessment_id = assessed(service)
    Place(where.get("data_dir"), where.get("database_url")).tamper("UPDATE entry SET caller = 'somebody else'")
    is_not_shown(service.get(f"/v1/assessments/{assessment_id}"))


def test_a_review_that_somebody_changed_is_not_shown(service, where):
    assessment_id = assessed(service)
    review(service, assessment_id)
    changed(where, service, "review")
    is_not_shown(service.get(f"/v1/assessments/{assessment_id}/reviews"))


# The same request again


def keyed(service, key, body=EXAMPLE, **headers):
    return service.request("POST", "/v1/assessments", content=body, headers={**JSON, "idempotency-key": key, **headers})


def test_a_request_that_comes_again_with_its_key_gets_the_stored_answer(service):
    first, second = keyed(service, "order-4711"), keyed(service, "order-4711")
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["content-type"] == "application/json"
    (entry,) = recorded(service)
    assert "order-4711" not in repr(entry)


def test_another_key_or_none_is_another_assessment(service):
    answers = [keyed(service, "one"), keyed(service, "two"), service.assess(EXAMPLE), service.assess(EXAMPLE)]
    assert len({answer.json()["id"] for answer in answers}) == 4
    assert all("idempotency-replayed" not in answer.headers for answer in answers)


@pytest.mark.parametrize("body", [EXAMPLE + b"\n", json.dumps(small()).encode()])
def test_a_key_with_another_body_is_refused(service, body):
    keyed(service, "one")
    problem = is_problem(keyed(service, "one", body), 422, "idempotency-key-reused")
    assert problem["detail"] == "This Idempotency-Key came before with another request."
    assert kinds(service) == ["assessment"]


def test_the_key_of_another_caller_is_another_key(start, where, tmp_path):
    one, two = new_key("ward-one", ["assess"]), new_key("ward-two", ["assess"])
    (tmp_path / "keys.yaml").write_text("keys:\n" + one.entry + two.entry, "utf-8")
    service = start(Settings(**where, api_keys_file=tmp_path / "keys.yaml"), lambda _: engine())
    ids = [keyed(service, "one", authorization=f"Bearer {key.secret}").json()["id"] for key in (one, two, one)]
    assert ids[0] == ids[2] != ids[1]
    assert keyed(service, "one", b"{}", authorization=f"Bearer {two.secret}").status_code == 422


def test_a_key_is_free_again_when_its_assessment_was_erased(service):
    first = keyed(service, "one")
    erase_patient(service.app.state.recorder.store, PATIENT, "tester")
    second = keyed(service, "one", json.dumps(small()).encode())
    assert second.status_code == 200
    assert second.json()["id"] != first.json()["id"]
    assert "idempotency-replayed" not in second.headers


def at_once(service, *requests):
    """The answers to requests that come at the same time."""

    async def all_of_them():
        return await asyncio.gather(
            *(
                service._client.post("/v1/assessments", content=body, headers={**JSON, "idempotency-key": key})
                for key, body in requests
            )
        )

    return service._runner.run(all_of_them())


def test_the_same_request_many_times_at_once_is_one_assessment(service):
    answers = at_once(service, *[("one", EXAMPLE)] * 8)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sorted("idempotency-replayed" in answer.headers for answer in answers) == [False, *[True] * 7]
    assert kinds(service) == ["assessment"]


def test_one_key_with_two_bodies_at_once_is_one_assessment_and_one_refusal(service):
    answers = at_once(service, ("one", EXAMPLE), ("one", json.dumps(small()).encode()))
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    assert kinds(service) == ["assessment"]


def test_a_request_that_was_recorded_and_not_answered_is_found_by_its_key(service, monkeypatch):
    store = service.app.state.recorder.store
    monkeypatch.setattr(recording, "SECONDS_BETWEEN_TRIES", 0.02)
    append = store.append
    with monkeypatch.context() as patched:
        patched.setattr(store, "append", lambda drafts: append(drafts) and broken())
        is_problem(keyed(service, "one"), 503, "record-unavailable")
    until(lambda: service.get("/readyz").status_code == 200)
    (entry,) = recorded(service)
    again = keyed(service, "one")
    assert again.content == entry.draft.answer
    assert again.headers["idempotency-replayed"] == "true"


def broken():
    raise RecordUnavailableError("The connection broke.")


@pytest.mark.parametrize("key", ["x", "x" * 200, "!~", 'order:4711/"{}"'])
def test_a_key_of_visible_characters_is_accepted(embedded, key):
    assert keyed(embedded, key).status_code == 200
    assert keyed(embedded, key).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    "key", ["", " ", "x" * 201, "zebra 4711", "zebra\t4711", "zebra-4711\x7f", b"zebra-4711\xc3\xbc", b"\x00zebra-4711"]
)
def test_a_key_that_is_none_is_refused_and_not_repeated(embedded, key):
    answer = keyed(embedded, key)
    problem = is_problem(answer, 422, "refused-request")
    assert problem["detail"] == "Idempotency-Key must be 1 to 200 visible characters."
    assert "zebra" not in answer.text
    assert recorded(embedded) == []


# Nothing of a patient is seen where it does not belong


CANARIES = st.integers(471_100_000_000, 471_199_999_999)
deterministic = settings(
    max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
REQUESTS = [
    lambda client, name: client.get(f"/v1/assessments/{name}"),
    lambda client, name: client.get(f"/v1/assessments/{name}/reviews?patient={name}"),
    review,
    lambda client, name: review(client, client.known, reviewer=f"{name}\n"),
    lambda client, name: review(client, client.known, decision=name),
    lambda client, name: review(client, client.known, decision="overridden", reason=[name]),
    lambda client, name: review(client, client.known, **{name: name}),
    lambda client, name: review(client, client.known, reviewer=name, reason=name),
    lambda client, name: search(client, patient_id=name),
    lambda client, name: search(client, patient_id=f"{name}\n"),
    lambda client, name: search(client, after=name),
    lambda client, name: search(client, limit=name),
    lambda client, name: search(client, **{name: name}),
    lambda client, name: client.request(
        "POST", "/v1/assessments/search", content=f'{{"patient_id": {name}'.encode(), headers=JSON
    ),
    lambda client, name: keyed(client, name, json.dumps(small(name)).encode()),
    lambda client, name: keyed(client, client.known, json.dumps(small(name)).encode()),
    lambda client, name: keyed(client, f"{name} "),
]


@deterministic
@given(asks=st.lists(st.tuples(st.sampled_from(REQUESTS), CANARIES), min_size=1, max_size=4), failing=st.booleans())
def test_no_value_of_a_request_is_seen_in_a_log_line_or_an_error(embedded, asks, failing):
    if not hasattr(embedded, "known"):
        embedded.known = assessed(embedded)
        keyed(embedded, embedded.known)
    store = embedded.app.state.recorder.store
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(recording, "SECONDS_BETWEEN_TRIES", 0.001)
        if failing:
            patched.setattr(store, "append", lambda drafts: (_ for _ in ()).throw(ValueError(repr(drafts))))
        for ask, number in asks:
            answer = ask(embedded, f"Zebra-{number}")
            assert answer.status_code < 500 or failing
            assert answer.status_code < 300 or "Zebra" not in answer.text
            log = embedded.log.getvalue()
            for canary in (str(number), "Zebra", PATIENT, embedded.known):
                assert canary not in log
    until(lambda: embedded.get("/readyz").status_code == 200)


def test_a_crash_in_these_routes_shows_nothing(embedded, monkeypatch):
    assessment_id = assessed(embedded, "zebra-4711")
    monkeypatch.setattr(
        embedded.app.state.recorder.store, "find", lambda *_: (_ for _ in ()).throw(ZeroDivisionError("zebra-4711"))
    )
    answer = embedded.get(f"/v1/assessments/{assessment_id}")
    is_problem(answer, 500, "internal-error")
    assert "zebra" not in answer.text + embedded.log.getvalue()
    assert assessment_id not in answer.text + embedded.log.getvalue()
