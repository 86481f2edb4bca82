"""Small LiteLLM logs for tests: a few applications with known tasks, made from a seed."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 7, 6, tzinfo=UTC)
LABELS = {
    "refund": ["refund {n}", "give me my money back {n}", "i want a refund for order {n}", "reimburse me please {n}"],
    "delivery": ["where is my parcel {n}", "package late {n}", "delivery did not come {n}", "track shipment {n}"],
    "password": ["reset my password {n}", "cannot log in {n}", "forgot the login code {n}", "account locked {n}"],
    "billing": ["charged twice {n}", "wrong invoice {n}", "bill is too high {n}", "double payment on card {n}"],
}
SYSTEM = (
    "You sort customer mail of a shop. Answer with one word: refund, delivery, password or billing. Today is {day}."
)


def spend_row(number: int, at: datetime, **changes: Any) -> dict[str, Any]:
    """One SpendLogs row; ``changes`` replace columns."""
    row = {
        "request_id": f"call-{number}",
        "call_type": "acompletion",
        "api_key": "k1",
        "spend": 0.00075,
        "total_tokens": 220,
        "prompt_tokens": 200,
        "completion_tokens": 20,
        "startTime": at.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "endTime": (at + timedelta(milliseconds=800)).strftime("%Y-%m-%d %H:%M:%S.%f"),
        "request_duration_ms": 800,
        "model": "gpt-4o",
        "model_group": "gpt-4o",
        "custom_llm_provider": "openai",
        "metadata": "{}",
        "cache_hit": "False",
        "request_tags": "[]",
        "end_user": f"u{number % 50}",
        "messages": json.dumps([{"role": "user", "content": "hello"}]),
        "response": answer("hi"),
        "status": "success",
        "proxy_server_request": "{}",
    }
    return {**row, **changes}


def answer(text: str) -> str:
    """A chat completion with this text, as LiteLLM stores it."""
    message = {"role": "assistant", "content": text, "tool_calls": None}
    return json.dumps({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]})


def chat(system: str | None, user: str) -> str:
    """Messages, as LiteLLM stores them."""
    prompt = [{"role": "system", "content": system}] if system else []
    return json.dumps([*prompt, {"role": "user", "content": user}])


def shop_mail(rows: int, seed: int = 1, days: int = 84) -> Iterator[dict[str, Any]]:
    """A closed-label task whose system prompt carries the date, spread evenly over the days."""
    rng = random.Random(seed)
    words = [f"{a}{b}" for a in ("north", "south", "blue", "fast", "old") for b in ("port", "field", "line", "gate")]
    for number in range(rows):
        at = START + timedelta(seconds=number * days * 86_400 / rows + rng.random())
        label = rng.choice(sorted(LABELS))
        text = rng.choice(LABELS[label]).format(n=f"{rng.choice(words)} {rng.choice(words)}")
        system = SYSTEM.format(day=at.strftime("%A, %d %B %Y"))
        yield spend_row(number, at, messages=chat(system, text), response=answer(label))


def write_jsonl(path: Path, rows: Any) -> Path:
    """Rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
