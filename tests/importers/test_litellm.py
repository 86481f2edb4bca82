import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.importers import find_importer
from analytics.importers.fields import RowError, conversation, instant, mapping, task_tag
from analytics.importers.shapes import inclusive_tokens
from tests.loglines import START, spend_row

part = st.integers(0, 10**6)


@given(fresh=part, read=part, write=part, hour=part, visible=part, reasoning=part)
def test_disjoint_tokens_add_up_to_the_inclusive_totals(fresh, read, write, hour, visible, reasoning):
    hour = min(hour, write)
    prompt, completion = fresh + read + write, visible + reasoning
    found = inclusive_tokens(
        prompt=prompt, completion=completion, total=prompt + completion, cache_read=read, cache_write=write,
        cache_write_1h=hour, reasoning=reasoning,
    )  # fmt: skip
    inputs = ("in_uncached", "in_cache_read", "in_cache_write_5m", "in_cache_write_1h")
    assert sum(found[name] for name in inputs) == prompt
    assert found["out_visible"] + found["out_reasoning"] == completion
    assert min(found[name] for name in inputs) >= 0
    assert found["token_check"] is True


def test_unknown_tokens_stay_unknown():
    found = inclusive_tokens(prompt=None, completion=None, total=None)
    assert set(found.values()) == {None}


def test_a_cached_part_larger_than_the_whole_is_refused():
    with pytest.raises(RowError, match="prompt_tokens"):
        inclusive_tokens(prompt=10, completion=1, total=11, cache_read=20)


def litellm(**changes):
    return find_importer("litellm").read(spend_row(1, START, **changes))


def test_prompts_are_found_under_the_proxy_request_too():
    body = {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]}
    fields = litellm(messages="{}", proxy_server_request=json.dumps(body))
    assert (fields["system_prompt"], fields["input_text"]) == ("Be brief.", "hi")


def test_a_cut_text_is_flagged_and_keeps_its_money():
    fields = litellm(messages='[{"role": "user", "content": "abc ... (litellm_truncated 5000 chars) ... xyz"}]')
    assert fields["is_truncated"] and fields["in_uncached"] == 200


def test_json_cut_in_the_middle_is_flagged_as_truncated_not_rejected():
    fields = litellm(messages='[{"role": "user", "content": "abc')
    assert fields["is_truncated"] and fields.get("input_text") is None


def test_a_gateway_cache_hit_is_not_the_teachers():
    assert litellm(cache_hit="True")["served_by"] == "cache"


@pytest.mark.parametrize("bad", [-1, float("nan"), float("inf"), 10**12, "many", True])
def test_absurd_token_counts_never_get_in(bad):
    with pytest.raises(RowError, match="prompt_tokens"):
        litellm(prompt_tokens=bad)


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("-inf"), 10**9])
def test_absurd_costs_never_get_in(bad):
    with pytest.raises(RowError, match="spend"):
        litellm(spend=bad)


def test_a_time_without_zone_is_utc_where_the_source_says_so_and_refused_elsewhere():
    row = {"timestamp": "2026-01-31T12:00:00"}
    assert instant(row, "timestamp", naive_is_utc=True) == datetime(2026, 1, 31, 12, tzinfo=UTC)
    with pytest.raises(RowError, match="no time zone"):
        instant(row, "timestamp", naive_is_utc=False)


@given(st.one_of(st.floats(), st.text(), st.booleans(), st.lists(st.integers()), st.integers()))
def test_any_value_of_a_time_is_read_or_refused(value):
    try:
        found = instant({"t": value}, "t", naive_is_utc=True)
    except RowError:
        return
    assert found is None or found.tzinfo is not None


json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(messages=json_value, system=json_value)
def test_any_shape_of_messages_is_taken_apart_or_refused(messages, system):
    try:
        conversation(messages, system)
    except RowError:
        pass


@given(json_value)
def test_a_mapping_is_always_a_dictionary(value):
    assert isinstance(mapping(value), dict)


def test_a_single_user_message_is_stored_once():
    said = conversation([{"role": "user", "content": "hi"}])
    assert said["messages"] is None and said["input_text"] == "hi" and said["turns"] == 1


def test_later_turns_keep_the_first_and_the_last_user_message():
    messages = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]
    said = conversation(messages, "Be kind.")
    assert [said[name] for name in ("system_prompt", "first_user_text", "input_text", "turns")] == [
        "Be kind.",
        "a",
        "c",
        3,
    ]


@pytest.mark.parametrize(
    ("tags", "task"),
    [(["env:prod", "app:billing"], "billing"), (["app=x"], "x"), (["env:prod"], None), (["app:a", "app:b"], None)],
)
def test_a_tag_names_a_task_when_it_is_the_only_one(tags, task):
    assert task_tag(tags) == task


@pytest.mark.parametrize("status", [200, 429])
def test_an_openai_pair_keeps_its_status(status):
    row = {"timestamp": 1767225600, "status": status, "request": {"model": "gpt-4o", "messages": []}}
    row["response"] = {"error": {"type": "RateLimitError"}} if status == 429 else {"id": "x", "choices": []}
    fields = find_importer("openai_pairs").read(row)
    assert fields["status"] == ("failure" if status == 429 else "success")
    assert fields["http_status"] == status
