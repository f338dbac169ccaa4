"""Sites of spread: each once, with what all resources that name it say about it."""

from collections.abc import Mapping
from typing import Any

from service.intake.gathering import Gathered, Origin
from service.intake.settling import settle
from service.patient.disease import Metastasis


def sites_of(gathered: Gathered) -> list[tuple[Metastasis, tuple[Origin, ...]]]:
    """Every site with the places in which it was read. Whether the list is complete is not said here."""
    found = []
    for site, told in gathered.sites.items():
        origins = tuple(origin for _, origin in told)
        found.append((_settled(site, told, origins[0], gathered), origins))
    return found


def _settled(site: str, told: list[tuple[Mapping[str, Any], Origin]], first: Origin, gathered: Gathered) -> Metastasis:
    named = {"site": site}

    def refuse(reason: str) -> None:
        gathered.refuse(first.resource, reason)

    return settle(Metastasis, _agreed(told, gathered) | named, refuse) or Metastasis.model_validate(named)


def _agreed(told: list[tuple[Mapping[str, Any], Origin]], gathered: Gathered) -> dict[str, Any]:
    """The fields on which the resources agree."""
    agreed: dict[str, Any] = {}
    disputed: set[str] = set()
    for fields, origin in told:
        for name, value in fields.items():
            if agreed.setdefault(name, value) != value:
                disputed.add(name)
                gathered.refuse(origin.resource, "says about this site of spread something else than another resource does")
    return {name: value for name, value in agreed.items() if name not in disputed}
