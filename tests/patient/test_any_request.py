"""Whatever is sent in place of the example, it is read or refused, and never repeated."""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from service.patient import PatientState
from service.patient.reading import RefusedRequest, read_patient
from tests.patients import EXAMPLE, TODAY

CANARY = "canary 7f3a"
NUMBER = 8675309


def places(node, here=()):
    """Every place of a document."""
    yield here
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in children:
        yield from places(child, (*here, step))


PLACES = [place for place in places(EXAMPLE) if place]
LEAVES = st.one_of(
    st.just(CANARY),
    st.just(f"2026-{CANARY}"),
    st.sampled_from([NUMBER, -NUMBER, NUMBER + 0.25, NUMBER * 10**30]),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.dates().map(str),
    st.datetimes().map(str),
)
KEYS = st.sampled_from(["value", "unit", "kind", "given_on", f"{CANARY} key", "~1/", ""])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)


@st.composite
def mutated(draw):
    """The example with up to four places replaced, removed, repeated or widened."""
    told = copy.deepcopy(EXAMPLE)
    for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=4)):
        node = told
        try:
            for step in place[:-1]:
                node = node[step]
            node[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
        what = draw(st.sampled_from(["replace", "remove", "repeat", "widen"]))
        if what == "replace":
            node[place[-1]] = draw(VALUES)
        elif what == "remove":
            del node[place[-1]]
        elif isinstance(node, list):
            node.append(node[place[-1]] if what == "repeat" else draw(VALUES))
        else:
            node[draw(KEYS)] = draw(VALUES)
    return told


def refusal_of(body):
    """The refusal of a body, or None if it is read. Anything else is an error."""
    try:
        state = read_patient(body, TODAY)
    except RefusedRequest as refusal:
        return refusal
    assert isinstance(state, PatientState)
    return None


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_changed_example_is_read_or_refused_without_its_values(told):
    refusal = refusal_of(json.dumps(told).encode())
    if refusal is not None:
        assert refusal.refusals
        said = [str(refusal), repr(refusal), *(f"{each.pointer} {each.message}" for each in refusal.refusals)]
        assert not [text for text in said if CANARY in text or str(NUMBER) in text]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_refused(body):
    assert refusal_of(body) is not None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_text_that_is_cut_or_scratched_is_read_or_refused(data):
    body = bytearray(json.dumps(EXAMPLE).encode())
    at = data.draw(st.integers(0, len(body) - 1))
    body[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))
    refusal_of(bytes(body))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([place for place in PLACES if isinstance(place[-1], str)]))
def test_a_key_that_stands_twice_is_refused_where_it_stands(place):
    def written(node, here):
        """JSON text of a node, with the key at `place` written twice."""
        if isinstance(node, dict):
            pairs = [f"{json.dumps(key)}: {written(child, (*here, key))}" for key, child in node.items()]
            pairs += [f"{json.dumps(key)}: 8675309" for key in node if (*here, key) == place]
            return f"{{{', '.join(pairs)}}}"
        if isinstance(node, list):
            return f"[{', '.join(written(child, (*here, index)) for index, child in enumerate(node))}]"
        return json.dumps(node)

    (only,) = refusal_of(written(EXAMPLE, ()).encode()).refusals
    assert only.pointer == "".join(f"/{step}" for step in place)
    assert only.message == "stands twice; every key may stand once"
