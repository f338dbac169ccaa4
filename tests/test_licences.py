"""Nothing under the GPL or the AGPL is installed by what the service needs to run."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMES = re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "requirements" / "run.txt").read_text("utf-8"), re.MULTILINE)
# "LGPL" is not meant, and neither is the exception of a runtime library that comes with a compiler.
COPYLEFT = re.compile(r"(?<!L)(?<!Lesser )(A?GPL|(Affero )?General Public License)", re.IGNORECASE)
RUNTIME_EXCEPTION = re.compile(r"GCC[- ]exception|runtime (library )?exception", re.IGNORECASE)


def licence_of(name: str) -> str:
    told = metadata(name)
    classifiers = [each for each in told.get_all("Classifier") or () if each.startswith("License")]
    return " ".join([told.get("License-Expression") or (told.get("License") or "").partition("\n")[0], *classifiers])


def installed(name: str) -> bool:
    try:
        return bool(metadata(name))
    except PackageNotFoundError:
        return False  # of another platform or Python


@pytest.mark.parametrize("name", [name for name in NAMES if installed(name)])
def test_a_package_that_runs_is_not_under_the_gpl(name):
    licence = licence_of(name)
    assert licence.strip(), f"{name} names no licence"
    assert not COPYLEFT.search(licence) or RUNTIME_EXCEPTION.search(licence), licence


@pytest.mark.parametrize(
    ("licence", "copyleft"),
    [
        ("GPL-3.0-or-later", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("GNU Affero General Public License v3", True),
        ("AGPL-3.0-only", True),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3", False),
        ("BSD-3-Clause AND MIT", False),
    ],
)
def test_what_is_copyleft_is_told_from_what_is_not(licence, copyleft):
    assert bool(COPYLEFT.search(licence)) == copyleft


def test_the_development_oracle_is_not_among_what_runs():
    assert {"scikit-survival", "lifelines"}.isdisjoint(NAMES)
    assert {"fastapi", "joblib", "numpy"} <= set(NAMES)
