"""The resources as they came: taken out of their bundles, labelled, each once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from service.intake.members import NOTHING, entries_at, object_at, text_at
from service.intake.trace import NotUsed

_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_ADDRESS = re.compile(r"[A-Za-z0-9:/._~%\-]{1,200}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION = "/_history/"
URN = "urn:uuid:"


class Source(NamedTuple):
    """One resource.

    `label` names it to people: type and id, else its full URL, else where it stands. `key` is type and id as a reference
    names them, if it has both. `address` is the full URL of its entry.
    """

    resource: Mapping[str, Any]
    kind: str
    label: str
    key: str | None
    address: str | None


@dataclass(frozen=True)
class Sources:
    """Everything that came.

    `disputed` came more than once with different contents, and is in `every` no more. `not_had` are the types of bundles
    that hold only a part of what was found.
    """

    every: tuple[Source, ...]
    not_used: tuple[NotUsed, ...]
    disputed: tuple[Source, ...] = ()
    not_had: frozenset[str] = frozenset()

    @cached_property
    def by_reference(self) -> dict[str, Source]:
        """The resources by their type and id, and by their full URL."""
        found = {f"{URN}{name}": source for source in self.every if (name := uuid_of(source))}
        found |= {as_local(source.address): source for source in self.every if source.address}
        found |= {source.key: source for source in self.every if source.key}
        return found | {source.address: source for source in self.every if source.address}

    def find(self, source: Source, reference: Mapping[str, Any]) -> Mapping[str, Any]:
        """The resource that a reference of `source` names: contained there, or in the same bundle. Empty if there is none."""
        named = text_at(reference, "reference")
        if named is None:
            return NOTHING
        if named.startswith("#"):
            return next((each for each in entries_at(source.resource, "contained") if each.get("id") == named[1:]), NOTHING)
        found = self.by_reference.get(named) or self.by_reference.get(as_local(named))
        return found.resource if found else NOTHING


def as_local(reference: str) -> str:
    """`Patient/x` for `https://server/fhir/Patient/x/_history/2`; anything else as it is."""
    steps = reference.split(_VERSION, 1)[0].rsplit("/", 2)
    return "/".join(steps[-2:])


def gather_sources(resources: Sequence[object]) -> Sources:
    """Every resource, out of however many bundles. Reads no further than each entry's own members."""
    found: list[Source] = []
    not_used: list[NotUsed] = []
    not_had: set[str] = set()
    for resource, address in _opened(resources, not_used, not_had):
        if not isinstance(resource, dict):
            not_used.append(NotUsed(f"entry {len(found) + len(not_used) + 1}", "is no resource"))
            continue
        found.append(_source(resource, address, len(found) + 1))
    disputed: list[Source] = []
    every = tuple(_each_once(found, not_used, disputed))
    return Sources(every, tuple(not_used), tuple(disputed), frozenset(not_had))


def resources_in(resources: Sequence[object]) -> list[Mapping[str, Any]]:
    """Every resource, out of however many bundles, as often as it came."""
    return [resource for resource, _ in _opened(resources, [], set()) if isinstance(resource, dict)]


def types_not_had(resources: Sequence[object]) -> frozenset[str]:
    """The types of bundles that hold only a part of what was found."""
    not_had: set[str] = set()
    for _ in _opened(resources, [], not_had):
        pass
    return frozenset(not_had)


def uuid_of(source: Source) -> str | None:
    """The id of a resource, if it is a UUID: loaders of bundles make the id of the full URL, and drop that."""
    name = text_at(source.resource, "id")
    return name if name and _UUID.fullmatch(name) else None


def _opened(resources: Sequence[object], not_used: list[NotUsed], not_had: set[str]) -> Iterator[tuple[object, str | None]]:
    """Resources in their order, bundles and Parameters replaced by what they hold."""
    waiting: list[tuple[object, str | None]] = [(resource, None) for resource in reversed(resources)]
    while waiting:
        resource, address = waiting.pop()
        match text_at(resource, "resourceType"):
            case "Bundle":
                entries = entries_at(object_at(resource), "entry")
                if _is_partial(object_at(resource), len(entries)):
                    not_used.append(NotUsed("Bundle", "holds only a part of what was found"))
                    not_had.update(text_at(each, "resource", "resourceType") or "" for each in entries or [NOTHING])
                for entry in reversed(entries):
                    outcome = object_at(entry, "response", "outcome")  # what a server had to say about the resource
                    if outcome:
                        waiting.append((outcome, None))
                    if "resource" in entry:
                        waiting.append((entry["resource"], text_at(entry, "fullUrl")))
            case "Parameters":
                parameters = entries_at(object_at(resource), "parameter")
                waiting.extend((each["resource"], None) for each in reversed(parameters) if "resource" in each)
            case _:
                yield resource, address


def _is_partial(bundle: Mapping[str, Any], count: int) -> bool:
    more = any(link.get("relation") == "next" for link in entries_at(bundle, "link"))
    total = bundle.get("total")
    is_search = bundle.get("type") in (None, "searchset")
    return more or (is_search and isinstance(total, int) and total > count)


def _source(resource: Mapping[str, Any], address: str | None, number: int) -> Source:
    kind, name = text_at(resource, "resourceType") or "", text_at(resource, "id")
    if not _TYPE.fullmatch(kind):
        return Source(resource, kind, f"resource {number}", None, address)
    key = f"{kind}/{name}" if name else None
    if name is not None and _ID.fullmatch(name):
        return Source(resource, kind, f"{kind}/{name}", key, address)
    label = address if address and _ADDRESS.fullmatch(address) else f"{kind}, resource {number}"
    return Source(resource, kind, label, key, address)


def _each_once(sources: list[Source], not_used: list[NotUsed], disputed: list[Source]) -> Iterator[Source]:
    """A resource that came twice counts once. Two that say different things under one name are both left out."""
    alike: dict[str, list[Source]] = {}
    for source in sources:
        alike.setdefault(source.key or f"#{id(source)}", []).append(source)
    for first, *others in alike.values():
        if not others or all(_content(other) == _content(first) for other in others):
            yield first
        else:
            not_used.append(NotUsed(first.label, "came more than once, with different contents"))
            disputed.extend((first, *others))


def _content(source: Source) -> dict[str, Any]:
    return {name: member for name, member in source.resource.items() if name != "meta"}
