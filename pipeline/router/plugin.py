"""The same policy inside LiteLLM: a provider that answers, and a logger that writes down what others answered.

    # proxy.yaml
    model_list:
      - model_name: gpt-4o
        litellm_params: {model: spiritsafe/gpt-4o}
    litellm_settings:
      custom_provider_map:
        - {provider: spiritsafe, custom_handler: pipeline.router.plugin.handler}
      callbacks: pipeline.router.plugin.logger

The environment names the workspace (SPIRITSAFE_HOME), the teacher's API (SPIRITSAFE_UPSTREAM, OpenAI's when left out)
and its key (SPIRITSAFE_UPSTREAM_KEY). Importing this imports litellm.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # otherwise importing it calls the network

from litellm.integrations.custom_logger import CustomLogger
from litellm.llms.custom_llm import CustomLLM, CustomLLMError
from litellm.types.utils import GenericStreamingChunk, ModelResponse

from analytics.importers.router import MARK
from analytics.workspace import find_home
from pipeline.router.core import Reply
from pipeline.router.local import Hybrid
from pipeline.router.replies import new_id
from pipeline.router.upstream import Upstream

OPENAI = "https://api.openai.com/v1"
PROVIDER = "spiritsafe"


@lru_cache(maxsize=1)
def hybrid() -> Hybrid:
    """The router of this process, made at the first request."""
    key = os.environ.get("SPIRITSAFE_UPSTREAM_KEY") or os.environ.get("OPENAI_API_KEY")
    return Hybrid(find_home(), Upstream(os.environ.get("SPIRITSAFE_UPSTREAM", OPENAI), key))


class Provider(CustomLLM):  # type: ignore[misc]  # litellm is imported without its types
    """``spiritsafe/MODEL``: the student where it is sure, MODEL at the teacher's API for the rest."""

    def completion(self, model: str, messages: list[Any], **given: Any) -> ModelResponse:
        """A whole answer, for programs without a loop."""
        return _whole(hybrid().loop.run(hybrid().reply(_body(model, messages, given), _headers(given))))

    async def acompletion(self, model: str, messages: list[Any], **given: Any) -> ModelResponse:
        """A whole answer."""
        return _whole(await _reply(_body(model, messages, given), _headers(given)))

    def streaming(self, model: str, messages: list[Any], **given: Any) -> Iterator[GenericStreamingChunk]:
        """The whole answer in one chunk: a program without a loop waits for it either way."""
        found = self.completion(model, messages, **given)
        yield _chunk(found.choices[0].message.content or "", "")
        yield _chunk("", found.choices[0].finish_reason or "stop")

    async def astreaming(self, model: str, messages: list[Any], **given: Any) -> AsyncIterator[GenericStreamingChunk]:
        """The teacher's stream as it comes, or the student's answer."""
        reply = await _reply(_body(model, messages, given) | {"stream": True}, _headers(given))
        if reply.status != 200:
            raise _error(reply)
        if reply.pieces is None:
            for event in _events((reply.body or b"").decode()):
                yield _of_event(event)
            return
        async for event in _across(reply):
            yield _of_event(event)


class Logger(CustomLogger):  # type: ignore[misc]
    """Calls that other providers of the proxy answered, into the same journal; those of ours are there already."""

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """One call."""
        if kwargs.get("custom_llm_provider") == PROVIDER or not hasattr(response_obj, "model_dump"):
            return
        body = {
            "model": kwargs.get("model"),
            "messages": kwargs.get("messages"),
            **(kwargs.get("optional_params") or {}),
        }
        row = {
            "written_by": MARK, "call_id": new_id(), "timestamp": _utc(start_time), "served_by": "teacher",
            "latency_ms": (end_time - start_time).total_seconds() * 1000, "ttft_ms": None, "status_code": 200,
            "request": json.loads(json.dumps(body, default=str)), "app": None, "api_key": None,
            "provider": kwargs.get("custom_llm_provider"),
            "response": response_obj.model_dump(mode="json") | {"model": kwargs.get("model")},  # not the proxy's alias
        }  # fmt: skip
        hybrid().desk.journal.add("exchange", row)


def _utc(moment: datetime) -> str:
    """LiteLLM gives the machine's own time without a zone."""
    return moment.astimezone(UTC).isoformat()


def _body(model: str, messages: list[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    options = {name: value for name, value in (given.get("optional_params") or {}).items() if name != "stream"}
    return {"model": model.removeprefix(f"{PROVIDER}/"), "messages": messages, **options}


def _headers(given: Mapping[str, Any]) -> dict[str, str]:
    return {"content-type": "application/json"} | {
        name.lower(): str(value)
        for name, value in (given.get("headers") or {}).items()
        if name.lower().startswith("x-spiritsafe-task")
    }


async def _reply(body: dict[str, Any], headers: dict[str, str]) -> Reply:
    """The router has a loop of its own; this one waits without being held up."""
    work = hybrid().reply(body, headers)
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, hybrid().loop.loop))


async def _across(reply: Reply) -> AsyncIterator[dict[str, Any]]:
    """A stream of the router's loop, read in the caller's."""
    assert reply.pieces is not None
    pieces, rest = reply.pieces.__aiter__(), ""
    while True:
        step = asyncio.run_coroutine_threadsafe(_next(pieces), hybrid().loop.loop)
        piece = await asyncio.wrap_future(step)
        if piece is None:
            return
        rest += piece.decode("utf-8", "replace")
        whole, mark, rest = rest.rpartition("\n\n")
        for event in _events(whole + mark):
            yield event


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    return await anext(pieces, None)


def _events(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        content = line.removeprefix("data:").strip()
        if line.startswith("data:") and content != "[DONE]":
            yield json.loads(content)


def _of_event(event: dict[str, Any]) -> GenericStreamingChunk:
    choices = event.get("choices") or [{}]
    choice = choices[0] if choices else {}
    delta = choice.get("delta") or {}
    calls = delta.get("tool_calls") or [None]
    return _chunk(delta.get("content") or "", choice.get("finish_reason") or "", calls[0])


def _chunk(text: str, finish: str, tool: Any = None) -> GenericStreamingChunk:
    return GenericStreamingChunk(
        text=text, is_finished=bool(finish), finish_reason=finish, index=0, tool_use=tool, usage=None
    )


def _whole(reply: Reply) -> ModelResponse:
    if reply.status != 200:
        raise _error(reply)
    found = json.loads(reply.body or b"{}")
    return ModelResponse(**found)


def _error(reply: Reply) -> CustomLLMError:
    try:
        message = json.loads(reply.body or b"{}")["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = f"status {reply.status}"
    return CustomLLMError(status_code=reply.status, message=str(message))


handler = Provider()
logger = Logger()
