"""Langfuse's ``usage_details``: a map of counts under names that every wrapper chooses for itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from analytics.importers import Fields
from analytics.importers.fields import RowError, mapping, tokens
from analytics.importers.shapes import exclusive_tokens

WHOLE_INPUT = ("input", "input_tokens", "prompt_tokens", "promptTokens", "inputUsage")
WHOLE_OUTPUT = ("output", "output_tokens", "completion_tokens", "completionTokens", "outputUsage")
WHOLE = ("total", "total_tokens", "totalTokens", "totalUsage")
OLDER = (*WHOLE_INPUT[1:], *WHOLE_OUTPUT[1:], *WHOLE[1:])


class Counts(NamedTuple):
    """Usage by what it was for [tokens]."""

    fresh: int | None
    read: int
    write_5m: int
    write_1h: int
    other_input: int  # audio and the like: billed as input, at rates not kept here
    visible: int | None
    reasoning: int
    other_output: int
    total: int | None


def usage_of(row: Mapping[str, Any]) -> Fields:
    """The map of an observation, else the three counts of older exports."""
    details = mapping(row.get("usageDetails")) or mapping(row.get("usage_details"))
    if details:
        return details
    older = mapping(row.get("usage"))
    if older:
        return {name: count for name, count in older.items() if name in ("input", "output", "total", *OLDER)}
    return {name: row[name] for name in OLDER if row.get(name)}


def read_details(details: Mapping[str, Any]) -> Fields:
    """Disjoint tokens. The total decides whether ``input`` and ``output`` hold their parts or stand beside them."""
    counts = _sorted(details)
    if counts.fresh is None and counts.visible is None and counts.total:
        raise RowError("usage_details: a total without its input and output")
    parts_in = counts.read + counts.write_5m + counts.write_1h + counts.other_input
    parts_out = counts.reasoning + counts.other_output
    holds_in, holds_out = _holds(counts, parts_in, parts_out)
    fresh = counts.fresh if counts.fresh is None else counts.fresh - holds_in * parts_in
    output = counts.visible if counts.visible is None else counts.visible + (not holds_out) * parts_out
    if fresh is not None and fresh < 0:
        raise RowError(f"usage_details: input {counts.fresh} is less than its parts, {parts_in}")
    return exclusive_tokens(
        fresh=None if fresh is None else fresh + counts.other_input,
        output=output,
        total=counts.total,
        cache_read=counts.read,
        cache_write=counts.write_5m + counts.write_1h,
        cache_write_1h=counts.write_1h,
        reasoning=counts.reasoning,
    )


def _holds(counts: Counts, parts_in: int, parts_out: int) -> tuple[bool, bool]:
    """Does the input hold its parts, does the output? Beside each other unless only the total of the other adds up."""
    whole = (counts.fresh or 0) + (counts.visible or 0)
    for holds_in, holds_out in ((False, False), (True, False), (False, True), (True, True)):
        if counts.total == whole + (not holds_in) * parts_in + (not holds_out) * parts_out:
            return holds_in, holds_out
    return False, False


def _sorted(details: Mapping[str, Any]) -> Counts:
    found = dict.fromkeys(Counts._fields, 0)
    known: set[str] = set()
    for name in details:
        count = tokens(details, name)
        if count is None:
            continue
        kind = _kind(name)
        if kind in ("fresh", "visible", "total") and kind in known:
            continue  # the same count under an older name as well
        known.add(kind)
        found[kind] += count
    return Counts(
        **{
            kind: count if kind in known or kind not in ("fresh", "visible", "total") else None
            for kind, count in found.items()
        }  # type: ignore[arg-type]
    )


def _kind(name: str) -> str:
    if name in WHOLE_INPUT:
        return "fresh"
    if name in WHOLE_OUTPUT:
        return "visible"
    if name in WHOLE:
        return "total"
    lower = name.lower()
    if "cach" in lower:
        if "1h" in lower:
            return "write_1h"
        return "write_5m" if "writ" in lower or "creat" in lower or "5m" in lower else "read"
    if "reason" in lower or "thought" in lower or "thinking" in lower:
        return "reasoning"
    return "other_output" if "output" in lower or "completion" in lower or "candidate" in lower else "other_input"
