"""CDS clients over HTTP: a token of their own for this very address, used once; anything else is a bare 401."""

import base64
import hmac
import json
import time
from hashlib import sha384
from uuid import uuid4

import httpx
import pytest
import yaml
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from service.access.api_keys import new_key
from service.access.caller import SCOPES
from service.cds_hooks.catalogue import SERVICES
from service.settings import Settings
from tests.access.cds_client import CLIENT, ENDPOINT, OTHER, PUBLIC_URL, cds_token, forged
from tests.access.issuer import AUDIENCE, ISSUER, answering, claims, ec_key, encoded, jwk, key_set, rsa_key, serving_keys, token
from tests.cds_hooks.fhir_server import HOST, call, kit, serving_ehr, whole_record, with_server

KEY = new_key("pacs", list(SCOPES))
JSON = {"content-type": "application/json"}
NOBODY = {"feedback": [{"card": str(uuid4()), "outcome": "overridden", "outcomeTimestamp": "2026-03-10T08:00:00Z"}]}


def bearing(credential):
    return {"authorization": f"Bearer {credential}"}


@pytest.fixture
def jwks(tmp_path):
    file = tmp_path / "jwks.json"
    file.write_bytes(key_set(jwk(rsa_key()), jwk(ec_key("P-384")), jwk(rsa_key(2), "two"), jwk(ec_key(), "p-256")))
    return file


@pytest.fixture
def trusting(start, jwks):
    """A service that trusts one CDS client and nobody else: `trusting(**other settings)`."""

    def started(**other):
        told = {"cds_issuers": CLIENT, "cds_jwks_file": jwks, "public_url": PUBLIC_URL, **other}
        return start(Settings(**told), open_on_loopback=True)

    return started


@pytest.fixture
def service(trusting):
    return trusting()


@pytest.fixture
def keys_file(tmp_path):
    file = tmp_path / "keys.yaml"
    file.write_text(yaml.safe_dump({"keys": yaml.safe_load(KEY.entry)}), "utf-8")
    return file


def is_bare(answer):
    """A 401 that says nothing but that it is one."""
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/fhir+json"
    issue = {"severity": "error", "code": "login", "diagnostics": "Unauthorized"}
    assert answer.json() == {"resourceType": "OperationOutcome", "issue": [issue]}
    return True


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
@pytest.mark.parametrize("name", SERVICES)
def test_i_177_a_good_token_for_the_address_that_is_called_passes_once(service, algorithm, name):
    text = cds_token(algorithm, aud=f"{PUBLIC_URL}/cds-services/{name}")
    hook = name.removeprefix("prrt-")
    assert call(service, kit(hook=hook), **bearing(text)).status_code == 200
    assert is_bare(call(service, kit(hook=hook), **bearing(text)))
    assert call(service, kit(hook=hook), **bearing(cds_token(aud=f"{PUBLIC_URL}/cds-services/{name}"))).status_code == 200


def test_the_audience_may_be_one_of_several(service):
    text = cds_token(aud=["https://elsewhere.example", ENDPOINT])
    assert call(service, kit(), **bearing(text)).status_code == 200


def test_a_jti_that_another_token_used_is_used(service):
    tokens = [cds_token(algorithm, jti="the-same") for algorithm in ("ES384", "RS384")]
    assert [call(service, kit(), **bearing(text)).status_code for text in tokens] == [200, 401]


def test_a_jti_that_was_refused_is_not_used(service):
    for bad in (cds_token(jti="kept", aud="https://elsewhere.example"), cds_token("RS384", rsa_key(9), jti="kept")):
        assert is_bare(call(service, kit(), **bearing(bad)))
    assert call(service, kit(), **bearing(cds_token(jti="kept"))).status_code == 200


def test_a_token_that_was_used_stays_used_when_the_service_starts_again(trusting):
    text = cds_token()
    assert call(trusting(), kit(), **bearing(text)).status_code == 200
    assert is_bare(call(trusting(), kit(), **bearing(text)))


