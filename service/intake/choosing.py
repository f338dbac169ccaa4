"""One value for each single field: the newest of dated claims, and nothing where claims disagree."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.intake.gathering import Claim, Gathered, Origin


@dataclass(frozen=True, slots=True)
class Chosen:
    """The values of one part by field, with the places in which each was read and the day it is from."""

    values: dict[str, object] = field(default_factory=dict)
    origins: dict[str, tuple[Origin, ...]] = field(default_factory=dict)
    days: dict[str, str | None] = field(default_factory=dict)

    def drop(self, name: str, reason: str, gathered: Gathered) -> None:
        """Leave a field out, and say why of each place in which it was read."""
        del self.values[name]
        for origin in self.origins.pop(name):
            gathered.refuse(origin.resource, reason)


def choose(part: str, gathered: Gathered, as_of: str) -> Chosen:
    """The fields of a part. FHIR's own members count before our extension, which completes them."""
    chosen = Chosen()
    names = dict.fromkeys(name for which, name in (*gathered.claims, *gathered.completed) if which == part)
    for name in names:
        claims = newest_of(gathered.claims.get((part, name)) or gathered.completed[part, name], name, as_of, gathered)
        chosen.values[name] = claims[0].value
        chosen.days[name] = claims[0].on
        chosen.origins[name] = tuple(claim.origin for claim in claims)
        if any(claim.value != claims[0].value for claim in claims):
            chosen.drop(name, f"does not agree with another resource about {name}; neither is used", gathered)
    return chosen


def newest_of(claims: Iterable[Claim], name: str, as_of: str, gathered: Gathered) -> list[Claim]:
    """The claims of the last day on or before `as_of`, or else of the first day after it. The others are listed as not used."""
    claims = list(claims)
    days = {claim.on or "" for claim in claims}
    past = [day for day in days if day <= as_of]
    chosen_day = max(past) if past else min(days)
    for claim in claims:
        if (claim.on or "") != chosen_day:
            gathered.refuse(claim.origin.resource, f"is not the last on or before the day of the question about {name}")
    return [claim for claim in claims if (claim.on or "") == chosen_day]
