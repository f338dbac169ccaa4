"""An issuer of our own that signs people in: it hands out codes, and tokens for them, over HTTP on the loopback."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.access.issuer import token

CLIENT_ID, CLIENT_SECRET = "prrt board", "s:cret/zebra"


def told_in(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


class CodeIssuer:
    """Signs in whoever comes. A test may change what it answers, and look at what it was asked."""

    def __init__(self, url: str = "") -> None:
        self.url, self.tries, self.asked = url, {}, []
        self.access: dict[str, Any] = {"scope": "assess read review"}
        self.identity: dict[str, Any] = {}
        self.answer: Callable[[dict[str, Any]], Any] = lambda told: told
        self.seconds_between_parts = 0.0

    def settings(self, **other: Any) -> dict[str, Any]:
        """The settings of a service that signs people in here."""
        return {
            "oidc_client_id": CLIENT_ID,
            "oidc_authorize_url": f"{self.url}/authorize",
            "oidc_token_url": f"{self.url}/token",
            "oidc_allowed_hosts": "127.0.0.1",
            **other,
        }

    def signed_in(self, address: str) -> str:
        """Where the browser is sent back to that came to this address: a code for its try."""
        told = told_in(urlsplit(address).query)
        code = f"code-{len(self.tries)}"
        self.tries[code] = told
        return f"{told['redirect_uri']}?{urlencode({'code': code, 'state': told['state']})}"

    def exchanged(self, form: dict[str, str]) -> tuple[int, Any]:
        """Status and body for a code: tokens, once, for whoever proves that the code is theirs."""
        told = self.tries.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if told is None or told["code_challenge"] != challenge or told["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "zebra"}
        identity = {"aud": CLIENT_ID, "nonce": told["nonce"], "scope": None, **self.identity}
        return 200, self.answer(
            {"token_type": "Bearer", "access_token": token(**self.access), "id_token": token(**identity), "expires_in": 300}
        )


@contextmanager
def signing_in() -> Iterator[CodeIssuer]:
    """The issuer, listening."""
    issuer = CodeIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/authorize"):
                # A page on which somebody signs in: the way back begins on another site.
                page = f'<a id="in" href="{issuer.signed_in(self.path).replace("&", "&amp;")}">sign in</a>'
                self._answered(200, page.encode(), "text/html")
            else:
                self._answered(404, b"", "text/plain")

        def do_POST(self):
            form = told_in(self.rfile.read(int(self.headers["content-length"])).decode())
            issuer.asked.append((dict(self.headers), form))
            status, told = issuer.exchanged(form)
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self._answered(status, body, "application/json", issuer.seconds_between_parts)

        def _answered(self, status, body, media_type, pause=0.0):
            self.send_response(status)
            self.send_header("content-type", media_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # whoever asked may have gone
                for start in range(0, len(body), 100):
                    self.wfile.write(body[start : start + 100])
                    time.sleep(pause)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
