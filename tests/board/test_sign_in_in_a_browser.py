"""Signing in and out in a real browser, with the hospital's account too: cookies that other sites never cause to be sent."""

import shutil
import socket

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from service.access.api_keys import new_key
from tests.access.code_issuer import CLIENT_ID, signing_in
from tests.access.issuer import ISSUER, jwk, key_set, rsa_key
from tests.access.visiting import SESSION, VISIT
from tests.browser.chromium import ARGUMENTS
from tests.conftest import environment_with, serving

pytestmark = pytest.mark.browser

KEY = new_key("board", ["assess", "read", "review"])
HERE, ELSEWHERE = "127.0.0.1", "localhost"  # two sites: a port makes no other site, a name does


def free_port():
    with socket.socket() as listening:
        listening.bind((HERE, 0))
        return listening.getsockname()[1]


@pytest.fixture
def issuer():
    with signing_in() as issuer:
        yield issuer


@pytest.fixture
def address(issuer, tmp_path):
    """A service that knows a key, and an issuer on another site."""
    keys, jwks, port = tmp_path / "keys.yaml", tmp_path / "jwks.json", free_port()
    keys.write_text(f"keys:\n{KEY.entry}", "utf-8")
    jwks.write_bytes(key_set(jwk(rsa_key())))
    environment = environment_with(
        tmp_path,
        PRRT_API_KEYS_FILE=keys,
        PRRT_PUBLIC_URL=f"http://{HERE}:{port}",
        PRRT_OIDC_ISSUER=ISSUER,
        PRRT_OIDC_JWKS=jwks,
        PRRT_OIDC_ALLOWED_HOSTS=HERE,
        PRRT_OIDC_CLIENT_ID=CLIENT_ID,
        PRRT_OIDC_AUTHORIZE_URL=issuer.url.replace(HERE, ELSEWHERE) + "/authorize",
        PRRT_OIDC_TOKEN_URL=f"{issuer.url}/token",
    )
    with serving(tmp_path, environment=environment, port=port) as (address, _):
        yield address


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        arguments = [f"{each}, EXCLUDE {ELSEWHERE}" if "resolver" in each else each for each in ARGUMENTS]
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser.new_page()
        browser.close()


def test_somebody_signs_in_follows_a_link_of_another_site_signs_out_and_signs_in_at_the_issuer(page, address, issuer):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    elsewhere = issuer.url.replace(HERE, ELSEWHERE)

    def follow_a_link_of_another_site(path):
        page.goto(f"{elsewhere}/authorize?redirect_uri={address}/livez&state=a")
        page.evaluate("address => { document.querySelector('a').href = address }", f"{address}{path}")
        page.locator("a").click()

    page.goto(f"{address}/sign-in")
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("API key").fill(KEY.secret)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/")
    kept = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert set(kept) == {SESSION, VISIT}
    assert {(each["httpOnly"], each["secure"], each["sameSite"], each["expires"]) for each in kept.values()} == {
        (True, True, "Strict", -1)
    }
    assert page.evaluate("document.cookie") == ""

    follow_a_link_of_another_site("/sign-in?next=/form")  # with the session, it goes on to the form
    page.wait_for_url(f"{address}/form")
    assert {cookie["name"]: cookie["value"] for cookie in page.context.cookies()} == {
        name: cookie["value"] for name, cookie in kept.items()
    }

    page.goto(f"{address}/sign-in")
    expect(page.get_by_text("Signed in as api-key:board")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{address}/sign-in")
    assert {cookie["name"] for cookie in page.context.cookies()} <= {VISIT}
    follow_a_link_of_another_site("/form")
    page.wait_for_url(f"{address}/sign-in?next=/form")

    page.get_by_role("link", name="hospital's account").click()
    page.locator("#in").click()
    page.wait_for_url(f"{address}/form")
    page.goto(f"{address}/sign-in")
    expect(page.get_by_text("Signed in as oidc:f3c1")).to_be_visible()
    assert complaints == []
