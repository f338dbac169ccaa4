"""No request and no token goes anywhere but to an allowed FHIR server, over https or on the loopback."""

import json
import logging
from base64 import b64encode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cds_hooks.catalogue import PREFETCH
from service.cds_hooks.fhir_server import FhirServer, NotFetchedError
from service.settings import Settings
from tests.cds_hooks.fhir_server import (
    HOST,
    TOKEN,
    as_json,
    call,
    cards,
    details,
    fetched,
    kit,
    outcome,
    page,
    redirecting,
    server_at,
    serving_ehr,
    whole_record,
    with_server,
)
from tests.conftest import environment_with, serving

ALLOWED = "fhir.hospital.example"
LABORATORY = kit()["prefetch"]["laboratory"]


@pytest.fixture
def evil():
    """A server that holds the same, at a host that is not allowed: the same machine under another name."""
    with serving_ehr(kit()["prefetch"]) as evil:
        yield evil


def elsewhere(evil, path="/fhir"):
    return f"http://localhost:{evil.port}{path}"


def is_not_asked(service, base, *servers):
    """Whether a call that names this server is answered from its prefetch alone, and says that something is missing."""
    answer = call(service, with_server(kit(), base, "laboratory"))
    assert "Not used: `prefetch laboratory`" in details(answer)
    return not any(server.asked for server in servers)


def test_without_allowed_hosts_no_server_is_asked(start, ehr):
    assert is_not_asked(start(Settings()), ehr.base, ehr)


def test_a_host_that_is_not_allowed_is_not_asked(service, evil):
    assert is_not_asked(service, elsewhere(evil), evil)


def test_one_name_of_the_loopback_does_not_allow_another(start, ehr):
    service = start(Settings(fhir_allowed_hosts="localhost"))
    assert is_not_asked(service, ehr.base, ehr)
    assert cards(call(service, with_server(kit(), elsewhere(ehr), "laboratory"))) == cards(call(service, kit()))


@pytest.mark.parametrize(
    "base",
    [
        "http://user@127.0.0.1:{port}/fhir",
        "http://user:word@127.0.0.1:{port}/fhir",
        "http://127.0.0.1:{port}@localhost:{port}/fhir",
        "http://127.0.0.1@localhost:{port}/fhir",
        "http://localhost:{port}\\@127.0.0.1:{port}/fhir",
        "http://localhost:{port}#@127.0.0.1:{port}/fhir",
        "http://localhost:{port}?@127.0.0.1:{port}/fhir",
        "http://127.0.0.1.:{port}/fhir",
        "http://127.0.0.1:{port}/fhir?",
        "http://127.0.0.1:{port}/fhir?x=1",
        "http://127.0.0.1:{port}/fhir#x",
        "http://127.1:{port}/fhir",
        "http://2130706433:{port}/fhir",
        "http://0x7f000001:{port}/fhir",
        "http://0177.0.0.1:{port}/fhir",
        "http://127.0.0.2:{port}/fhir",
        "http://[::ffff:127.0.0.1]:{port}/fhir",
        "http://[::1]:{port}/fhir",
        "http://0.0.0.0:{port}/fhir",
        "ftp://127.0.0.1:{port}/fhir",
        "file:///etc/passwd",
        "//127.0.0.1:{port}/fhir",
        "127.0.0.1:{port}/fhir",
        "javascript:alert(1)",
        "data:application/json,{{}}",
        "",
        " ",
        "http://",
        "http://[",
        "http://127.0.0.1:99999999/fhir",
        "http://127.0.0.1:port/fhir",
        "http://127.0.0.1\x00:{port}/fhir",
        "http://127.0.0.1:{port}/fhir\r\nX: y",
        "x" * 100_000,
    ],
)
def test_an_address_with_a_trick_is_not_asked(service, ehr, base):
    answer = call(service, with_server(kit(), base.format(port=ehr.port), "laboratory"))
    said = details(answer)
    # What an address may be read as, it must be read as harmless: asked for nothing, or as that very server.
    assert "Not used: `prefetch laboratory`" in said
    assert ehr.asked == []


@pytest.mark.parametrize("base", [7, None, [], {"a": 1}, True], ids=repr)
def test_an_address_that_is_no_text_is_none(service, base):
    answer = call(service, with_server(kit(), base, "laboratory"))
    assert answer.status_code in {200, 400}


