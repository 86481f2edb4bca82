"""What discovery learns from: the distinct prompts, a bounded sample of user texts, and counts of calls without text.

Each table can be taken of one segment; ``merge`` puts several together as if they had been one.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analytics.store import Store
from analytics.tasks.templates import says_nothing

BARE_TEXTS = 20_000  # texts kept of each prompt, key and model without a system prompt: those with the lowest hashes
PROMPTED_TEXTS = 400  # the same where there is a system prompt
Row = Mapping[str, Any]
PROMPT = ("prompt_key", "operation", "app", "system_prompt", "response_schema", "tool_names", "has_text")
GROUP = ("operation", "key_hash", "model", "input_size", "output_size")
TEXT = ("prompt_key", "key_hash", "model", "text_key")


@dataclass(frozen=True)
class Evidence:
    """Rows of the three queries."""

    prompts: pa.Table  # list_prompts
    texts: pa.Table  # list_texts
    blind: pa.Table  # list_blind_groups


def gather(store: Store) -> Evidence:
    """The evidence of the calls that a store shows."""
    show_generic_prompts(store)
    return Evidence(
        store.query("list_prompts"),
        store.query("list_texts", bare_texts=BARE_TEXTS, prompted_texts=PROMPTED_TEXTS),
        store.query("list_blind_groups"),
    )


def show_generic_prompts(store: Store) -> None:
    """Tell the store which system prompts say nothing of the task; the same for a segment as for the whole log."""
    prompts = [row["system_prompt"] for row in store.rows("list_system_prompts")]
    generic = [prompt for prompt in prompts if says_nothing(prompt)]
    store.register("generic_prompts", pa.table({"system_prompt": pa.array(generic, pa.string())}))


def merge(parts: Sequence[Evidence]) -> Evidence:
    """The evidence of several segments as one."""
    if len(parts) == 1:
        return parts[0]
    prompts = _sum([part.prompts for part in parts], PROMPT)
    texts = _sum([part.texts for part in parts], TEXT)
    return Evidence(prompts, _lowest(texts, prompts), _sum([part.blind for part in parts], GROUP))


def _sum(tables: Sequence[pa.Table], keys: Sequence[str]) -> pa.Table:
    """Counts added, periods widened, the rest from the first table that has the row."""
    table = pa.concat_tables(tables)
    rules = {"calls": "sum", "first_at": "min", "last_at": "max", "turns": "max", "calls_tool": "max"}
    rest = [name for name in table.column_names if name not in keys]
    chosen = [(name, rules.get(name, "first")) for name in rest]
    grouped = table.group_by(list(keys), use_threads=False).aggregate(chosen)
    grouped = grouped.rename_columns({f"{name}_{rule}": name for name, rule in chosen})
    order = "first_at" if keys == PROMPT else keys[0]
    return grouped.select(table.column_names).sort_by([(order, "ascending"), (keys[-1], "ascending")])


def _lowest(table: pa.Table, prompts: pa.Table) -> pa.Table:
    """The bound of list_texts over again."""
    rows = zip(prompts.column("prompt_key").to_pylist(), prompts.column("system_prompt").to_pylist(), strict=True)
    bare = {key for key, system_prompt in rows if system_prompt is None}
    table = table.sort_by([(name, "ascending") for name in TEXT])
    frames = zip(*(table.column(name).to_pylist() for name in TEXT[:3]), strict=True)
    kept: list[int] = []
    for frame, members in itertools.groupby(enumerate(frames), key=lambda pair: pair[1]):
        bound = BARE_TEXTS if frame[0] in bare else PROMPTED_TEXTS
        kept += [index for index, _ in itertools.islice(members, bound)]
    return table.take(pa.array(kept, pa.int64()))
