"""Serving HTTP, and stopping so that no request is lost."""

import gc
import signal
from ipaddress import ip_address
from socket import socket
from threading import Timer
from types import FrameType

import uvicorn

from service.app import create_app
from service.settings import Settings


class DrainingServer(uvicorn.Server):
    """On SIGTERM it first goes on serving for a while, not ready, so that whoever balances the load looks elsewhere."""

    def __init__(self, config: uvicorn.Config, drain_seconds: float) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start. What is there then stays: it is not searched for garbage again and again while requests are answered."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop: at once on SIGINT or when told twice, else after the draining."""
        state = self.config.app.state  # type: ignore[union-attr]  # it is our application
        if sig != signal.SIGTERM or state.is_stopping or not self._drain_seconds:
            super().handle_exit(sig, frame)
            return
        state.is_stopping = True
        stop = Timer(self._drain_seconds, super().handle_exit, [sig, None])
        stop.daemon = True
        stop.start()


def serve_until_stopped(settings: Settings, host: str, port: int) -> None:
    """Serve on an address until a signal says to stop."""
    config = uvicorn.Config(
        create_app(settings, open_on_loopback=_is_loopback(host)),
        host=host,
        port=port,
        log_config=None,
        # httptools bounds no header and drops the body of a request that offers an upgrade, as Java's clients do.
        http="h11",
        ws="none",
        timeout_graceful_shutdown=30,
        access_log=False,
        server_header=False,
    )
    DrainingServer(config, settings.drain_seconds).run()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