@pytest.mark.parametrize(
    "address",
    [
        f"https://{ALLOWED}",
        f"https://{ALLOWED}/",
        f"https://{ALLOWED}/fhir/r4",
        f"https://{ALLOWED}:443/fhir",
        f"HTTPS://{ALLOWED.upper()}/fhir",
    ],
)
def test_an_allowed_host_over_https_may_be_asked(address):
    server = server_at(None, address, [ALLOWED])
    assert server is not None
    assert (server.base.scheme, server.base.host) == ("https", ALLOWED)
    assert server.base.path.endswith("/")


@pytest.mark.parametrize(
    "address",
    [
        f"http://{ALLOWED}/fhir",
        f"http://{ALLOWED}:443/fhir",
        f"ws://{ALLOWED}/fhir",
        f"https://user@{ALLOWED}/fhir",
        f"https://@{ALLOWED}@evil.example/fhir",
        f"https://{ALLOWED}@evil.example/fhir",
        f"https://evil.example/{ALLOWED}",
        f"https://evil.example#{ALLOWED}",
        f"https://evil.example?{ALLOWED}",
        f"https://evil.example\\{ALLOWED}",
        f"https://evil.example\\.{ALLOWED}",
        f"https://{ALLOWED}.",
        f"https://{ALLOWED}..",
        f"https://{ALLOWED}.evil.example",
        f"https://evil-{ALLOWED}",
        f"https://x.{ALLOWED}",
        f"https://{ALLOWED}%00.evil.example",
        f"https://{ALLOWED}%2eevil.example",
        f"https://{ALLOWED}%2f.evil.example",
        f"https://{ALLOWED}:443:80/",
        "https://[::1]/fhir",
        "https://169.254.169.254/latest/meta-data",
        "https:///fhir",
        f"https:/{ALLOWED}/fhir",
        f"https:{ALLOWED}/fhir",
    ],
)
def test_any_other_address_may_not_be_asked(address):
    server = server_at(None, address, [ALLOWED])
    assert server is None, server


@pytest.mark.parametrize(
    ("address", "entry", "may"),
    [
        (f"https://{ALLOWED}:8443/fhir", ALLOWED, False),
        (f"https://{ALLOWED}:8443/fhir", f"{ALLOWED}:8443", True),
        (f"https://{ALLOWED}:8444/fhir", f"{ALLOWED}:8443", False),
        (f"https://{ALLOWED}/fhir", f"{ALLOWED}:8443", False),
        (f"https://{ALLOWED}/fhir", f"{ALLOWED}:443", True),
        (f"https://{ALLOWED}/fhir", f"{ALLOWED}:", False),
        (f"https://{ALLOWED}/fhir", ":443", False),
        (f"http://{HOST}:8080/fhir", HOST, True),
        (f"http://{HOST}:8080/fhir", f"{HOST}:8081", False),
        (f"http://{HOST}/fhir", f"{HOST}:80", True),
        ("https://[2001:db8::1]:8443/fhir", "[2001:db8::1]:8443", True),
        ("https://[2001:db8::1]/fhir", "2001:db8::1", True),
        ("https://[2001:db8::1]:8443/fhir", "2001:db8::1", False),
    ],
)
def test_a_port_is_allowed_where_its_entry_names_it_and_without_one_that_of_the_scheme(address, entry, may):
    assert (server_at(None, address, [entry]) is not None) == may


@pytest.mark.parametrize("host", ["[::1]", "::1"])
def test_an_address_of_version_6_may_be_allowed_as_people_write_it(host):
    assert server_at(None, "http://[::1]:8080/fhir", [host]) is not None
    assert server_at(None, "https://[::2]/fhir", [host]) is None


def test_a_host_is_allowed_however_the_setting_is_spelled(start, ehr):
    service = start(Settings(fhir_allowed_hosts=f" {HOST.upper()} , LocalHost,"))
    assert cards(call(service, with_server(kit(), elsewhere(ehr), "laboratory"))) == cards(call(service, kit()))


@given(st.text() | st.text("https:/@[].#?%\\:0123456789" + ALLOWED, max_size=80).map(lambda text: f"https://{text}"))
def test_whatever_stands_as_an_address_it_is_an_allowed_one_or_none(address):
    server = server_at(None, address, [ALLOWED])
    assert server is None or (server.base.scheme, server.base.host, server.base.userinfo) == ("https", ALLOWED, b"")


