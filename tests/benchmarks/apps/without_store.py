"""This service with a record that keeps nothing: what is left is everything but the store."""

import sys

from service.audit import recorder
from service.audit.entry import BEFORE_THE_FIRST, SALT_BYTES, Draft, Entry, chained
from service.cli.serving import serve_until_stopped
from service.settings import Settings


async def keep_nothing(_: recorder.Recorder, draft: Draft) -> Entry:
    return chained(draft, 1, BEFORE_THE_FIRST, bytes(SALT_BYTES))


if __name__ == "__main__":
    recorder.Recorder.record = keep_nothing  # type: ignore[method-assign]
    serve_until_stopped(Settings(), "127.0.0.1", int(sys.argv[1]))
