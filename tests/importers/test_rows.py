"""What single sources write and mean: spans in spans, sessions, batches, streams, logs whose texts lie elsewhere."""

import json

import pytest

from analytics.importers import Link, find_importer
from analytics.importers.bodies.spoken import said_in, spoken
from analytics.importers.bodies.streams import assembled
from analytics.importers.fields import RowError
from analytics.importers.nesting import repeats
from analytics.ingest import import_files
from analytics.store import open_store
from analytics.workspace import Workspace
from tests.importers.test_contract import SAMPLES, read_sample
from tests.importers.usage_rows import CHAT, ROWS, Tokens, message
from tests.loglines import write_jsonl

USED = Tokens(5, 4, 3, 2, 7, 6)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "home")


def stored(workspace, select):
    with open_store(workspace) as store:
        return store.connection.sql(select).fetchall()


def call(name, parent=None, usage=True):
    return Link(name, parent, True, usage)


def span(name, parent=None, tool=False):
    return Link(name, parent, False, False, tool)


@pytest.mark.parametrize(
    ("links", "again"),
    [
        ([call("outer"), call("inner", "outer")], {"outer"}),
        ([call("outer"), span("step", "outer"), call("inner", "step")], {"outer"}),
        ([call("a"), call("b", "a"), call("c", "b")], {"a", "b"}),
        ([call("outer"), span("tool", "outer", tool=True), call("inner", "tool")], set()),
        ([call("outer"), call("inner", "outer", usage=False)], {"inner"}),
        ([call("outer", usage=False), call("inner", "outer", usage=False)], {"outer"}),
        ([call("outer"), call("failed", "outer", usage=False), call("inner", "outer")], {"outer"}),
        ([call("a", "b"), call("b", "a")], {"a", "b"}),
        ([call("alone", "not in this file")], set()),
        ([], set()),
    ],
)
def test_only_the_innermost_call_is_a_call(links, again):
    assert repeats(links) == again


def test_an_agents_total_and_a_generations_wrapper_are_not_counted_twice():
    calls, reasons = read_sample("langfuse")
    assert len(calls) == 6 and len(reasons) == 9
    assert sum(fields["in_uncached"] + fields["out_visible"] for fields in calls) == 147 + 127 + 163 + 236 + 45 + 31


def test_ai_sdk_spans_around_a_call_and_http_spans_are_accounted_for():
    calls, reasons = read_sample("otel")
    assert len(calls) == 8
    assert any("lies around the call" in reason for reason in reasons)
    assert any("execute_tool" in reason for reason in reasons)
    assert all(fields["model"] and fields["output_text"] for fields in calls if fields["operation"] == "chat")


def test_a_trace_over_several_lines_of_a_large_file_is_one_trace(workspace, tmp_path, monkeypatch):
    from analytics import crew, sources

    monkeypatch.setattr(sources, "BLOCK_BYTES", 2_000)
    monkeypatch.setattr(crew, "SMALL_BYTES", 0)
    rows = []
    for number in range(20):
        for kind, parent in (("outer", None), ("inner", "outer")):
            row = ROWS["otel"](USED)
            row["spanContext"] = {"traceId": f"{number:032x}", "spanId": f"{kind}-{number}"}
            row["parentSpanId"] = f"{parent}-{number}" if parent else None
            rows.append(row)
    rows = [*rows[::2], *rows[1::2]]  # every outer span lies far from its inner one
    report = import_files(workspace, [str(write_jsonl(tmp_path / "spans.jsonl", rows))])
    assert (report.rows_in, report.calls, report.quarantined) == (40, 20, 20)
    assert stored(workspace, "select count(*) from calls where call_id like '%inner%'") == [(20,)]


