"""Answers as they are compared and recognised: form put aside, JSON by content, reasoning by its marks."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson

from analytics.labels import apply_repairs, repair_answer, repairs

REASONING_KEY = re.compile(r"reason|rationale|explanation|thought|analysis|steps|working|strengths|weaknesses", re.I)
CONCLUSION = re.compile(r"(so|therefore|thus|hence)[ ,]+the (final )?answer|####|the (final )?answer is", re.I)
EQUATION = re.compile(r"\d\s*[-+*/×x]\s*\$?\d[^=\n]{0,40}=")
MOST_FIELDS = 8
COMMON_FIELD = 0.2  # share of the JSON answers that have the key
ABSENT_FIELD = "(absent)"
NUMBERED = re.compile(r"^\s*(step\s+)?\d+[.):]", re.I | re.M)


def canonical_answers(outputs: Sequence[str]) -> list[str]:
    """Answers as they are compared: form put aside, JSON with sorted keys."""
    stripped = [output.strip() for output in outputs]
    as_json = [as_json_object(output) for output in stripped]
    if sum(found is not None for found in as_json) > len(stripped) / 2:
        return [_dump(found) if found is not None else text for found, text in zip(as_json, stripped, strict=True)]
    return apply_repairs(stripped, repairs(stripped))


def as_json_object(output: str) -> dict[str, Any] | None:
    """The object that an answer is, code fence or not; None for anything else."""
    text = repair_answer(output) if output[:3] == "```" else output
    if text[:1] != "{":
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _dump(found: dict[str, Any]) -> str:
    return orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()


def shows_reasoning(output: str) -> bool:
    """Does an answer work its way to a result? A reasoning field, a worked equation, steps, or a conclusion."""
    found = as_json_object(output.strip())
    if found is not None and any(REASONING_KEY.search(key) for key in found):
        return True
    if found is not None:
        return False
    return bool(CONCLUSION.search(output)) or len(EQUATION.findall(output)) >= 2 or len(NUMBERED.findall(output)) >= 4


def schema_rate(outputs: Sequence[str]) -> float | None:
    """Share of answers with the commonest set of JSON keys; null unless most answers are JSON."""
    keys = Counter(tuple(sorted(found)) for output in outputs if (found := as_json_object(output.strip())) is not None)
    if keys.total() < len(outputs) / 2:
        return None
    return keys.most_common(1)[0][1] / len(outputs)


def json_fields(outputs: Sequence[str]) -> dict[str, Sequence[str]]:
    """The commonest keys of JSON answers with every answer's value, compared by content; text without its case."""
    found = [as_json_object(output.strip()) or {} for output in outputs]
    counts = Counter(key for one in found for key in one)
    names = [key for key, times in counts.most_common(MOST_FIELDS) if times >= COMMON_FIELD * len(outputs)]
    return {name: [_field_value(one[name]) if name in one else ABSENT_FIELD for one in found] for name in names}


def _field_value(value: Any) -> str:
    return " ".join(value.casefold().split()) if isinstance(value, str) else orjson.dumps(value).decode()


def concentration(counts: Counter[str]) -> float:
    """1 - entropy of the answers / log n: 1 when all are the same, 0 when no two are.

    >>> concentration(Counter({"yes": 10}))
    1.0
    """
    total = counts.total()
    if total < 2:
        return 0.0
    entropy = -sum(times / total * math.log(times / total) for times in counts.values())
    return max(0.0, 1 - entropy / math.log(total))
