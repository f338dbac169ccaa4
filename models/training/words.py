"""The prose of the cards, from `words.yaml`, with the numbers of the evidence records put in."""

from pathlib import Path

from models.training.readings import other_reading, used_reading
from service.evidence import RISK, SOURCES
from service.facts.kidney import ADULT_AGE
from service.terminology.yaml_text import read_yaml

_TOLD = read_yaml(Path(__file__).with_name("words.yaml").read_text("utf-8"))


def words(model: str) -> dict[str, str]:
    """What the card of a model says, by heading."""
    told: dict[str, str] = _TOLD["shared"] | _TOLD["models"][model]
    for _ in range(3):  # a text may name another, and that a number
        told = {heading: text.format(**told, **_numbers()) for heading, text in told.items()}
    return told


def figure_words(name: str, **numbers: object) -> tuple[str, str]:
    """What a picture shows, for who cannot see it, and its caption."""
    told = _TOLD["figures"][name]
    return told["alternative"], told["caption"].format(**numbers)


def _numbers() -> dict[str, object]:
    response = RISK["response_at_completion"]
    (later, everyone), (yes, responders) = other_reading(response)
    after_stable, stable = used_reading(response)[0]
    return {
        "landmark": RISK["overall_survival"]["landmark"].value,
        "mibg_landmark": RISK["mibg_overall_survival"]["landmark"].value,
        "first_cycles": response["first_cycles"].value,
        "adult_age": ADULT_AGE.value,
        "halperin_limits": SOURCES["halperin-2024"].limits.strip(),
        "mibg_limits": SOURCES["mibg-2018"].limits.strip(),
        "later": later,
        "everyone": everyone,
        "yes": yes,
        "responders": responders,
        "after_stable": after_stable,
        "stable": stable,
        "counted": stable + responders,
    }