def test_old_and_new_names_of_a_span_say_the_same():
    new = ROWS["otel"](Tokens(5, 0, 0, 0, 7, 0))
    new["attributes"] |= {
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]),
        "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": "ho"}]}]),
    }
    old = {
        "name": "openai.chat",
        "context": {"trace_id": "0x" + "a" * 32, "span_id": "0x" + "b" * 16},
        "start_time": "2026-03-01T12:00:00.000000Z",
        "end_time": "2026-03-01T12:00:01.000000Z",
        "attributes": {
            "llm.request.type": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "hi",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": "ho",
            "gen_ai.usage.prompt_tokens": 5,
            "gen_ai.usage.completion_tokens": 7,
            "llm.usage.total_tokens": 12,
        },
    }
    nested = {
        **old,
        "attributes": {
            "llm": {"model_name": "gpt-4o", "provider": "openai", "token_count": {"prompt": 5, "completion": 7}}
        },
    }
    nested["attributes"]["openinference"] = {"span": {"kind": "LLM"}}
    nested["attributes"]["llm"]["input_messages"] = [{"message": {"role": "user", "content": "hi"}}]
    nested["attributes"]["llm"]["output_messages"] = [{"message": {"role": "assistant", "content": "ho"}}]
    read = find_importer("otel").read
    same = (
        "call_id",
        "requested_at",
        "latency_ms",
        "provider",
        "model",
        "input_text",
        "output_text",
        "in_uncached",
        "out_visible",
    )
    first = {name: read(new)[name] for name in same}
    assert first["input_text"] == "hi" and first["output_text"] == "ho"
    assert {name: read(old)[name] for name in same} == first
    assert {name: read(nested)[name] for name in same} == first


@pytest.mark.parametrize(
    ("kind", "records"),
    [("openai_batch", ["requests.jsonl", "sample.jsonl"]), ("openai_batch", ["sample.jsonl", "requests.jsonl"])],
)
def test_a_batchs_prompts_are_found_beside_its_answers(workspace, tmp_path, kind, records):
    for place, file in enumerate(records):
        (tmp_path / f"{place}-{file}").write_text((SAMPLES / kind / file).read_text())
    report = import_files(workspace, [str(tmp_path / "*.jsonl")])
    assert (report.calls, report.quarantined) == (11, 3)
    found = stored(workspace, "select distinct input_text from calls where is_batch order by 1")
    assert ("Spagetti",) in found and (None,) not in found


def test_an_anthropic_batchs_prompts_are_found_and_failures_named(workspace, tmp_path):
    request = {
        "custom_id": "1",
        "params": {"model": "claude-sonnet-4", "max_tokens": 5, "system": "Sort.", "messages": CHAT},
    }
    failed = {"type": "errored", "error": {"type": "error", "error": {"type": "invalid_request_error"}}}
    results = [ROWS["anthropic_batches"](USED), {"custom_id": "2", "result": {"type": "expired"}}]
    write_jsonl(tmp_path / "requests.jsonl", [request, {**request, "custom_id": "3"}])
    write_jsonl(tmp_path / "results.jsonl", [*results, {"custom_id": "3", "result": failed}])
    import_files(workspace, [str(tmp_path / "results.jsonl")])
    columns = "system_prompt, input_text, status, error_class"
    assert stored(workspace, f"select {columns} from calls order by status") == [
        ("Sort.", "hi", "failure", "invalid_request_error"),
        ("Sort.", "hi", "success", None),
    ]
    assert "expired before it ran" in stored(workspace, "select reason from quarantine")[0][0]


