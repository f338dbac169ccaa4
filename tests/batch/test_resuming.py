"""An output that is interrupted anywhere, and gone on with, is the output that was never interrupted."""

import pytest

from service.batch import resuming
from service.batch.resuming import CannotGoOnError, begun, beside
from service.batch.scoring import Scored

OF = {"in": "a", "ground": "b"}
PARTS = [Scored(f"{number}\n".encode() * number, number, number % 2) for number in range(1, 6)]
WHOLE = b"".join(part.content for part in PARTS)


class KilledError(Exception):
    """As far as files are concerned."""


class Life:
    """Dies after so many of the steps that change something on the disk."""

    def __init__(self, monkeypatch, steps):
        self.left = steps
        for owner, name in [
            (resuming, "_sync"),
            (resuming, "_sync_folder"),
            (resuming.Path, "replace"),
            (resuming.Path, "unlink"),
        ]:
            monkeypatch.setattr(owner, name, self._mortal(getattr(owner, name)))

    def _mortal(self, step):
        def taken(*how, **more):
            if self.left == 0:
                raise KilledError
            self.left -= 1
            return step(*how, **more)

        return taken


def write(target, of=OF):
    with begun(target, of, "2026-03-10") as partial:
        done = partial.progress.rows
        assert partial.progress.today == "2026-03-10"
        for part in PARTS:
            if done >= part.rows:
                done -= part.rows
                continue
            partial.add(part)
        partial.finish()
        return partial.progress


@pytest.mark.parametrize("steps", range(30))
def test_killed_at_any_step_it_goes_on_and_nothing_is_lost_or_doubled(tmp_path, steps, monkeypatch):
    target = tmp_path / "out.csv"
    with monkeypatch.context() as patch:
        life = Life(patch, steps)
        try:
            write(target)
        except KilledError:
            assert life.left == 0
    if not target.exists():
        with beside(target, "partial").open("ab") as file:
            file.write(b"what was not yet on the disk")
        progress = write(target)
        assert (progress.rows, progress.problems) == (15, 3)
        assert sorted(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == WHOLE


def interrupted(target):
    with begun(target, OF, "2026-03-10") as partial:
        partial.add(PARTS[0])


def test_the_output_of_another_input_or_of_other_knowledge_is_not_gone_on_with(tmp_path):
    target = tmp_path / "out.csv"
    interrupted(target)
    with pytest.raises(CannotGoOnError, match="begun from another input or with other knowledge"):
        write(target, OF | {"ground": "c"})
    beside(target, "partial").write_bytes(b"")
    with pytest.raises(CannotGoOnError, match="begun from another"):
        write(target)


def test_an_output_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "out.csv").write_bytes(b"precious")
    with pytest.raises(CannotGoOnError, match="is there already"):
        write(tmp_path / "out.csv")


def test_two_do_not_write_one_output(tmp_path):
    target = tmp_path / "out.csv"
    with begun(target, OF, "2026-03-10"), pytest.raises(CannotGoOnError, match="somebody else"):
        write(target)