def test_the_token_does_not_stand_in_the_repr_of_a_server():
    assert TOKEN not in repr(server_at(None, f"https://{ALLOWED}/fhir", [ALLOWED]))


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("key", ["patient", "laboratory"])
def test_a_redirect_is_not_followed(service, ehr, evil, status, key):
    ehr.says[key] = redirecting(elsewhere(evil, "/fhir/Patient/demo-017"), status)
    answer = call(service, with_server(kit(), ehr.base, key))
    assert answer.status_code == (412 if key == "patient" else 200)
    assert (len(ehr.asked), evil.asked) == (1, [])
    assert str(evil.port) not in answer.text


@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_to_the_same_server_is_not_followed_either(service, ehr, status):
    ehr.says["laboratory"] = redirecting(f"{ehr.base}/page-2", status)
    ehr.says["page-2"] = as_json(LABORATORY)
    assert "Not used: `prefetch laboratory`" in details(call(service, with_server(kit(), ehr.base, "laboratory")))
    assert ehr.keys == ["laboratory"]


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:{evil}/fhir/page-2",
        "http://127.0.0.1:{evil}/fhir/page-2",
        "//localhost:{evil}/fhir/page-2",
        "//127.0.0.1:{evil}/fhir/page-2",
        "https://127.0.0.1:{port}/fhir/page-2",
        "ftp://127.0.0.1:{port}/fhir/page-2",
        "file:///etc/passwd",
        "file://127.0.0.1:{port}/etc/passwd",
        "data:application/json,{{}}",
        "http://127.0.0.1/fhir/page-2",
        "http://127.0.0.1:{port}@localhost:{evil}/fhir/page-2",
        "http://user:word@127.0.0.1:{port}/fhir/page-2",
        "http://user@127.0.0.1:{port}/fhir/page-2",
        "http://localhost:{evil}#@127.0.0.1:{port}/",
        "http://localhost:{evil}\\@127.0.0.1:{port}/",
        "http://127.0.0.1.:{port}/fhir/page-2",
        "http://LOCALHOST:{port}/fhir/page-2",
        "http://2130706433:{port}/fhir/page-2",
    ],
)
def test_a_next_page_elsewhere_is_not_fetched_and_what_came_is_not_taken_for_all(service, ehr, evil, address):
    following = address.format(port=ehr.port, evil=evil.port)
    ehr.says["laboratory"] = as_json(page(LABORATORY["entry"][:1], following))
    ehr.says["page-2"] = evil.says["page-2"] = as_json(page(LABORATORY["entry"][1:]))
    answer = call(service, with_server(kit(), ehr.base, "laboratory"))
    assert "Not used: `prefetch laboratory`" in details(answer)
    assert (ehr.keys, evil.asked) == (["laboratory"], [])


@pytest.mark.parametrize("address", ["/\\localhost:{evil}/fhir/page-2", "\\\\localhost:{evil}/page-2", "/\t/localhost:{evil}/x"])
def test_a_next_page_that_a_browser_would_read_as_elsewhere_is_not_fetched_there(service, ehr, evil, address):
    ehr.says["laboratory"] = as_json(page(LABORATORY["entry"][:1], address.format(evil=evil.port)))
    assert "Not used: `prefetch laboratory`" in details(call(service, with_server(kit(), ehr.base, "laboratory")))
    assert evil.asked == []


def test_a_next_page_of_the_prefetch_is_never_followed(service, ehr, evil):
    told = with_server(kit(), ehr.base)
    told["prefetch"]["laboratory"] = page(LABORATORY["entry"][:1], elsewhere(evil, "/fhir/page-2"))
    assert cards(call(service, told)) == cards(call(service, kit()))
    assert (ehr.keys, evil.asked) == (["laboratory"], [])