def test_a_token_is_used_up_by_a_call_that_cannot_be_answered(service):
    text = cds_token()
    assert call(service, {**kit(), "prefetch": {}}, **bearing(text)).status_code == 412
    assert is_bare(call(service, kit(), **bearing(text)))


@pytest.mark.parametrize("seconds", [-3000, -59, 0, 59])
def test_clocks_may_differ_by_a_minute(service, seconds):
    now = int(time.time())
    text = cds_token(iat=now + seconds, exp=now + 300)
    assert call(service, kit(), **bearing(text)).status_code == 200


def hmac_of_the_public_key():
    """A token signed with the public key as if it were a shared secret."""
    public = ec_key("P-384").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    told = {**claims(), "iss": CLIENT, "aud": ENDPOINT, "jti": "h"}
    signed = f"{encoded({'alg': 'HS384', 'kid': 'one', 'typ': 'JWT'})}.{encoded(told)}"
    mac = base64.urlsafe_b64encode(hmac.digest(public, signed.encode(), sha384)).rstrip(b"=").decode()
    return f"{signed}.{mac}"


def without_signature():
    told = {**claims(), "iss": CLIENT, "aud": ENDPOINT, "jti": "n"}
    return f"{encoded({'alg': 'none', 'kid': 'one', 'typ': 'JWT'})}.{encoded(told)}."


NOW = int(time.time())
BAD = {
    "nothing": dict,
    "empty": lambda: {"authorization": ""},
    "no token": lambda: {"authorization": "Bearer"},
    "a text": lambda: bearing("zebra"),
    "basic": lambda: {"authorization": "Basic emVicmE6emVicmE="},
    "another scheme": lambda: {"authorization": f"JWT {cds_token()}"},
    "two tokens": lambda: {"authorization": f"Bearer {cds_token()}, Bearer {cds_token()}"},
    "cut": lambda: bearing(cds_token()[:-4]),
    "none": lambda: bearing(without_signature()),
    "symmetric": lambda: bearing(hmac_of_the_public_key()),
    "RS256": lambda: bearing(cds_token("RS256")),
    "RS512": lambda: bearing(cds_token("RS512")),
    "ES256": lambda: bearing(cds_token("ES256", kid="p-256")),
    "a foreign key": lambda: bearing(cds_token("RS384", rsa_key(9))),
    "an unknown kid": lambda: bearing(cds_token(kid="three")),
    "no kid": lambda: bearing(cds_token(kid=None)),
    "a foreign jku": lambda: bearing(cds_token(kid="three", header={"jku": "https://evil.example/keys"})),
    "a key of its own": lambda: bearing(cds_token("RS384", rsa_key(9), header={"jwk": jwk(rsa_key(9))})),
    "another type": lambda: bearing(cds_token(header={"typ": "at+jwt"})),
    "critical": lambda: bearing(forged({"alg": "ES384", "kid": "one", "typ": "JWT", "crit": ["exp"]})),
    "an unknown issuer": lambda: bearing(cds_token(iss="https://evil.example")),
    "another client": lambda: bearing(cds_token(iss=OTHER)),
    "an issuer with a slash": lambda: bearing(cds_token(iss=f"{CLIENT}/")),
    "no issuer": lambda: bearing(cds_token(iss=None)),
    "no audience": lambda: bearing(cds_token(aud=None)),
    "no jti": lambda: bearing(cds_token(jti=None)),
    "an empty jti": lambda: bearing(cds_token(jti="")),
    "no iat": lambda: bearing(cds_token(iat=None)),
    "no exp": lambda: bearing(cds_token(exp=None)),
    "expired": lambda: bearing(cds_token(iat=NOW - 900, exp=NOW - 120)),
    "too early": lambda: bearing(cds_token(iat=int(time.time()) + 120, exp=int(time.time()) + 300)),
    "too long": lambda: bearing(cds_token(exp=int(time.time()) + 3700)),
    "not yet": lambda: bearing(cds_token(nbf=int(time.time()) + 120)),
    "the base": lambda: bearing(cds_token(aud=PUBLIC_URL)),
    "the discovery": lambda: bearing(cds_token(aud=f"{PUBLIC_URL}/cds-services")),
    "another service": lambda: bearing(cds_token(aud=f"{PUBLIC_URL}/cds-services/prrt-order-sign")),
    "the feedback": lambda: bearing(cds_token(aud=f"{ENDPOINT}/feedback")),
    "a slash more": lambda: bearing(cds_token(aud=f"{ENDPOINT}/")),
    "upper case": lambda: bearing(cds_token(aud=ENDPOINT.upper())),
    "a port": lambda: bearing(cds_token(aud=ENDPOINT.replace("/cds/", ":443/cds/"))),
    "http": lambda: bearing(cds_token(aud=ENDPOINT.replace("https", "http"))),
    "the address of the pod": lambda: bearing(cds_token(aud="http://127.0.0.1/cds-services/prrt-patient-view")),
    "a query": lambda: bearing(cds_token(aud=f"{ENDPOINT}?x=1")),
}


