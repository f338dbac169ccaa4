"""What a form posts: read whole, in memory, and only if we gave the form out."""

import asyncio
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api import dependencies
from service.api.board.posted import MOST_FIELDS, MOST_FILES, MOST_HEAD_BYTES, UnreadableFormError, read_form
from service.settings import Settings
from tests.access.visiting import VISIT, Visitor, forgiven, visited, with_probe, without_models

URLENCODED, BOUNDARY = "application/x-www-form-urlencoded", "----WebKitFormBoundaryAbc123"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    with visited(Settings(data_dir=tmp_path_factory.mktemp("data"))) as service:
        yield service


@pytest.fixture
def service(opened):
    """A service that is open on the loopback."""
    return forgiven(opened)


@pytest.fixture
def visitor(service):
    return Visitor(service)


def part(disposition, content=b"x", more=b""):
    return (
        b"--"
        + BOUNDARY.encode()
        + b"\r\nContent-Disposition: form-data"
        + disposition
        + b"\r\n"
        + more
        + b"\r\n"
        + content
        + b"\r\n"
    )


END = b"--" + BOUNDARY.encode() + b"--\r\n"


def multipart(*parts, end=END):
    return b"".join(parts) + end


def test_a_form_is_read_as_it_was_filled_in(visitor):
    fields = {"csrf_token": visitor.token(), "patient": "Größe & mehr = 1+1\r\nzweite Zeile", "empty": ""}
    answer = visitor.post("/probe", fields)
    assert answer.json() == {"caller": "loopback", "fields": fields, "files": {}}


def test_a_form_with_a_file_is_read_as_it_was_sent(visitor):
    content = b"\x00\xff\r\n--almost" + BOUNDARY.encode() + b"\r\n\r\n"
    files = {"file": ('Größe "a".json', content, "application/json")}
    answer = visitor.post("/probe", {"csrf_token": visitor.token(), "patient": "Größe\n"}, files=files)
    assert answer.json()["fields"]["patient"] == "Größe\n"
    assert answer.json()["files"] == {"file": content.decode("latin-1")}


def test_nothing_of_a_large_file_is_written_to_a_disk(visitor, monkeypatch):
    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", lambda *_, **__: pytest.fail("was spooled"))
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", lambda *_, **__: pytest.fail("was written"))
    told = {"csrf_token": visitor.token()}
    assert visitor.post("/probe", told, files={"file": ("a", b"z" * 1000)}).status_code == 200


def test_a_file_that_was_not_chosen_is_not_there():
    body = multipart(part(b'; name="file"; filename=""', b"", b"Content-Type: application/octet-stream\r\n"), part(b'; name="a"'))
    assert read_form(MULTIPART, body) == read_form(URLENCODED, b"a=x")
    empty = read_form(MULTIPART, multipart(part(b'; name="file"; filename="a.json"', b"")))
    assert (dict(empty.fields), dict(empty.files)) == ({}, {"file": b""})


def test_neither_fields_nor_files_stand_in_a_repr():
    assert "zebra" not in repr(read_form(MULTIPART, multipart(part(b'; name="zebra"', b"zebra"))))


@pytest.mark.parametrize(
    "body",
    [
        b"a",
        b"a=1&&b=2",
        b"a=%FF",
        b"a=\xff",
        b"a=1&a=2",
        b"a=%C3%28",
        b"&".join(b"f%d=1" % number for number in range(MOST_FIELDS + 1)),
    ],
    ids=range(7),
)
def test_what_is_not_urlencoded_utf_8_with_each_field_once_is_refused(body):
    with pytest.raises(UnreadableFormError):
        read_form(URLENCODED, body)


GOOD = part(b'; name="a"')


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"zebra",
        b"before\r\n" + multipart(GOOD),
        multipart(GOOD, end=b""),
        multipart(GOOD)[:-4],
        multipart(GOOD, end=b"--" + BOUNDARY.encode() + b"--\r\nafter"),
        multipart(GOOD, end=b"--" + BOUNDARY.encode() + b"X--\r\n"),
        multipart(GOOD, GOOD),
        multipart(part(b'; name="a"; filename="b"'), part(b'; name="a"')),
        multipart(part(b"")),
        multipart(part(b"; name=a")),
        multipart(part(b'; name="\xff"')),
        multipart(part(b'; name="a"', b"\xff")),
        multipart(part(b'; name="a"', more=b'Content-Disposition: form-data; name="b"\r\n')),
        multipart(b"--" + BOUNDARY.encode() + b"\r\nContent-Type: text/plain\r\n\r\nx\r\n"),
        multipart(b"--" + BOUNDARY.encode() + b'\r\nContent-Disposition: form-data; name="a"\r\n'),
        multipart(*(part(b'; name="%d"; filename="x"' % number) for number in range(MOST_FILES + 1))),
        multipart(*(part(b'; name="%d"' % number) for number in range(MOST_FIELDS + 1))),
    ],
    ids=range(18),
)
def test_what_is_not_multipart_as_a_browser_writes_it_is_refused(body):
    with pytest.raises(UnreadableFormError):
        read_form(MULTIPART, body)


