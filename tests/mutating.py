"""Changing JSON at random: nodes replaced, removed, repeated, moved or widened; some with a canary in them."""

import copy
from typing import Any

from hypothesis import strategies as st

CANARY = "canary7f3a"
MEMBERS = ["id", "url", "code", "value", "extension", "valueString", "reference", "resourceType", f"{CANARY}", "coding", "unit"]


def places(node: Any, here: tuple[Any, ...] = ()) -> Any:
    yield here
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in children:
        yield from places(child, (*here, step))


LEAVES = st.one_of(
    st.sampled_from([CANARY, f"2026-03-02T{CANARY}", f"Patient/{CANARY}", f"urn:uuid:{CANARY}", f"{CANARY} \u200b" * 30]),
    st.sampled_from([None, True, False, 0, -1, 10**30, int("9" * 4000)]),
    st.integers(),
    st.decimals(allow_nan=True, allow_infinity=True).filter(lambda number: not number.is_snan()),
    st.floats(),
    st.text(max_size=5),
    st.dates().map(str),
    st.datetimes().map(str),
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=3), max_leaves=6
)


def mutated(whole: Any) -> st.SearchStrategy[Any]:
    """The same with some nodes replaced, removed, repeated, moved or widened."""
    return _mutated(whole, [place for place in places(whole) if place])


@st.composite
def _mutated(draw: st.DrawFn, whole: Any, every: list[tuple[Any, ...]]) -> Any:
    told = copy.deepcopy(whole)
    for place in draw(st.lists(st.sampled_from(every), min_size=1, max_size=6)):
        node = told
        try:
            for step in place[:-1]:
                node = node[step]
            found = node[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
        if isinstance(node, str):
            continue  # a text took its place
        match draw(st.sampled_from(["replace", "remove", "repeat", "widen", "wrap"])):
            case "replace":
                node[place[-1]] = draw(VALUES)
            case "remove":
                del node[place[-1]]
            case "wrap":
                node[place[-1]] = draw(st.sampled_from([[found], {"extension": found}, [found, found]]))
            case "repeat" if isinstance(node, list):
                node.append(copy.deepcopy(found))
            case _ if isinstance(node, dict):
                node[draw(st.sampled_from(MEMBERS))] = draw(VALUES)
    return told