def without_what_is_new_each_time(answer):
    return answer.status_code, answer.content, sorted((k, v) for k, v in answer.headers.items() if k != "x-request-id")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """What every refusal looks like."""
    return []


@pytest.mark.parametrize("what", BAD)
def test_i_201_and_i_203_whatever_is_wrong_the_refusal_is_the_same(service, bare, what):
    answer = call(service, kit(), **BAD[what]())
    assert is_bare(answer)
    bare.append(without_what_is_new_each_time(answer))
    assert bare[-1] == bare[0]


def test_a_token_in_two_headers_is_none(service):
    headers = [("authorization", f"Bearer {cds_token()}"), ("authorization", f"Bearer {cds_token()}"), *JSON.items()]
    body = json.dumps(kit())
    assert is_bare(service.request("POST", "/cds-services/prrt-patient-view", content=body, headers=headers))


def test_a_token_in_the_address_is_none(service):
    path = f"/cds-services/prrt-patient-view?access_token={cds_token()}"
    assert is_bare(service.request("POST", path, content=json.dumps(kit()), headers=JSON))


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"{", JSON), (b"{}", {"content-type": "text/html"}), (b"x" * 2_000_000, JSON), (b"", {})],
    ids=["broken", "not JSON", "large", "nothing"],
)
@pytest.mark.parametrize("path", ["prrt-patient-view", "prrt-patient-view/feedback"])
def test_who_is_nobody_learns_nothing_about_the_body(service, path, body, headers):
    assert is_bare(service.request("POST", f"/cds-services/{path}", content=body, headers=headers))


def feedback(service, credential):
    path = "/cds-services/prrt-patient-view/feedback"
    return service.request("POST", path, content=json.dumps(NOBODY), headers={**JSON, **bearing(credential)})


def test_feedback_has_an_audience_of_its_own(service):
    assert is_bare(feedback(service, cds_token()))
    text = cds_token(aud=f"{ENDPOINT}/feedback")
    assert is_bare(call(service, kit(), **bearing(text)))
    assert feedback(service, text).status_code == 404, "it is let in, and no such card was shown"
    assert is_bare(feedback(service, text))


@pytest.mark.parametrize("path", ["/cds-services", "/fhir/metadata", "/fhir/OperationDefinition/prrt-assess", "/livez"])
def test_what_describes_the_service_is_open(service, path):
    assert service.get(path).status_code == 200
    assert service.get(path, bearing("zebra")).status_code == 200


