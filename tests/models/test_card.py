"""What `python -m models.training` writes: folders that say what they are, and come out the same again."""

import json
import re
import shutil
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree as ET

import joblib
import numpy as np
import pytest

from models.training.__main__ import train_all
from models.training.card import HEADINGS
from service.evidence import RISK
from service.risk.artefacts import load_models, served
from service.risk.ensemble import WeibullEnsemble
from service.risk.questions import QUESTIONS

ROOT = Path(__file__).parents[2]
NAMES = tuple(served(ROOT / "models"))
SURVIVAL = ("overall_survival", "progression_free_survival")
FILES = {"model.joblib", "manifest.json", "known_answers.json", "evaluation.json", "card.md"}
each_model = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    train_all(out, members=30, patients=300)
    return out


@pytest.fixture(scope="module")
def again(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("again")
    train_all(out, members=30, patients=300)
    return out


def card(folder: Path, name: str) -> str:
    return (folder / name / "card.md").read_text("utf-8")


def tables(text: str) -> list[list[list[str]]]:
    """Each Markdown table as rows of cells, the headings first."""
    found = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    rows = [[line.strip("| ").split(" | ") for line in table.splitlines()] for table in found]
    return [[row for row in table if row[0] != "---"] for table in rows]


def column(table: list[list[str]], heading: str) -> list[str]:
    return [row[table[0].index(heading)] for row in table[1:]]


@each_model
def test_a_folder_holds_every_file(trained, name):
    files = {path.name for path in (trained / name).iterdir()}
    assert files >= FILES
    assert any(file.endswith(".svg") for file in files)


def test_the_service_loads_what_was_trained(trained):
    shutil.copy(ROOT / "models" / "served.yaml", trained)
    assert [model.manifest.name for model in load_models(trained)] == list(NAMES)


@each_model
def test_a_card_has_every_heading_in_order_and_something_under_it(trained, name):
    sections = re.split(r"^## (.*)\n", card(trained, name), flags=re.MULTILINE)[1:]
    assert tuple(sections[::2]) == HEADINGS
    assert all(len(body.strip()) > 20 for body in sections[1::2])


@each_model
def test_a_card_is_plain_markdown_with_nothing_left_to_fill_in(trained, name):
    text = card(trained, name)
    assert re.findall(r"</?[a-z][^>]*>|[{}]|\bnan\b|\binf\b|np\.", text) == []
    assert all(len({len(row) for row in table}) == 1 for table in tables(text))


@each_model
def test_a_card_names_each_number_of_the_record_with_its_kind_and_source(trained, name):
    (table,) = [table for table in tables(card(trained, name)) if table[0][:2] == ["Number", "Value"]]
    told = [(row[0], float(row[1]), row[3], row[4]) for row in table[1:]]
    record = RISK[name].numbers
    assert told == [(each.meaning, float(each.value), each.kind, f"{each.source}: {each.locator}") for each in record]


@pytest.mark.parametrize("name", SURVIVAL)
def test_a_card_shows_published_beside_used_beside_recovered(trained, name):
    (table,) = [table for table in tables(card(trained, name)) if table[0][1:] == ["Published", "Used", "Recovered"]]
    record = RISK[name]
    for row in table[1:]:
        (known,) = [each for each in record.numbers if row[0].removesuffix(", months") == each.meaning]
        assert float(row[1].split()[0]) == float(known.value)
        assert re.match(r"[\d.]+ \([\d.]+ to [\d.]+\)", row[2])
        assert re.match(r"[\d.]+ \([\d.]+ to ", row[3])


def test_the_card_of_overall_survival_shows_the_numbers_of_the_design(trained):
    text = card(trained, "overall_survival")
    for ratio in (
        "2.68 (1.01 to 7.12)",
        "1.64 (0.82 to 3.27)",
        "3.48 (1.41 to 8.61)",
        "1.96 (1.01 to 3.81)",
        "0.11 (0.03 to 0.41)",
    ):
        assert ratio in text
    assert "0.74 (0.33 to 1.69)" in text
    assert "44.0 (32.8 to 55.2)" in text


@pytest.mark.parametrize("name", SURVIVAL)
def test_a_card_shows_the_sensitivity_to_the_shrinkage_and_to_the_activity_term(trained, name):
    (table,) = [table for table in tables(card(trained, name)) if table[0][0] == "Prior of a log hazard ratio"]
    settings = column(table, "Prior of a log hazard ratio")
    deviations = [f"standard deviation {sd}" for sd in ("0.25", "0.5 (used)", "1")]
    assert settings == [*deviations, "none: no shrinkage", "without the activity term"]
    assert any("not corrected" in heading for heading in table[0])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "response_at_completion"])
