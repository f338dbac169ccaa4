"""Why a target is missed, where it is: sentences with the figures of the same run."""

from pathlib import Path

import yaml

from tests.benchmarks.candidates import (
    BENTOML,
    COMPETENT,
    FLOOR,
    HEALTHCHAIN,
    OUR_FULL_HOOK,
    OUR_HOOK,
    OURS,
    PLAIN,
    WITHOUT_STORE,
)
from tests.benchmarks.capacity import CONNECTIONS
from tests.benchmarks.measuring import Measured
from tests.benchmarks.stages import RULE

SENTENCES = Path(__file__).with_name("reasons.yaml")
STORE = "store"
AT_LEAST = 20  # times the throughput of a peer


def reasons(found: Measured) -> dict[str, str]:
    """The reason for each target, by its name in `reasons.yaml`."""
    figures = {name: f"{value:,.0f}" for name, value in _whole(found).items()} | _parts(found)
    return {name: sentence.format(**figures) for name, sentence in yaml.safe_load(SENTENCES.read_text("utf-8")).items()}


def _whole(found: Measured) -> dict[str, float]:
    """Figures that are shown without decimals; microseconds of CPU for each request where nothing else is said."""
    us = {name: each.cpu_us.median for name, each in (found.http[CONNECTIONS] | found.http_hooks).items()}
    ours, peers = us[OURS], {name: us.get(name, float("nan")) for name in (PLAIN, COMPETENT, BENTOML, HEALTHCHAIN)}
    rules = [cost for stage, cost in found.stages.items() if stage.startswith(RULE)]
    return {
        "ours": ours,
        "floor": found.http[CONNECTIONS][FLOOR].cpu_us.median,
        "without_store": us[WITHOUT_STORE],
        "keeping": ours - us[WITHOUT_STORE],
        "hook": us[OUR_HOOK],
        "full_hook": us[OUR_FULL_HOOK],
        "plain": peers[PLAIN],
        "plain_bound": peers[PLAIN] / AT_LEAST,
        "competent": peers[COMPETENT],
        "competent_bound": peers[COMPETENT] / AT_LEAST,
        "bentoml": peers[BENTOML],
        "static_card": peers[HEALTHCHAIN],
        "ours_of_floor": ours / found.http[CONNECTIONS][FLOOR].cpu_us.median,
        "core": _core_us(found),
        "rules": len(rules),
        "judging": sum(rules),
        **{stage: found.stages[stage] for stage in ("facts", "assemble", "validate", "serialise")},
        "modules": found.start.modules,
    }


def _parts(found: Measured) -> dict[str, str]:
    """Figures that need decimals."""
    batch_ms = min(cpu_ms for _, cpu_ms in found.batch.values())
    of_floor = _core_us(found) / found.http[CONNECTIONS][FLOOR].cpu_us.median
    return {"core_of_floor": f"{of_floor:.1f}", "batch_cpu": f"{batch_ms:.2f}"}


def _core_us(found: Measured) -> float:
    return sum(cost for stage, cost in found.stages.items() if stage != STORE)