def test_each_credential_opens_its_own_routes_only(trusting, jwks, keys_file, skeletal):
    service = trusting(api_keys_file=keys_file, oidc_issuer=ISSUER, oidc_jwks=str(jwks))
    access = token(scope=" ".join(SCOPES))
    body = json.dumps(skeletal)

    def assesses(credential):
        return service.request("POST", "/v1/assessments", content=body, headers={**JSON, **bearing(credential)}).status_code

    for other in (KEY.secret, access):
        assert assesses(other) == 200
        assert is_bare(call(service, kit(), **bearing(other)))
        assert is_bare(feedback(service, other))
    for mine in (
        cds_token(),
        cds_token("RS384", aud=AUDIENCE),
        cds_token("RS384", aud=[AUDIENCE, ENDPOINT], scope="assess", sub="x"),
    ):
        assert assesses(mine) == 401
        for path in ("/v1/rules", "/v1/assessments/01a1fe5a-faae-7450-b034-45074be17521", "/v1/models"):
            assert service.get(path, bearing(mine)).status_code == 401
        to_fhir = service.request("POST", "/fhir/$prrt-assess", content=b"{}", headers={**JSON, **bearing(mine)})
        assert to_fhir.status_code == 401
    assert call(service, kit(), **bearing(cds_token())).status_code == 200


def test_with_other_callers_only_cds_services_are_closed(start, keys_file):
    service = start(Settings(api_keys_file=keys_file))
    assert is_bare(call(service, kit(), **bearing(KEY.secret)))
    assert is_bare(call(service, kit()))
    assert service.get("/cds-services").status_code == 200


def test_on_the_loopback_with_nothing_configured_no_credential_is_needed(client):
    assert call(client, kit()).status_code == 200
    assert call(client, kit(), authorization="Bearer zebra").status_code == 200


@pytest.mark.parametrize(
    "host", ["rebound.example", "127.0.0.1.example", "localhost.evil.example", "", "user@localhost", "10.0.0.1"]
)
def test_an_open_service_does_not_answer_to_a_foreign_name(client, host):
    assert is_bare(call(client, kit(), host=host))
    assert is_bare(
        client.request(
            "POST", "/cds-services/prrt-patient-view/feedback", content=json.dumps(NOBODY), headers={**JSON, "host": host}
        )
    )


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "[::1]:8000", "127.0.0.1:1"])
def test_an_open_service_answers_to_each_name_of_the_loopback(client, host):
    assert call(client, kit(), host=host).status_code == 200


def test_on_any_other_address_with_nothing_configured_nobody_is_let_in(start):
    service = start(open_on_loopback=False)
    assert is_bare(call(service, kit()))
    assert is_bare(call(service, kit(), **bearing(cds_token())))


