"""JSON objects unlike the rest: a field missing, a field made up, a value of another type.

Where the call carried a JSON schema that decides. Otherwise the answers themselves say what an object looks like, and
only what hardly any of them does is wrong.
"""

import json
from collections import Counter, defaultdict
from functools import lru_cache
from typing import Any

from analytics.answers import as_json_object
from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 34
SCOPE: Scope = "trainable"
ALWAYS = 0.98  # share of objects that have a field, from which one without it is wrong
HARDLY_EVER = 0.01  # share of objects with a field, or of its values with a type, below which that is wrong
ENOUGH = 20  # objects; fewer do not say what is usual


def drop(rows: Rows) -> list[str | None]:
    """Objects that break their schema, or the others' habit."""
    if rows.answer_kind != "json":
        return [None] * len(rows)
    found = [as_json_object((output or "").strip()) for output in rows.outputs]
    usual = _Usual([one for one in found if one is not None])
    return [_reason(one, schema, usual) for one, schema in zip(found, rows.response_schemas, strict=True)]


class _Usual:
    """Which fields objects have, and of which type."""

    def __init__(self, objects: list[dict[str, Any]]) -> None:
        self.count = len(objects)
        self.fields = Counter(name for one in objects for name in one)
        self.types: dict[str, Counter[str]] = defaultdict(Counter)
        for one in objects:
            for name, value in one.items():
                self.types[name][_type(value)] += 1

    def wrong(self, found: dict[str, Any]) -> str | None:
        """What sets an object apart from the others; None when nothing does."""
        if self.count < ENOUGH:
            return None
        always = [name for name, count in self.fields.items() if count >= ALWAYS * self.count]
        if any(name not in found for name in always):
            return "field_missing"
        if any(self.fields[name] < HARDLY_EVER * self.count for name in found):
            return "field_unknown"
        kinds = [(self.types[name], _type(value)) for name, value in found.items()]
        wrong_type = any(counts[kind] < HARDLY_EVER * counts.total() for counts, kind in kinds)
        return "field_type" if wrong_type else None


def _type(value: object) -> str:
    """JSON's own types; a whole number may stand for a broken one."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if value is None:
        return "null"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _reason(found: dict[str, Any] | None, schema: str | None, usual: _Usual) -> str | None:
    if found is None:
        return "no_object"
    validator = _validator(schema) if schema and schema.lstrip()[:1] == "{" else None
    if validator is not None:
        return None if validator.is_valid(found) else "schema_broken"
    return usual.wrong(found)


@lru_cache(maxsize=64)
def _validator(schema: str) -> Any:
    """A checker of one JSON schema; None when the text is no schema (logs often keep only its hash or type)."""
    from jsonschema import SchemaError, validators

    try:
        parsed = json.loads(schema)
    except ValueError:
        return None
    parsed = parsed.get("json_schema", parsed)
    parsed = parsed.get("schema", parsed) if isinstance(parsed, dict) else parsed
    kind = validators.validator_for(parsed)
    try:
        kind.check_schema(parsed)
    except SchemaError:
        return None
    return kind(parsed) if isinstance(parsed, dict) and parsed.keys() & {"properties", "type", "anyOf"} else None
