"""Bodies that are wrong, hostile or made up: 4xx in OpenAI's shape, never a 5xx of ours, never a hang."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.router.asked import FORBIDDEN, Refused, is_too_deep, read
from tests.pipeline.router.conftest import CHIEF  # noqa: F401  the fixtures beside it

WORDS = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("model", "messages", "tools", "tool_choice", "n", "stream", "metadata", "response_format", "stop", "user")


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=6), json_values, max_size=7))
def test_any_json_object_is_read_or_refused_with_a_reason(body):
    raw = json.dumps(body, allow_nan=True).encode("utf-8", "surrogatepass")
    try:
        asked = read(raw, {})
    except Refused as error:
        assert 400 <= error.status < 500 and str(error)
    else:
        assert asked.model and isinstance(asked.body["messages"], list)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(raw):
    with pytest.raises(Refused):
        read(raw, {})


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_client_cannot_choose_where_a_request_goes(name):
    with pytest.raises(Refused, match=name):
        read(json.dumps(WORDS | {name: "http://elsewhere"}).encode(), {})


def test_depth_is_bounded_without_using_the_stack():
    assert is_too_deep(json.loads("[" * 80 + "]" * 80)) and not is_too_deep({"a": [1, {"b": 2}]})
    with pytest.raises(Refused, match=r"deep|JSON"):
        read(b'{"model":"m","messages":' + b"[" * 900 + b"]" * 900 + b"}", {})


def test_media_is_for_the_teacher_alone():
    content = [{"type": "text", "text": "what is this"}, {"type": "image_url", "image_url": {"url": "http://x/y.png"}}]
    assert (
        read(json.dumps(WORDS | {"messages": [{"role": "user", "content": content}]}).encode(), {}).teacher_only
        == "media"
    )


def test_five_hundred_malformed_bodies_give_five_hundred_refusals(within):
    router, dice = within(), random.Random(8)
    whole = json.dumps(WORDS).encode()
    statuses = []
    for number in range(500):
        raw = bytearray(whole[: dice.randrange(len(whole) - 1)])
        if number % 2:
            raw += bytes(dice.randrange(256) for _ in range(20))
        answer = router.client.post("/v1/chat/completions", content=bytes(raw))
        statuses.append(answer.status_code)
        assert answer.json()["error"]["type"] == "invalid_request_error"
    assert set(statuses) == {400} and len(statuses) == 500


def test_a_body_beyond_the_limit_is_refused(within):
    answer = within(most_body_bytes=1_000).client.post("/v1/chat/completions", content=b"x" * 2_000)
    assert answer.status_code == 413
