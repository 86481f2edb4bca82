"""One row for each importer whose disjoint tokens are known: how that source would have written them down."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Tokens:
    """What was used, in disjoint counts."""

    fresh: int
    read: int
    write: int
    hour: int  # of the writes, those kept for an hour
    visible: int
    reasoning: int

    @property
    def prompt(self):
        return self.fresh + self.read + self.write

    @property
    def output(self):
        return self.visible + self.reasoning


CHAT = [{"role": "user", "content": "hi"}]
ISO = "2026-03-01T12:00:00Z"
SAID = {"choices": [{"message": {"role": "assistant", "content": "ho"}, "finish_reason": "stop"}]}


def chat_usage(t):
    return {
        "prompt_tokens": t.prompt,
        "completion_tokens": t.output,
        "total_tokens": t.prompt + t.output,
        "prompt_tokens_details": {
            "cached_tokens": t.read,
            "cache_write_tokens": t.write,
            "cache_creation_token_details": {"ephemeral_1h_input_tokens": t.hour},
        },
        "completion_tokens_details": {"reasoning_tokens": t.reasoning},
    }


def anthropic_usage(t):
    return {
        "input_tokens": t.fresh,
        "cache_read_input_tokens": t.read,
        "cache_creation_input_tokens": t.write,
        "cache_creation": {
            "ephemeral_5m_input_tokens": t.write - t.hour,
            "ephemeral_1h_input_tokens": t.hour,
        },
        "output_tokens": t.output,
        "output_tokens_details": {"thinking_tokens": t.reasoning},
    }


def chat_body(t):
    return {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o", "usage": chat_usage(t), **SAID}


def message(t):
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4",
        "content": [{"type": "text", "text": "ho"}],
        "stop_reason": "end_turn",
        "usage": anthropic_usage(t),
    }


def litellm(t):
    usage = {**chat_usage(t), "cache_creation_input_tokens": t.write}
    return {
        "request_id": "call-1",
        "call_type": "acompletion",
        "startTime": "2026-03-01 12:00:00",
        "endTime": "2026-03-01 12:00:01",
        "model": "gpt-4o",
        "custom_llm_provider": "openai",
        "spend": 0.1,
        "prompt_tokens": t.prompt,
        "completion_tokens": t.output,
        "total_tokens": t.prompt + t.output,
        "metadata": {"usage_object": usage},
        "request_tags": [],
    }


def openai_pairs(t):
    return {"timestamp": ISO, "request": {"model": "gpt-4o", "messages": CHAT}, "response": chat_body(t)}


def openai_responses(t):
    usage = {
        "input_tokens": t.prompt,
        "input_tokens_details": {"cached_tokens": t.read, "cache_write_tokens": t.write},
        "output_tokens": t.output,
        "output_tokens_details": {"reasoning_tokens": t.reasoning},
        "total_tokens": t.prompt + t.output,
    }
    body = {"id": "resp_1", "object": "response", "model": "gpt-5", "created_at": 1772366400, "output": []}
    return {"request": {"model": "gpt-5", "input": "hi"}, "response": {**body, "usage": usage}}


def openai_batch(t):
    answer = {"status_code": 200, "request_id": "r", "body": {**chat_body(t), "created": 1772366400}}
    return {"id": "batch_req_1", "custom_id": "1", "response": answer, "error": None}


def anthropic_messages(t):
    request = {"model": "claude-sonnet-4", "max_tokens": 9, "messages": CHAT}
    return {"timestamp": ISO, "request": request, "response": message(t)}


def anthropic_batches(t):
    return {"custom_id": "1", "result": {"type": "succeeded", "message": message(t)}}


def gemini(t):
    usage = {
        "promptTokenCount": t.prompt,
        "cachedContentTokenCount": t.read,
        "candidatesTokenCount": t.visible,
        "thoughtsTokenCount": t.reasoning,
        "totalTokenCount": t.prompt + t.output,
    }
    answer = {"candidates": [{"content": {"parts": [{"text": "ho"}]}}], "modelVersion": "gemini-2.5-pro"}
    request = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
    return {"timestamp": ISO, "request": request, "response": {**answer, "usageMetadata": usage}}


def bedrock(t):
    counts = {"inputTokenCount": t.fresh, "cacheReadInputTokenCount": t.read, "cacheWriteInputTokenCount": t.write}
    return {
        "schemaType": "ModelInvocationLog",
        "timestamp": ISO,
        "requestId": "r-1",
        "operation": "InvokeModel",
        "modelId": "anthropic.claude-sonnet-4-v1:0",
        "input": {"inputBodyJson": {"anthropic_version": "bedrock", "messages": CHAT}, **counts},
        "output": {"outputBodyJson": message(t), "outputTokenCount": t.output},
    }


def otel(t):
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": t.prompt,
        "gen_ai.usage.output_tokens": t.output,
        "gen_ai.usage.cache_read.input_tokens": t.read,
        "gen_ai.usage.cache_creation.input_tokens": t.write,
        "gen_ai.usage.reasoning.output_tokens": t.reasoning,
        "gen_ai.usage.total_tokens": t.prompt + t.output,
    }
    span = {"name": "chat", "spanContext": {"traceId": "a" * 32, "spanId": "b" * 16}, "attributes": attributes}
    return {**span, "startTime": [1772366400, 0], "endTime": [1772366401, 0]}


def langfuse(t):
    usage = {
        "input": t.fresh,
        "input_cache_read": t.read,
        "input_cache_creation": t.write,
        "output": t.visible,
        "output_reasoning": t.reasoning,
        "total": t.prompt + t.output,
    }
    return {
        "id": "o-1",
        "traceId": "t-1",
        "type": "GENERATION",
        "parentObservationId": None,
        "level": "DEFAULT",
        "startTime": ISO,
        "endTime": "2026-03-01T12:00:01Z",
        "model": "gpt-4o",
        "input": CHAT,
        "output": "ho",
        "usageDetails": usage,
        "costDetails": {},
    }


def helicone(t):
    return {
        "request_id": "h-1",
        "request_created_at": ISO,
        "request_path": "/v1/chat/completions",
        "request_model": "gpt-4o",
        "provider": "OPENAI",
        "response_status": 200,
        "prompt_tokens": t.prompt,
        "completion_tokens": t.output,
        "total_tokens": t.prompt + t.output,
        "prompt_cache_read_tokens": t.read,
        "prompt_cache_write_tokens": t.write,
        "reasoning_tokens": t.reasoning,
        "costUSD": 0.1,
        "delay_ms": 900,
    }


def openpipe(t):
    request = {"model": "gpt-4o", "messages": CHAT}
    return {"requestedAt": 1772366400000, "reqPayload": request, "respPayload": chat_body(t), "statusCode": 200}


def tensorzero(t):
    return {
        "id": "0195f1a2-d5b0-7e43-800d-3a5d37ec37a3",
        "inference_id": "0195f1a2-d5b0-7e43-800d-3a5d37ec37a4",
        "model_name": "gpt-4o",
        "model_provider_name": "openai",
        "raw_request": "{}",
        "raw_response": "{}",
        "input_messages": json.dumps(CHAT),
        "output": json.dumps([{"type": "text", "text": "ho"}]),
        "input_tokens": t.prompt,
        "output_tokens": t.output,
        "response_time_ms": 900,
    }


def nvidia_flywheel(t):
    return {**openai_pairs(t), "timestamp": 1772366400, "workload_id": "w", "client_id": "c"}


def claude_code(t):
    return {
        "type": "assistant",
        "timestamp": ISO,
        "sessionId": "s",
        "requestId": "req-1",
        "message": message(t),
        "costUSD": 0.1,
    }


def codex(t):
    usage = {
        "input_tokens": t.prompt,
        "cached_input_tokens": t.read,
        "output_tokens": t.output,
        "reasoning_output_tokens": t.reasoning,
        "total_tokens": t.prompt + t.output,
    }
    info = {"model": "gpt-5", "last_token_usage": usage, "total_token_usage": usage}
    return {"timestamp": ISO, "type": "event_msg", "payload": {"type": "token_count", "info": info}}


def generic(t):
    return {
        "timestamp": ISO,
        "model": "gpt-4o",
        "prompt": "hi",
        "completion": "ho",
        "prompt_tokens": t.prompt,
        "completion_tokens": t.output,
        "total_tokens": t.prompt + t.output,
        "cached_tokens": t.read,
        "cache_write_tokens": t.write,
        "cache_write_1h_tokens": t.hour,
        "reasoning_tokens": t.reasoning,
        "cost": 0.1,
    }


def router(t):
    own = {"written_by": "spiritsafe_router", "call_id": "chatcmpl-1", "served_by": "teacher", "status_code": 200}
    return {**openai_pairs(t), **own}


ROWS = {
    each.__name__: each
    for each in (
        anthropic_batches, anthropic_messages, bedrock, claude_code, codex, gemini, generic, helicone, langfuse, litellm,
        nvidia_flywheel, openai_batch, openai_pairs, openai_responses, openpipe, otel, router, tensorzero,
    )
}  # fmt: skip
