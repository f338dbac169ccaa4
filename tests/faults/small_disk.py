"""A disk that is soon full: a small tmpfs; where that may not be mounted, a limit on the length of the service's files."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from service.audit.database import FILE_NAME
from tests.faults.processes import Service

MEGABYTES = 8
_PIECE = 4096


def _mount(folder: Path) -> bool:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    try:
        return subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


def may_mount() -> bool:
    """Whether this user may mount a tmpfs here."""
    with TemporaryDirectory() as folder:
        may = _mount(Path(folder))
        if may:
            _unmount(Path(folder))
    return may


class Tmpfs:
    """A small file system of its own."""

    name = "tmpfs"

    def __init__(self, folder: Path) -> None:
        self.folder, self._ballast = folder, folder / "ballast"

    def fill(self, service: Service, spare: int) -> None:
        """Leave so many bytes free, about."""
        assert service.data.is_relative_to(self.folder)
        with self._ballast.open("wb", buffering=0) as ballast, suppress(OSError):
            while ballast.write(b"\0" * _PIECE) == _PIECE:
                pass
        with self._ballast.open("r+b") as ballast:
            ballast.truncate(max(0, self._ballast.stat().st_size - spare))

    def free(self, service: Service) -> None:
        """Make room again."""
        assert service.data.is_relative_to(self.folder)
        self._ballast.unlink(missing_ok=True)


class FileSizeLimit:
    """No file of the service may grow beyond a limit."""

    name = "RLIMIT_FSIZE"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, service: Service, spare: int) -> None:
        """Let the log of its record grow by so many bytes."""
        self._limit(service, (service.data / f"{FILE_NAME}-wal").stat().st_size + spare)

    def free(self, service: Service) -> None:
        """Lift the limit."""
        self._limit(service, resource.RLIM_INFINITY)

    def _limit(self, service: Service, size: int) -> None:
        assert service.process is not None
        _, hard = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (size, hard))


SmallDisk = Tmpfs if may_mount() else FileSizeLimit


@contextmanager
def small_disk(folder: Path) -> Iterator[Tmpfs | FileSizeLimit]:
    """A folder on a small disk; gone in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    is_mounted = SmallDisk is Tmpfs and _mount(folder)
    try:
        yield SmallDisk(folder)
    finally:
        if is_mounted:
            _unmount(folder)