def test_a_session_is_calls_with_the_prompt_before_each_and_one_call_an_answer(workspace, tmp_path):
    line = ROWS["claude_code"](USED)
    said = {
        "type": "user",
        "sessionId": "s",
        "timestamp": line["timestamp"],
        "message": {"role": "user", "content": "fix it"},
    }
    usage = {**line["message"]["usage"], "output_tokens": 1, "output_tokens_details": {}}
    early = {**line, "message": {**line["message"], "usage": usage, "content": [{"type": "text", "text": "I "}]}}
    tool = [{"type": "tool_use", "id": "t", "name": "edit", "input": {"a": 1}}]
    late = {**line, "message": {**line["message"], "content": tool}}
    result = {
        **said,
        "message": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "done"}]},
    }
    summary = {"type": "summary", "summary": "x", "leafUuid": "u"}
    rows = [summary, said, early, late, result]
    report = import_files(workspace, [str(write_jsonl(tmp_path / "s.jsonl", rows))])
    assert (report.files[0].format, report.calls, report.duplicates, report.quarantined) == ("claude_code", 1, 1, 3)
    ((asked, answered, tools, output),) = stored(
        workspace, "select input_text, output_text, tool_calls, out_visible + out_reasoning from calls"
    )
    assert (asked, answered, output) == ("fix it", "I ", USED.output) and "edit" in tools
    resumed = import_files(workspace, [str(write_jsonl(tmp_path / "resumed.jsonl", rows[1:]))])
    assert (resumed.calls, resumed.duplicates) == (0, 2)


def test_codex_counts_once_what_it_repeats(workspace, tmp_path):
    meta = {"type": "session_meta", "timestamp": "2026-03-01T11:00:00Z", "payload": {"id": "s-1"}}
    asked = {"type": "response_item", "timestamp": "2026-03-01T11:00:01Z"}
    asked["payload"] = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "why?"}]}
    said = {
        **asked,
        "payload": {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "so"}]},
    }
    count = ROWS["codex"](USED)
    report = import_files(workspace, [str(write_jsonl(tmp_path / "s.jsonl", [meta, asked, said, count, count]))])
    assert (report.calls, report.quarantined) == (1, 4)
    assert stored(workspace, "select session_id, input_text, output_text from calls") == [("s-1", "why?", "so")]


def test_a_bedrock_body_kept_elsewhere_is_flagged_and_keeps_its_tokens():
    row = ROWS["bedrock"](USED)
    row["output"] = {"outputBodyS3Path": "s3://logs/body.json.gz", "outputTokenCount": USED.output}
    fields = find_importer("bedrock").read(row)
    assert fields["is_truncated"] and fields["in_cache_read"] == USED.read and fields["in_uncached"] == USED.fresh


def test_a_bedrock_log_whose_counts_disagree_with_its_body_says_so():
    row = ROWS["bedrock"](USED)
    row["input"]["inputTokenCount"] = 99
    assert find_importer("bedrock").read(row)["token_check"] is False


@pytest.mark.parametrize(
    ("model_id", "model"),
    [
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-v1:0",
            "us.anthropic.claude-sonnet-4-v1:0",
        ),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/x1y2", "claude-sonnet-4"),
        ("meta.llama3-1-70b-instruct-v1:0", "meta.llama3-1-70b-instruct-v1:0"),
    ],
)
def test_a_bedrock_profile_leads_to_its_model(model_id, model):
    assert find_importer("bedrock").read({**ROWS["bedrock"](USED), "modelId": model_id})["model"] == model


def test_a_bedrock_record_in_a_cloudwatch_event_and_in_chunks(workspace, tmp_path):
    row = ROWS["bedrock"](USED)
    whole = message(USED)
    start = {
        "type": "message_start",
        "message": {**whole, "content": [], "usage": {**whole["usage"], "output_tokens": 1}},
    }
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "ho"}}
    stop = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": USED.output}}
    end = {
        "type": "message_stop",
        "amazon-bedrock-invocationMetrics": {"invocationLatency": 900, "firstByteLatency": 100},
    }
    row["output"]["outputBodyJson"] = [start, delta, stop, end]
    events = [{"timestamp": 1772366400000, "message": json.dumps(row)}]
    report = import_files(workspace, [str(write_jsonl(tmp_path / "events.jsonl", events))])
    assert (report.files[0].format, report.calls) == ("bedrock", 1)
    columns = "output_text, latency_ms, ttft_ms, out_visible + out_reasoning, token_check"
    assert stored(workspace, f"select {columns} from calls") == [("ho", 900.0, 100.0, USED.output, True)]


