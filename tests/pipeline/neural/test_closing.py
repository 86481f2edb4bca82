"""A cut object is closed to JSON that says nothing the text did not say."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pipeline.students.neural.closing import closed

values = st.recursive(st.text(max_size=5) | st.integers(), lambda inner: st.lists(inner, max_size=2), max_leaves=4)


@given(st.dictionaries(st.text(max_size=5), values, max_size=4), st.floats(0, 1))
def test_any_start_of_an_object_closes_to_an_object(content, share):
    text = json.dumps(content)
    found = json.loads(closed(text[: round(share * len(text))]))
    assert isinstance(found, dict) and set(found) <= set(content)


def test_a_whole_object_stays_and_nonsense_is_empty():
    assert closed('{"a": 1}') == '{"a": 1}'
    assert closed("no object") == "{}"
