"""A process that appends, for tests of several: `python -m tests.audit.appending FOLDER URL NAME GROUPS`, URL may be `-`.

Says when its record is open, begins when it is told to, and prints what it recorded: position and id of each entry.
"""

import sys
from contextlib import ExitStack
from pathlib import Path

from tests.audit.places import Place, about

if __name__ == "__main__":
    folder, url, name, groups = sys.argv[1:]
    with ExitStack() as stack:
        store = Place(Path(folder), None if url == "-" else url).store(stack, seconds=30)
        sys.stdout.write("open\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for number in range(int(groups)):
            drafts = [about(name, id=f"{name}-{number}-{each}") for each in range(number % 3 + 1)]
            for entry in store.append(drafts):
                sys.stdout.write(f"{entry.position} {entry.draft.id}\n")
