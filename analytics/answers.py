"""Answers as they are compared and recognised: form put aside, JSON by content, reasoning by its marks."""

import re
from collections.abc import Sequence
from typing import Any

import orjson

from analytics.labels import apply_repairs, repair_answer, repairs

REASONING_KEY = re.compile(r"reason|rationale|explanation|thought|analysis|steps|working|strengths|weaknesses", re.I)
CONCLUSION = re.compile(r"(so|therefore|thus|hence)[ ,]+the (final )?answer|####|the (final )?answer is", re.I)
EQUATION = re.compile(r"\d\s*[-+*/×x]\s*\$?\d[^=\n]{0,40}=")
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