def test_no_median_beyond_the_longest_horizon_is_told_as_a_number(trained, name):
    asked = re.split(r"^### Answers: ", card(trained, name), flags=re.MULTILINE)[1:]
    longest = {question.text: question.horizon_months for question in QUESTIONS.values()}
    for part in asked:
        medians = column(tables(part)[0], "Median, months")
        assert medians
        numbers = re.findall(r"(?<!beyond )\b\d+\.\d\b", " ".join(medians))
        assert all(float(number) <= longest[part.splitlines()[0]] for number in numbers)


def test_a_recovered_median_is_capped(trained):
    text = card(trained, "progression_free_survival")
    assert re.search(
        r"\| Median PFS of the cohort, months \| 29\.0 \(18\.0 to 39\.9\) \| .* \| [\d.]+ \([\d.]+ to beyond 36\) \|", text
    )


@each_model
def test_a_card_says_that_no_performance_is_known_and_what_the_model_is_not(trained, name):
    text = card(trained, name)
    assert "tests of the code, not of the model" in text
    assert "never a performance" in text
    assert re.search(r"^\| C-index|harrell|uno", text, re.IGNORECASE | re.MULTILINE) is None
    assert "association, not an effect" in text
    assert "no dose slider" in text
    assert "not conditional on ethnicity" in " ".join(text.split())
    assert "refuses to answer" in text


def test_the_card_of_response_shows_both_readings_with_their_intervals(trained):
    text = card(trained, "response_at_completion")
    assert "derived, disputed reading" in text
    for told in ("19 of 27 | 0.70 (0.52 to 0.85)", "2 of 17 | 0.14 (0.03 to 0.33)", "6 of 51 | 0.12 (0.05 to 0.23)"):
        assert told in text
    assert "P = 0.007" in text


def test_the_card_of_mibg_says_that_one_input_is_used_and_that_the_landmark_median_is_assumed(trained):
    text = card(trained, "mibg_overall_survival")
    assert "exactly one is used" in text
    assert "| Median survival from the landmark of those whose response could be judged | 40 | months | assumed |" in text


@each_model
def test_every_picture_of_a_card_is_well_formed_and_every_picture_is_in_the_card(trained, name):
    folder = trained / name
    shown = re.findall(r"^!\[.+\]\((.+)\)$", card(trained, name), re.MULTILINE)
    assert sorted(shown) == sorted(path.name for path in folder.glob("*.svg"))
    for file in shown:
        assert ET.parse(folder / file).getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  # our own file
        assert "<dc:date>" not in (folder / file).read_text("utf-8")


@each_model
def test_the_digest_of_the_manifest_is_that_of_the_artefact(trained, name):
    manifest = json.loads((trained / name / "manifest.json").read_text("utf-8"))
    assert manifest["sha256"] == sha256((trained / name / "model.joblib").read_bytes()).hexdigest()


@each_model
def test_training_again_gives_the_same_parameters(trained, again, name):
    one, other = (joblib.load(out / name / "model.joblib") for out in (trained, again))
    fitted = [(one[question][member], other[question][member]) for question in one for member in one[question]]
    for left, right in fitted:
        ensemble = isinstance(left, WeibullEnsemble)
        for parameter in ("shape", "scale", "coef", "prevalence") if ensemble else ("mean", "lower", "upper"):
            np.testing.assert_allclose(getattr(left, parameter), getattr(right, parameter), rtol=1e-9, atol=1e-9)


@each_model
def test_training_again_gives_the_same_card_evaluation_and_pictures_byte_for_byte(trained, again, name):
    files = [path.name for path in (trained / name).iterdir() if path.suffix in {".svg", ".md", ".json"}]
    assert [file for file in files if (trained / name / file).read_bytes() != (again / name / file).read_bytes()] == []


def test_no_file_names_a_place_on_this_machine(trained):
    written = [path.read_text("utf-8") for path in trained.rglob("*") if path.suffix in {".svg", ".md", ".json"}]
    assert [text[:80] for text in written if str(ROOT) in text or "/tmp" in text] == []  # noqa: S108  # looked for, not used
