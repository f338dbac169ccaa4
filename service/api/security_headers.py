"""Headers that keep a browser from doing with an answer what it must not."""

import re
from base64 import b64encode
from hashlib import sha256

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.route_path import route_path

STRICT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# The pages: nothing inline, nothing of another host, and forms that go nowhere else.
PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
# Under `no-referrer` a browser says of a form of ours that it comes from nowhere (`Origin: null`).
OF_A_PAGE = ((b"referrer-policy", b"same-origin"),)
# Swagger UI styles its elements itself and carries its images in its style sheet.
DOCS = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-store"),
)
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class SecurityHeaders:
    """Pure ASGI middleware. The page of Swagger UI, which is ours and holds nothing of a request, may run its own script."""

    def __init__(self, app: ASGIApp, docs_path: str) -> None:
        self.app, self._docs_path = app, docs_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_docs = route_path(scope) == self._docs_path
        held: Message | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                told = dict(message.get("headers", ()))
                is_page = not is_docs and told.get(b"content-type", b"").startswith(b"text/html")
                always = dict(ALWAYS) | (dict(OF_A_PAGE) if is_page else {})
                message["headers"] = [*message.get("headers", ()), *(each for each in always.items() if each[0] not in told)]
                if is_docs:
                    held = message  # its policy follows from its body
                    return
                message["headers"].append((b"content-security-policy", (PAGE if is_page else STRICT).encode()))
            elif held:
                hashes = [b64encode(sha256(script).digest()).decode() for script in _INLINE_SCRIPT.findall(message["body"])]
                policy = DOCS.format(scripts=" ".join(f"'sha256-{each}'" for each in hashes))
                held["headers"].append((b"content-security-policy", policy.encode()))
                await send(held)
                held = None
            await send(message)

        await self.app(scope, receive, send_with_headers)