def test_what_stands_before_a_part_is_bounded():
    def headed(size):
        more = b"x: " + b"z" * (size - len(b'\r\nContent-Disposition: form-data; name="a"\r\nx: ')) + b"\r\n"
        return multipart(part(b'; name="a"', more=more))

    assert dict(read_form(MULTIPART, headed(MOST_HEAD_BYTES)).fields) == {"a": "x"}
    with pytest.raises(UnreadableFormError, match="8192 bytes"):
        read_form(MULTIPART, headed(MOST_HEAD_BYTES + 1))


@pytest.mark.parametrize("content_type", ["multipart/form-data; a=b", "multipart/form-data; boundary=", "multipart/form-data;"])
def test_without_a_boundary_nothing_is_read(content_type):
    with pytest.raises(UnreadableFormError, match="boundary"):
        read_form(content_type, multipart(GOOD))


def test_as_many_fields_and_files_as_are_allowed_are_read():
    fields = multipart(*(part(b'; name="%d"' % number) for number in range(MOST_FIELDS)))
    assert len(read_form(MULTIPART, fields).fields) == MOST_FIELDS
    files = multipart(*(part(b'; name="%d"; filename="x"' % number) for number in range(MOST_FILES)))
    assert len(read_form(MULTIPART, files).files) == MOST_FILES
    assert len(read_form(URLENCODED, b"&".join(b"f%d=1" % number for number in range(MOST_FIELDS))).fields) == MOST_FIELDS


@given(
    st.sampled_from([MULTIPART, URLENCODED]),
    st.lists(st.sampled_from([GOOD, b"\r\n", b"--", BOUNDARY.encode(), b"a=%", b"\xff", b"&", b"x"])),
)
def test_any_bytes_are_a_form_or_are_refused(content_type, pieces):
    try:
        posted = read_form(content_type, b"".join(pieces))
    except UnreadableFormError:
        return
    assert all(isinstance(value, str) for value in posted.fields.values())


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 415),
        ("text/plain", 415),
        ("", 415),
        ("multipart/mixed; boundary=a", 415),
        ("application/x-www-form-urlencoded; charset=latin-1", 415),
        ("application/x-www-form-urlencoded;charset=UTF-8", 200),
        ("multipart/form-data; boundary=a", 422),
    ],
)
def test_what_is_no_form_is_refused_by_what_it_says_it_is(visitor, content_type, status):
    body = f"csrf_token={visitor.token()}".encode()
    answer = visitor._asked("POST", "/probe", {"content_type": content_type}, content=body)
    assert answer.status_code == status


def test_a_form_that_is_too_large_or_too_slow_is_refused(visitor, monkeypatch):
    told = {"csrf_token": visitor.token(), "patient": "z" * 2000}
    assert visitor.post("/probe", told).status_code == 413
    monkeypatch.setattr(dependencies, "BODY_SECONDS", 0.01)

    async def slow():
        yield b"a=1"
        await asyncio.sleep(60)

    headers = {"content_type": URLENCODED}
    assert visitor._asked("POST", "/probe", headers, content=slow()).status_code == 408


def test_what_was_typed_is_in_no_refusal_and_in_no_log(visitor, service):
    for content in (b"zebra", b"zebra=1&zebra=2", b"a=zebra%FF"):
        answer = visitor._asked("POST", "/probe", {"content_type": URLENCODED}, content=content)
        assert (answer.status_code, "zebra" in answer.text) == (422, False)
    assert "zebra" not in service.log.getvalue()


def expired(answer):
    return answer.status_code == 403 and "The form has expired" in answer.text


def test_a_form_that_we_did_not_give_out_is_refused(visitor, service):
    token = visitor.token()
    for told in ({"a": "1"}, {"csrf_token": ""}, {"csrf_token": token[:-1]}, {"csrf_token": token + "a"}, {"csrf_token": "é"}):
        assert expired(visitor.post("/probe", told))
    other = Visitor(service)
    other.token()
    assert expired(other.post("/probe", {"csrf_token": token})), "the form of another browser"
    del visitor.cookies[VISIT]
    assert expired(visitor.post("/probe", {"csrf_token": token})), "a browser that sends no cookie"


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ({}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site"}, False),
        ({"origin": "http://127.0.0.1"}, True),
        ({"origin": "https://127.0.0.1"}, True),  # a proxy ended TLS
        ({"origin": "https://prrt.example", "host": "localhost"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "http://127.0.0.1:8001"}, False),
        ({"origin": "http://127.0.0.1.evil.example"}, False),
        ({"origin": "https://evil.example", "sec_fetch_site": "same-origin"}, False),
    ],
)
def test_what_a_browser_says_of_where_a_form_stood_counts(visitor, headers, is_let_in):
    answer = visitor.post("/probe", {"csrf_token": visitor.token()}, headers)
    assert answer.status_code == 200 if is_let_in else expired(answer)


def test_a_proxy_that_does_not_pass_the_host_on_is_known_by_the_public_address(start):
    visitor = Visitor(start(Settings(public_url="https://prrt.hospital.example/board/"), without_models))
    with_probe(visitor.service.app)
    told = {"csrf_token": visitor.token()}
    assert visitor.post("/probe", told, {"origin": "https://prrt.hospital.example"}).status_code == 200
    assert expired(visitor.post("/probe", told, {"origin": "https://prrt.hospital.example.evil.example"}))
    assert expired(visitor.post("/probe", told, {"origin": "http://prrt.hospital.example"}))