def test_who_asks_too_often_waits(trusting):
    service = trusting(requests_per_minute=2)
    answers = [call(service, kit(), **bearing(cds_token())) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["issue"][0]["code"] == "throttled"
    assert int(answers[-1].headers["retry-after"]) > 0


def test_the_record_names_the_client_that_called(service):
    answer = call(service, kit(), **bearing(cds_token()))
    (link, *_) = answer.json()["cards"][0]["links"]
    assert link["url"].startswith(f"{PUBLIC_URL}/assessments/")
    assert service.app.state.recorder.store.find(link["url"].rpartition("/")[2]).draft.caller == f"cds:{CLIENT}"


def test_while_the_record_is_away_no_token_is_let_in(service, monkeypatch):
    service.lose_the_record(monkeypatch, "The record is away.")
    answer = call(service, kit(), **bearing(cds_token()))
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (503, "transient")


def test_refused_clients_are_counted(service):
    call(service, kit())
    text = cds_token()
    call(service, kit(), **bearing(text))
    call(service, kit(), **bearing(text))
    assert 'prrt_requests_refused_total{reason="unauthenticated"} 2.0' in service.get("/metrics").text


def posted(service, root_path, path, credential, told=None):
    """The answer where the ASGI server was told a root path."""

    async def post():
        transport = httpx.ASGITransport(service.app, root_path=root_path)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.post(path, json=told or kit(), headers=bearing(credential))

    return service._runner.run(post())


@pytest.mark.parametrize(
    ("public_url", "root_path", "path"),
    [
        ("https://prrt.hospital.example", "", "/cds-services/prrt-patient-view"),
        ("https://prrt.hospital.example/", "", "/cds-services/prrt-patient-view"),
        ("https://prrt.hospital.example/cds", "", "/cds-services/prrt-patient-view"),
        ("https://prrt.hospital.example/cds/", "", "/cds-services/prrt-patient-view"),
        ("https://prrt.hospital.example/cds", "/cds", "/cds/cds-services/prrt-patient-view"),
        ("https://prrt.hospital.example/cds", "/cds", "/cds-services/prrt-patient-view"),
        ("https://prrt.hospital.example/a/b", "/a/b", "/a/b/cds-services/prrt-patient-view"),
        ("https://prrt.hospital.example/cds", "", "/cds-services/prrt%2Dpatient%2Dview"),
    ],
)
def test_behind_an_ingress_the_audience_is_the_public_address(trusting, public_url, root_path, path):
    service = trusting(public_url=public_url)
    audience = f"{public_url.rstrip('/')}/cds-services/prrt-patient-view"
    assert posted(service, root_path, path, cds_token(aud=audience)).status_code == 200
    internal = cds_token(aud="http://127.0.0.1/cds-services/prrt-patient-view")
    assert posted(service, root_path, path, internal).status_code == 401


def test_behind_an_ingress_errors_are_still_outcomes(trusting):
    service = trusting()
    for told, credential, status in ((kit(), "x", 401), ({**kit(), "prefetch": {}}, cds_token(), 412), ([], cds_token(), 422)):
        answer = posted(service, "/cds", "/cds/cds-services/prrt-patient-view", credential, told or ["x"])
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/fhir+json")


@pytest.mark.parametrize(
    "header", ["x-forwarded-host", "x-forwarded-prefix", "x-forwarded-proto", "forwarded", "host", "x-original-url"]
)
def test_no_header_changes_what_a_token_must_be_meant_for(service, header):
    meant = "https://evil.example/cds-services/prrt-patient-view"
    told = {header: "host=evil.example;proto=https" if header == "forwarded" else "evil.example"}
    assert is_bare(call(service, kit(), **bearing(cds_token(aud=meant)), **told))
    assert call(service, kit(), **bearing(cds_token()), **told).status_code == 200


def test_i_195_a_client_whose_keys_are_at_its_address_is_let_in_and_nothing_else_is_asked(start):
    with serving_keys(answering(key_set(jwk(ec_key("P-384"))))) as served, serving_keys(answering(b"{}")) as evil:
        service = start(Settings(cds_issuers=CLIENT, cds_jkus=served.url, public_url=PUBLIC_URL))
        assert is_bare(call(service, kit(), **bearing(cds_token(header={"jku": evil.url}))))
        assert call(service, kit(), **bearing(cds_token(header={"jku": served.url}))).status_code == 200
        assert evil.asked == []


def test_neither_token_of_a_call_stands_in_log_record_metrics_or_answer(trusting, tmp_path):
    service = trusting(fhir_allowed_hosts=HOST)
    text, refused = (
        cds_token(jti="zebra-jti", tenant="zebra-tenant", sub="zebra-sub"),
        cds_token(jti="zebra-2", iss="https://zebra.example"),
    )
    with serving_ehr(kit()["prefetch"]) as ehr:
        told = with_server(kit(), ehr.base, "laboratory", token="zebra-access")  # noqa: S106
        answers = [call(service, told, **bearing(each)) for each in (text, text, refused)]
        assert [answer.status_code for answer in answers] == [200, 401, 401]
        assert [asked.headers["Authorization"] for asked in ehr.asked] == ["Bearer zebra-access"]
    shown = service.log.getvalue() + service.get("/metrics").text + "".join(f"{each.text}{each.headers}" for each in answers)
    everything = shown.encode() + whole_record(tmp_path / "data")
    secrets = [*text.split("."), *refused.split("."), "zebra"]
    assert [secret for secret in secrets if secret.encode() in everything] == []
