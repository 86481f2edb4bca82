"""Tokens: disjoint columns add up to what the provider says in all, for every importer and every recorded usage."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.importers import importers
from analytics.importers.bodies.langfuse_usage import read_details
from analytics.importers.bodies.usage import read_usage
from analytics.importers.fields import RowError
from analytics.importers.shapes import exclusive_tokens
from tests.importers.usage_rows import ROWS, Tokens

INPUTS = ("in_uncached", "in_cache_read", "in_cache_write_5m", "in_cache_write_1h")
OUTPUTS = ("out_visible", "out_reasoning")
UNSAID = {  # what a source has no word for, and so counts among the rest
    "gemini": ("write",),
    "codex": ("write",),
    "tensorzero": ("read", "write", "reasoning"),
}
RECORDED = Path(__file__).parent / "usages.jsonl.gz"
count = st.integers(0, 10**6)


@st.composite
def usages(draw):
    write = draw(count)
    return Tokens(draw(count), draw(count), write, draw(st.integers(0, write)), draw(count), draw(count))


def read_row(name, row):
    importer = importers()[name]
    return importer.read(importer.gather([row])[0] if importer.gather else row)


def test_every_importer_has_a_row_to_count_tokens_on():
    assert set(ROWS) == set(importers())


@pytest.mark.parametrize("name", importers())
@given(used=usages())
def test_disjoint_tokens_add_up_to_the_providers_total(name, used):
    found = read_row(name, ROWS[name](used))
    assert sum(found[column] for column in INPUTS) == used.prompt
    assert sum(found[column] for column in OUTPUTS) == used.output
    assert min(found[column] for column in (*INPUTS, *OUTPUTS)) >= 0
    assert found["token_check"] in (True, None)


@pytest.mark.parametrize("name", importers())
@given(used=usages())
def test_what_was_read_written_and_thought_lands_in_its_own_column(name, used):
    found = read_row(name, ROWS[name](used))
    unsaid = UNSAID.get(name, ())
    if "read" not in unsaid:
        assert found["in_cache_read"] == used.read
    if "write" not in unsaid:
        assert found["in_cache_write_5m"] + found["in_cache_write_1h"] == used.write
    if "reasoning" not in unsaid:
        assert found["out_reasoning"] == used.reasoning
    if name in (
        "anthropic_batches",
        "anthropic_messages",
        "bedrock",
        "claude_code",
        "generic",
        "litellm",
        "openai_pairs",
    ):
        assert found["in_cache_write_1h"] == used.hour


@pytest.mark.parametrize("name", sorted(set(importers()) - {"tensorzero"}))
@given(used=usages(), more=st.integers(1, 10**6))
def test_a_part_larger_than_its_whole_is_refused_or_said_not_to_add_up(name, used, more):
    """The source's own total is kept, and its cached or reasoning part raised above what is left."""
    row = json.loads(json.dumps(ROWS[name](used)))
    bigger = ROWS[name](Tokens(used.fresh, used.prompt + more, 0, 0, used.visible, used.output + more))
    _raise_parts(row, json.loads(json.dumps(bigger)))
    try:
        found = read_row(name, row)
    except RowError:
        return
    assert min(found[column] or 0 for column in (*INPUTS, *OUTPUTS)) >= 0
    if found["token_check"] is None:  # without a logged total there is nothing to hold the parts against
        assert name in ("anthropic_batches", "anthropic_messages", "claude_code")


WHOLES = ("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens", "promptTokenCount")
WHOLES += ("totalTokenCount", "inputTokenCount", "outputTokenCount", "total", "input", "output", "candidatesTokenCount")


def _raise_parts(row, bigger):
    """Take every count from the bigger row, but for the wholes."""
    for key, value in row.items():
        whole = key.rsplit("gen_ai.usage.", 1)[-1] in WHOLES
        if isinstance(value, dict):
            _raise_parts(value, bigger[key])
        elif type(value) is int and not whole and key in bigger:
            row[key] = bigger[key]


def recorded():
    with gzip.open(RECORDED, "rt") as file:
        return [json.loads(line) for line in file]


def test_recorded_usages_are_there():
    assert len(recorded()) > 100


@pytest.mark.parametrize("each", recorded(), ids=lambda each: "+".join(sorted(each["usage"]))[:60])
def test_a_recorded_usage_is_read_as_an_independent_project_reads_it(each):
    found = read_usage(each["usage"])
    assert sum(found[column] or 0 for column in INPUTS) == each["read"].get("input_tokens", 0)
    assert sum(found[column] or 0 for column in OUTPUTS) == each["read"].get("output_tokens", 0)


@given(used=usages())
def test_langfuse_input_that_holds_its_parts_is_told_by_the_total(used):
    total = used.prompt + used.output
    parts = {"input_cached_tokens": used.read, "output_reasoning_tokens": used.reasoning, "total": total}
    whole = read_details(
        {"input": used.prompt - used.write, "output": used.output, **parts, "total": total - used.write}
    )
    apart = read_details({"input": used.fresh, "output": used.visible, **parts, "total": total - used.write})
    for found in (whole, apart):
        assert sum(found[column] for column in INPUTS) == used.fresh + used.read
        assert sum(found[column] for column in OUTPUTS) == used.output
        assert found["token_check"] is True


def test_thoughts_beside_the_completion_are_told_by_the_total():
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 35}
    found = read_usage({**usage, "completion_tokens_details": {"reasoning_tokens": 20}})
    assert (found["out_visible"], found["out_reasoning"], found["token_check"]) == (5, 20, True)


def test_one_hour_writes_beyond_all_writes_are_refused():
    with pytest.raises(RowError, match="one-hour"):
        exclusive_tokens(fresh=1, output=1, cache_write=5, cache_write_1h=6)


def test_cache_writes_that_do_not_add_up_are_said_so():
    parts = {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 2}
    usage = {"input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 9, "cache_creation": parts}
    assert read_usage(usage)["token_check"] is False


@pytest.mark.parametrize(
    ("maker", "expected"), [("anthropic", (5, 100)), ("openai", None)], ids=["anthropic's own count", "nobody's"]
)
def test_spans_from_before_the_convention_leave_out_anthropics_cache(maker, expected):
    row = ROWS["otel"](Tokens(5, 0, 0, 0, 7, 0))
    row["attributes"] |= {"gen_ai.usage.cache_read.input_tokens": 100, "gen_ai.provider.name": maker}
    del row["attributes"]["gen_ai.usage.total_tokens"]
    if expected is None:
        with pytest.raises(RowError, match="less than its cached part"):
            read_row("otel", row)
    else:
        found = read_row("otel", row)
        assert (found["in_uncached"], found["in_cache_read"]) == expected
