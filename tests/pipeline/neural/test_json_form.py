"""Only what can become a JSON object is let through, and everything that can is."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.students.neural.decode import Writer
from pipeline.students.neural.json_form import Form, advance

KEYS = st.text(alphabet="abc", min_size=1, max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4), st.booleans(), st.sampled_from([None, (",", ":")]))
def test_every_object_passes_and_is_complete_at_its_end_only(value, ascii_only, separators):
    text = json.dumps(value, ensure_ascii=ascii_only, separators=separators)
    form = Form()
    for place, sign in enumerate(text):
        assert not form.is_complete
        form = advance(form, sign)
        assert form is not None, text[: place + 1]
    assert form.is_complete


@settings(deadline=None)
@given(st.text(alphabet='{}[]":,0123456789.eE+-truefalsn \\ab\n', max_size=14))
def test_what_passes_whole_is_an_object(text):
    form = advance(Form(), text)
    if form is not None and form.is_complete:
        assert isinstance(json.loads(text), dict)


@pytest.mark.parametrize(
    "text", ["[1]", '"a"', "1", '{"a":01', '{"a":1,}', "{,", '{"a":tru3', '{"a":"\n', '{"a":1}{', '{"a":1,"a"']
)
def test_what_cannot_become_an_object_is_stopped(text):
    assert advance(Form(), text) is None


def test_keys_keep_to_those_allowed_once_each():
    writer = Writer(keys=frozenset({"date", "time"}))
    assert writer.allows('{"da', 'te":', False)
    assert not writer.allows('{"da', "y", False)
    assert not writer.allows('{"date":1,"date', '":', False)
    assert writer.allows('{"date":1}', "", True)
    assert not writer.allows('{"date":1', "", True)


def test_labels_keep_to_their_set():
    writer = Writer(labels=["refund", "refund later"])
    assert writer.allows("ref", "und", False)
    assert not writer.allows("ref", "use", False)
    assert writer.allows("refund", "", True)
    assert writer.allows("refund", " later", False)
    assert not writer.allows("refund l", "", True)
