"""The one place that reaches over the network: a model call through litellm, and an OpenAI-style batch service.

Each ``chat`` is exactly one HTTP request. litellm's own retries are off, because a retry that the ledger does not know
of is money that nobody counted.
"""

import asyncio
import contextlib
import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.errors import InputError, MissingExtra, SpiritsafeError
from pipeline.teaching.keys import find_key, hide
from pipeline.teaching.request import NotAReply, Request, read_reply

DEADLINE_S = 120.0  # of one call
OPENAI_URL = "https://api.openai.com/v1"
STOPS_THE_RUN = frozenset({400, 401, 403, 404, 422})
REFUSED = STOPS_THE_RUN | {429}  # the provider did no work, so it bills nothing


class ProviderError(SpiritsafeError):
    """A model call failed for good: the message says what to mend."""


class CallFailed(Exception):
    """One call failed and may be tried again."""

    def __init__(self, reason: str, *, status: int | None, retry_after_s: float | None = None) -> None:
        super().__init__(hide(reason)[:300])
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def is_free(self) -> bool:
        """Whether it is sure that nothing is billed."""
        return self.status in REFUSED

    @property
    def is_outage(self) -> bool:
        """Whether it says something about the provider rather than about this question."""
        return self.status is None or self.status >= 500 or self.status == 408

    @property
    def stops_the_run(self) -> bool:
        """Whether another try would only fail again."""
        return self.status in STOPS_THE_RUN


@dataclass(frozen=True)
class Response:
    """The raw body of an answer and its headers."""

    raw: str
    headers: Mapping[str, str]


class Teacher:
    """One model at one provider."""

    def __init__(self, model: str, api_base: str | None = None, deadline_s: float = DEADLINE_S) -> None:
        self.model = model
        self.api_base = api_base
        self._deadline_s = deadline_s
        self._key = find_key(model) or ("none" if api_base else None)

    async def chat(self, request: Request) -> Response:
        """One HTTP request. Raises CallFailed."""
        litellm = _litellm()
        call = litellm.acompletion(
            model=self.model,
            api_base=self.api_base,
            api_key=self._key,
            timeout=self._deadline_s,
            num_retries=0,
            max_retries=0,
            drop_params=False,
            **request.body(),
        )
        try:
            found = await asyncio.wait_for(call, self._deadline_s + 5)
            raw = hide(found.model_dump_json())
            headers = {str(name).lower(): str(value) for name, value in (found._response_headers or {}).items()}
        except asyncio.CancelledError:
            raise
        except Exception as error:
            raise _as_failure(error) from None
        try:
            read_reply(raw)
        except NotAReply as error:
            raise CallFailed(str(error), status=200) from None
        return Response(raw, headers)

    async def close(self) -> None:
        """Close litellm's connections."""
        with contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await _litellm().close_litellm_async_clients()


def _as_failure(error: Exception) -> CallFailed:
    """Connection faults have no status of their own, whatever litellm puts there."""
    name = type(error).__name__
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", None)
    if name in ("Timeout", "APITimeoutError", "TimeoutError"):
        return CallFailed(f"{name}: no answer in time", status=408)
    if name == "APIConnectionError" or not isinstance(status, int):
        return CallFailed(f"{name}: {error}", status=None)
    headers = getattr(error, "litellm_response_headers", None) or getattr(response, "headers", None) or {}
    return CallFailed(f"{name}: {error}", status=status, retry_after_s=retry_after_s(headers))


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks to wait: a number, or until a date."""
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    text = headers.get("retry-after") or headers.get("Retry-After")
    if not text:
        return None
    with contextlib.suppress(ValueError):
        return max(0.0, float(text))
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    return None


def _litellm() -> Any:
    """litellm with its own prices, its telemetry and its talk off. Imported here, for it takes seconds."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    for module in ("pydantic", "litellm", "openai"):  # what they say of their own types is nothing to act on
        warnings.filterwarnings("ignore", module=module)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import litellm
    except ImportError:
        raise MissingExtra("litellm", "train") from None
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.disable_aiohttp_transport = True
    return litellm


class BatchService:
    """Files and batches as OpenAI has them: half the price, and results that can be fetched again."""

    def __init__(self, model: str, api_base: str | None = None, deadline_s: float = DEADLINE_S) -> None:
        import httpx

        provider, _, self._name = model.partition("/")
        if provider != "openai":
            raise InputError(f"--batch works with openai/MODEL and servers that speak like it, not with {provider}")
        key = find_key(model) or "none"
        headers = {"authorization": f"Bearer {key}"}
        self._client = httpx.Client(
            base_url=f"{(api_base or OPENAI_URL).rstrip('/')}/", headers=headers, timeout=deadline_s
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def submit(self, lines: list[tuple[str, Request]], metadata: dict[str, str]) -> str:
        """Upload the questions, each under its custom id, and start a batch. Returns its id."""
        body = "".join(json.dumps(self._line(custom_id, request)) + "\n" for custom_id, request in lines)
        upload = {"file": ("questions.jsonl", body.encode(), "application/jsonl")}
        file = self._ask("POST", "files", data={"purpose": "batch"}, files=upload)
        made = {"input_file_id": file["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        return str(self._ask("POST", "batches", json=made | {"metadata": metadata})["id"])

    def _line(self, custom_id: str, request: Request) -> dict[str, Any]:
        body = {"model": self._name, **request.body()}
        return {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body}

    def find(self, name: str, value: str) -> str | None:
        """The id of the batch that carries this metadata, if the provider has it."""
        after: dict[str, str] = {}
        while True:
            page = self._ask("GET", "batches", params={"limit": "100", **after})
            for batch in page["data"]:
                if (batch.get("metadata") or {}).get(name) == value:
                    return str(batch["id"])
            if not page.get("has_more") or not page["data"]:
                return None
            after = {"after": page["data"][-1]["id"]}

    def state(self, batch_id: str) -> dict[str, Any]:
        """The batch as the provider has it."""
        return self._ask("GET", f"batches/{batch_id}")

    def lines(self, file_id: str) -> list[dict[str, Any]]:
        """The lines of a result file."""
        text = self._send("GET", f"files/{file_id}/content").text
        return [json.loads(line) for line in text.splitlines() if line.strip()]

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        found = self._send(method, path, **more).json()
        return dict(found)

    def _send(self, method: str, path: str, **more: Any) -> Any:
        import httpx

        try:
            response = self._client.request(method, path, **more)
        except httpx.HTTPError as error:
            raise CallFailed(f"{type(error).__name__}: {error}", status=None) from None
        if response.status_code >= 400:
            wait = retry_after_s(response.headers)
            raise CallFailed(
                f"{response.status_code}: {response.text}", status=response.status_code, retry_after_s=wait
            )
        return response