@given(st.text() | st.text("http:/@[].#?%\\localhost0123456789", max_size=60))
def test_whatever_stands_as_a_next_page_it_is_of_this_origin_or_none(following):
    server = server_at(None, f"https://{ALLOWED}/fhir", [ALLOWED])
    assert isinstance(server, FhirServer)
    try:
        url = server._of_this_origin(following)
    except NotFetchedError:
        return
    assert (url.scheme, url.netloc, url.userinfo) == ("https", ALLOWED.encode(), b"")


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"])
def test_a_proxy_of_the_environment_is_not_used(start, ehr, evil, monkeypatch, name):
    monkeypatch.setenv(name, f"http://{HOST}:{evil.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    service = start(Settings(fhir_allowed_hosts=HOST))
    assert cards(call(service, with_server(kit(), ehr.base, "laboratory"))) == cards(call(service, kit()))
    assert (ehr.keys, evil.asked) == (["laboratory"], [])


def test_a_password_of_the_environment_is_not_sent(start, ehr, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {HOST} login zebra password zebra\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    call(start(Settings(fhir_allowed_hosts=HOST)), with_server(kit(), ehr.base, "laboratory"))
    assert [asked.headers["Authorization"] for asked in ehr.asked] == [f"Bearer {TOKEN}"]


def test_cookies_of_the_server_are_never_sent_back(service, ehr):
    for key, value in kit()["prefetch"].items():
        ehr.says[key] = as_json(value, Set_Cookie="session=zebra; Path=/; Max-Age=3600")
    ehr.says["laboratory"] = as_json(page([], "page-2"), Set_Cookie="session=zebra; Path=/; Domain=127.0.0.1")
    ehr.says["page-2"] = as_json(LABORATORY)
    for _ in range(2):
        call(service, with_server(kit(), ehr.base, *PREFETCH))
    assert len(ehr.asked) == 2 * (len(PREFETCH) + 1)
    assert not any("zebra" in json.dumps(dict(asked.headers)) for asked in ehr.asked)


def test_each_call_sends_its_own_token_and_nothing_of_the_caller(service, ehr):
    for token in ("first", "second"):
        told = with_server(kit(), ehr.base, "laboratory", token=token)
        call(
            service,
            told,
            **{"x-forwarded-for": "zebra", "cookie": "zebra=1", "authorization": "Bearer zebra", "referer": "zebra"},
        )
    assert [asked.headers["Authorization"] for asked in ehr.asked] == ["Bearer first", "Bearer second"]
    assert not any("zebra" in json.dumps(dict(asked.headers)) for asked in ehr.asked)


def is_secret(shown, *secrets):
    text = shown if isinstance(shown, bytes) else shown.encode()
    return [secret for secret in secrets if secret.encode() in text or b64encode(secret.encode()) in text]


@pytest.mark.parametrize(
    "answer",
    [None, as_json(outcome("no"), 401), as_json(outcome("no"), 500), redirecting("http://localhost/", 302), as_json([])],
    ids=["fetched", "401", "500", "redirect", "no resource"],
)
def test_the_access_token_stands_in_no_log_line_no_answer_no_metric_and_no_record(service, ehr, tmp_path, answer):
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    logging.getLogger("httpcore").setLevel(logging.DEBUG)
    if answer:
        ehr.says |= {"patient": answer, "laboratory": answer}
    answers = [call(service, with_server(kit(), ehr.base, key)) for key in ("laboratory", "patient")]
    logging.getLogger("httpcore").setLevel(logging.NOTSET)
    assert len(ehr.asked) == 2
    shown = [service.log.getvalue(), service.get("/metrics").text, whole_record(tmp_path / "data")]
    for each in (*shown, *(f"{answer.text} {answer.headers}" for answer in answers)):
        assert is_secret(each, TOKEN, "giraffe-4711") == []


def test_a_call_that_is_refused_does_not_repeat_the_access_token(service, ehr):
    for change in ({"hook": "order-sign"}, {"hookInstance": None}, {"context": {}}, {"fhirServer": None}, {"prefetch": {}}):
        told = {**with_server(kit(), "http://[", *PREFETCH), **change}
        answer = service.request(
            "POST", "/cds-services/prrt-patient-view", content=json.dumps(told), headers={"content-type": "application/json"}
        )
        assert 400 <= answer.status_code < 500
        assert is_secret(answer.text, TOKEN, "giraffe-4711") == []
    assert is_secret(service.log.getvalue(), TOKEN, "giraffe-4711") == []


def test_a_running_server_prints_neither_patient_nor_token_nor_address_of_what_it_fetches(tmp_path, ehr):
    with serving(tmp_path, environment=environment_with(tmp_path, PRRT_FHIR_ALLOWED_HOSTS=HOST)) as (address, output):
        told = with_server(kit(), ehr.base, *PREFETCH)
        answer = httpx.post(f"{address}/cds-services/prrt-patient-view", json=told)
        assert answer.status_code == 200
    assert ehr.keys == sorted(PREFETCH)
    assert is_secret(output.read_text("utf-8"), "demo-017", TOKEN, str(ehr.port), "Patient") == []


def test_what_could_not_be_fetched_names_no_address(ehr):
    ehr.says["patient"] = redirecting("http://zebra.example/", 302)
    with pytest.raises(NotFetchedError) as raised:
        fetched(ehr)
    assert is_secret(str(raised.value), "zebra", HOST, TOKEN) == []
