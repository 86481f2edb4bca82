"""Reading single values of a log row strictly: a value is right, absent, or a reason to reject the row."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

MAX_TOKENS = 100_000_000  # of one call; the largest context windows are 10 million
MAX_COST_USD = 100_000.0  # of one call
MAX_MS = 7 * 86_400_000.0  # a batch may take days
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = datetime(1970, 1, 1)
EARLIEST_YEAR, LATEST_YEAR = 2018, 2100
MICROSECOND = timedelta(microseconds=1)
DIGITS = re.compile(r"[0-9]{1,12}(\.0+)?", re.ASCII)
DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
EPOCH_TEXT = re.compile(r"[0-9]{9,19}(\.[0-9]+)?", re.ASCII)


class RowError(ValueError):
    """A row that cannot be a call. The message names the field."""


def tokens(row: Mapping[str, Any], name: str) -> int | None:
    """A count of tokens; null stays null."""
    value = row.get(name)
    if type(value) is int and 0 <= value <= MAX_TOKENS:
        return value
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer() and 0 <= value <= MAX_TOKENS:
        return int(value)
    if type(value) is str and DIGITS.fullmatch(value) and (count := int(float(value))) <= MAX_TOKENS:
        return count  # tables in text, and the 64-bit numbers of OTLP
    raise RowError(f"{name}: {_show(value)} is not a token count between 0 and {MAX_TOKENS:,}")


def first_tokens(row: Mapping[str, Any], *names: str) -> int | None:
    """The count under the first of the names that has one."""
    return next((found for name in names if (found := tokens(row, name)) is not None), None)


def number(row: Mapping[str, Any], name: str, most: float) -> float | None:
    """A finite number between 0 and ``most``; null stays null."""
    value = row.get(name)
    if value is None:
        return None
    if (type(value) is float or type(value) is int) and 0 <= value <= most:
        return float(value)
    if type(value) is str and DECIMAL.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        raise RowError(f"{name}: {_show(value)} is not a finite number")
    if not 0 <= value <= most:
        raise RowError(f"{name}: {_show(value)} is not between 0 and {most:,.0f}")
    return float(value)


def instant(row: Mapping[str, Any], name: str, *, naive_is_utc: bool) -> datetime | None:
    """A moment in UTC, from ISO 8601 text or epoch seconds (or milliseconds); null stays null."""
    value = row.get(name)
    if value is None or value == "":
        return None
    moment = _moment(value, name)
    if moment.tzinfo is None:
        if not naive_is_utc:
            raise RowError(
                f"{name}: {_show(value)} has no time zone; write it with an offset, as in 2026-01-31T12:00:00Z"
            )
        moment = moment.replace(tzinfo=UTC)
    if not EARLIEST_YEAR <= moment.year < LATEST_YEAR:
        raise RowError(f"{name}: {_show(value)} is not a time between 2018 and 2100")
    return moment


def utc_micros(row: Mapping[str, Any], name: str, *, naive_is_utc: bool) -> int | None:
    """``instant`` as microseconds since the epoch."""
    value = row.get(name)
    if type(value) is str and value and naive_is_utc:  # nearly every row of a source that writes naive times
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise RowError(f"{name}: {_show(value)} is not an ISO 8601 time") from None
        if moment.tzinfo is None and EARLIEST_YEAR <= moment.year < LATEST_YEAR:
            return (moment - NAIVE_EPOCH) // MICROSECOND
    found = instant(row, name, naive_is_utc=naive_is_utc)
    return None if found is None else micros(found)


def _moment(value: Any, name: str) -> datetime:
    if isinstance(value, str) and EPOCH_TEXT.fullmatch(value):
        value = float(value)
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.removesuffix(" UTC"))
        except ValueError:
            raise RowError(f"{name}: {_show(value)} is not an ISO 8601 time") from None
    if isinstance(value, datetime):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RowError(f"{name}: {_show(value)} is not a time")
    seconds = _seconds(value)
    if abs(seconds) > LATEST_YEAR * 366 * 86_400:
        raise RowError(f"{name}: {_show(value)} is not a time")
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError:  # before the year 1
        raise RowError(f"{name}: {_show(value)} is not a time") from None


def _seconds(value: float) -> float:
    """Epoch seconds out of seconds, milliseconds, microseconds or nanoseconds: no log is from another era."""
    for unit, most in ((1, 1e11), (1e3, 1e14), (1e6, 1e17)):
        if abs(value) <= most:
            return value / unit
    return value / 1e9


def micros(moment: datetime) -> int:
    """Microseconds since the epoch."""
    return (moment - EPOCH) // MICROSECOND


def nested(value: Any) -> Any:
    """A JSON value that the source may have written as text. Text that is not JSON gives None."""
    if type(value) is str:
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return None
    return value


def mapping(value: Any) -> dict[str, Any]:
    """``nested`` where an object is expected; anything else counts as empty."""
    if type(value) is str:
        value = nested(value) if value[:1] == "{" and value != "{}" else None
    return value if type(value) is dict else {}


def text_of(content: Any) -> str | None:
    """The text of a message's content: plain, or the text parts of a list."""
    if content is None or type(content) is str:
        return content
    if type(content) is not list:
        return None
    parts = [part.get("text") if type(part) is dict else part for part in content]
    return "\n".join(part for part in parts if type(part) is str) or None


