"""JSON that has the form of the answers that trained: keys that all of them have, types that any of them has.

The form is inferred, as JSON Schema: an object's keys in every taught answer are required, a key that none has is not
allowed, a value's type is one that was seen there; arrays and objects within are treated alike.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.contracts import AnswerKind
from pipeline.metrics import Known, Scores, Tally, mean_tally
from pipeline.metrics.parts.leaves import parse, type_of

KINDS: frozenset[AnswerKind] = frozenset({"json"})
SAYS = "share of answers that a program made for the taught form can read; says nothing of what they say"


def score(said: Sequence[str], wanted: Sequence[str], known: Known) -> Scores:
    """1 where the answer parses and has the form; None everywhere when nothing taught the form."""
    form = inferred_schema(known.taught)
    if form is None:
        return [None] * len(said)
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(form)
    return [float((found := parse(answer)) is not None and validator.is_valid(found)) for answer in said]


def tallies(said: Sequence[str], wanted: Sequence[str], known: Known) -> Mapping[str, Tally]:
    """The share of valid answers."""
    return {"json_valid": mean_tally(score(said, wanted, known))}


@functools.lru_cache(maxsize=4)
def inferred_schema(taught: tuple[str, ...]) -> dict[str, Any] | None:
    """The JSON Schema that all of these answers meet; None when none of them is JSON."""
    found = [value for answer in taught if (value := parse(answer)) is not None]
    return _schema(found) if found else None


def _schema(values: list[object]) -> dict[str, Any]:
    form: dict[str, Any] = {"type": sorted({type_of(value) for value in values})}
    if objects := [value for value in values if isinstance(value, dict)]:
        keys = sorted({key for one in objects for key in one})
        form["properties"] = {key: _schema([one[key] for one in objects if key in one]) for key in keys}
        form["required"] = [key for key in keys if all(key in one for one in objects)]
        form["additionalProperties"] = False
    if members := [member for value in values if isinstance(value, list) for member in value]:
        form["items"] = _schema(members)
    return form