def test_vertex_rows_from_bigquery(workspace, tmp_path):
    pair = ROWS["gemini"](Tokens(5, 4, 0, 0, 7, 6))
    row = {"logging_time": "2026-03-01T12:00:00Z", "request_id": 7, "model": "publishers/google/models/gemini-2.5-pro"}
    row |= {"request_payload": [json.dumps(pair["request"])], "full_response": json.dumps(pair["response"])}
    row["metadata"] = json.dumps({"request_latency": 850.5})
    report = import_files(workspace, [str(write_jsonl(tmp_path / "bq.jsonl", [row]))])
    assert report.files[0].format == "gemini"
    columns = "call_id, provider, model, input_text, output_text, latency_ms, out_reasoning"
    assert stored(workspace, f"select {columns} from calls") == [
        ("7", "vertex_ai", "gemini-2.5-pro", "hi", "ho", 850.5, 6)
    ]


def test_a_stream_of_chat_chunks_is_put_together():
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": "gpt-4o", "created": 1}
    call = {"index": 0, "id": "t", "function": {"name": "look", "arguments": '{"a"'}}
    more = {"index": 0, "function": {"arguments": ": 1}"}}
    deltas = [{"content": "he"}, {"content": "y"}, {"tool_calls": [call]}, {"tool_calls": [more]}]
    events = [{**chunk, "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    events.append({**chunk, "choices": [], "usage": {"prompt_tokens": 3}})
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n"
    found = assembled(text)
    said = found["choices"][0]["message"]
    assert said["content"] == "hey" and said["tool_calls"][0]["function"] == {"name": "look", "arguments": '{"a": 1}'}
    assert found["usage"] == {"prompt_tokens": 3}


@pytest.mark.parametrize(
    "value",
    [
        "hi",
        [{"role": "user", "content": "hi"}],
        {"messages": [{"role": "user", "content": "hi"}]},
        json.dumps([{"role": "user", "content": [{"type": "text", "text": "hi"}]}]),
        {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
        [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}],
        [[{"lc": 1, "id": ["langchain", "HumanMessage"], "kwargs": {"content": "hi", "type": "human"}}]],
        {"prompt": "hi"},
    ],
)
def test_a_prompt_is_found_in_every_shape(value):
    assert said_in(value)["input_text"] == "hi"


@pytest.mark.parametrize(
    "value",
    [
        "ho",
        {"role": "assistant", "content": "ho"},
        {"choices": [{"message": {"content": "ho"}}]},
        {"content": {"parts": [{"text": "ho"}], "role": "model"}},
        [{"role": "user", "content": "hi"}, {"role": "assistant", "parts": [{"type": "text", "content": "ho"}]}],
        json.dumps({"text": "ho", "finish_reason": "stop"}),
        {"output": [{"type": "message", "content": [{"type": "output_text", "text": "ho"}]}]},
    ],
)
def test_an_answer_is_found_in_every_shape(value):
    assert spoken(value)["output_text"] == "ho"


@pytest.mark.parametrize("name", ["otel", "langfuse", "claude_code", "codex", "openai_batch", "anthropic_batches"])
def test_what_is_no_call_says_so(name):
    others = {
        "otel": {"name": "GET /", "spanId": "a", "traceId": "b", "attributes": {"http.request.method": "GET"}},
        "langfuse": {"id": "s", "traceId": "t", "type": "SPAN"},
        "claude_code": {"type": "user", "sessionId": "s", "message": {"role": "user", "content": "hi"}},
        "codex": {"type": "turn_context", "payload": {"model": "gpt-5"}},
        "openai_batch": {
            "custom_id": "1",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": "gpt-4o"},
        },
        "anthropic_batches": {"custom_id": "1", "params": {"model": "claude", "messages": CHAT}},
    }
    with pytest.raises(RowError, match="not a model call"):
        find_importer(name).read(others[name])