NOTHING_SAID = dict.fromkeys(("system_prompt", "messages", "input_text", "first_user_text", "turns"))


def dump(value: Any, name: str) -> str:
    """A value as JSON text. RowError when it cannot be: nested too deeply, or a number beyond 64 bits."""
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise RowError(f"{name}: cannot be stored ({error})") from None


def conversation(messages: Any, system: Any = None) -> dict[str, Any]:
    """Take the messages of a request apart; the system prompt may stand outside them.

    Fields of the contract: ``messages`` is JSON without the system prompt and null when it is ``input_text``
    alone; ``first_user_text`` is null when it is ``input_text``; ``turns`` counts without the system prompt.
    """
    if type(messages) is not list or not messages:
        return {**NOTHING_SAID, "system_prompt": text_of(system)}
    prompts = [text_of(system)] if system else []
    rest: list[dict[str, Any]] = []
    for message in messages:
        if type(message) is not dict:
            raise RowError("messages: a message is not an object")
        if not rest and message.get("role") in ("system", "developer"):
            prompts.append(text_of(message.get("content")))
        else:
            rest.append(message)
    # A user's message without text, such as the result of a tool, is no question.
    users = [text for message in rest if message.get("role") == "user" and (text := text_of(message.get("content")))]
    last = users[-1] if users else None
    alone = len(rest) == 1 and len(rest[0]) == 2 and last is not None and type(rest[0].get("content")) is str
    return {
        "system_prompt": "\n".join(prompt for prompt in prompts if prompt) or None,
        "messages": None if alone or not rest else dump(rest, "messages"),
        "input_text": last,
        "first_user_text": users[0] if users and users[0] != last else None,
        "turns": len(rest),
    }


def schema_key(response_format: Any) -> str | None:
    """What the answer was bound to: the type, or the name of a JSON schema."""
    found = mapping(response_format)
    kind = found.get("type")
    schema = found.get("json_schema")
    if type(schema) is dict:
        return f"json_schema:{schema.get('name') or orjson.dumps(schema, option=orjson.OPT_SORT_KEYS).decode()}"
    return kind if isinstance(kind, str) and kind != "text" else None


def tool_names(tools: Any) -> str | None:
    """Names of the tools that were offered, sorted."""
    found = nested(tools)
    if type(found) is not list:
        return None
    functions = [tool.get("function", tool) for tool in found if isinstance(tool, Mapping)]
    names = {
        str(function.get("name")) for function in functions if isinstance(function, Mapping) and function.get("name")
    }
    return ",".join(sorted(names)) or None


TASK_TAGS = (
    "app", "application", "task", "task_id", "workload", "workload_id",
    "feature", "use_case", "prompt_name", "prompt", "route", "job",
)  # fmt: skip


def task_tag(tags: Sequence[str]) -> str | None:
    """The task that a tag names, as in ``app:billing``; null when no tag or several tags do."""
    pairs = [tag.replace("=", ":", 1).partition(":") for tag in tags]
    found = {value.strip() for key, _, value in pairs if key.strip().lower() in TASK_TAGS and value.strip()}
    return found.pop() if len(found) == 1 else None


def _show(value: Any) -> str:
    """A value for a reason; a long one is not cut, for the half of an address is not known as one."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"a {type(value).__name__} of {len(shown):,} signs"
