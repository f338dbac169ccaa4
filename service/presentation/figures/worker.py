"""The process that draws: `python -m service.presentation.figures.worker FOLDER`.

Pickled arguments of `draw` come on standard input, one line of JSON for each goes to standard output. It ends when its
input ends, which is when the service ends in whatever way; a figure that takes far too long ends it too. What goes wrong
is told by the name of the error and its place, never by what the error says.
"""

import json
import os
import pickle
import shutil
import signal
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

LONGEST = 60  # seconds for one answer, whoever still waits for it
NICENESS = 5  # assessments go first


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the input ends."""
    while True:
        try:
            arguments = pickle.load(asked)  # noqa: S301  # the service wrote it
        except EOFError:
            return
        signal.alarm(LONGEST)
        answers.write(json.dumps(_answer(arguments)).encode() + b"\n")
        answers.flush()
        signal.alarm(0)


def _answer(arguments: tuple[Any, ...]) -> dict[str, Any]:
    """The figures; or the name and the place of what went wrong."""
    from service.presentation.figures.drawn import draw  # noqa: PLC0415  # slow to import; its failure must be told too

    try:
        return asdict(draw(*arguments))
    except Exception as error:  # noqa: BLE001  # one patient's figures must not end the worker
        last = traceback.extract_tb(error.__traceback__)[-1]
        return {"error": type(error).__name__, "where": f"{Path(last.filename).name}:{last.lineno}"}


def main(folder: str) -> None:
    """Work with that folder for matplotlib's files, and remove it when the service has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service
    os.nice(NICENESS)
    os.environ["MPLCONFIGDIR"] = folder
    os.environ["MPLBACKEND"] = "svg"
    os.environ["MPL_IGNORE_SYSTEM_FONTS"] = "1"  # its own are enough, and looking for others takes long
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints does not answer
    try:
        serve(sys.stdin.buffer, answers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
