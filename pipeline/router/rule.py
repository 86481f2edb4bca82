"""May this answer of the student go out? Pure: the answer, what the request demands, and the policy decide."""

from functools import lru_cache
from typing import Any

import orjson

from analytics.answers import as_json_object
from pipeline.contracts import Answer
from pipeline.router.policy import Policy

KEPT = 256  # distinct schemas that are remembered


def refusal(answer: Answer, is_valid: bool | None, policy: Policy) -> str | None:
    """Why the answer must not be served; None when it may."""
    if policy.threshold is None:
        return "no-threshold"
    if is_valid is False:
        return "schema"
    if answer.ood_score > policy.ood_cutoff:
        return "unfamiliar"
    return "unsure" if answer.confidence < policy.threshold else None


def as_demanded(body: dict[str, Any], output: str) -> tuple[str, bool | None]:
    """The answer, and whether it keeps to the form that the request demands; None where it demands none."""
    demanded = body.get("response_format")
    kind = demanded.get("type") if isinstance(demanded, dict) else None
    if kind == "json_object":
        return output, as_json_object(output) is not None
    if kind != "json_schema" or not isinstance(demanded, dict):
        return output, None
    named = demanded.get("json_schema")
    schema = named.get("schema") if isinstance(named, dict) else None
    if not isinstance(schema, dict):
        return output, None
    return output, is_valid(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS), output)


def is_valid(schema: bytes, output: str) -> bool:
    """Whether an answer is JSON of that schema; a schema that is none itself accepts nothing."""
    validator = _validator(schema)
    try:
        return validator is not None and bool(validator.is_valid(orjson.loads(output)))
    except (orjson.JSONDecodeError, RecursionError, ValueError):
        return False


@lru_cache(maxsize=KEPT)
def _validator(schema: bytes) -> Any:
    import jsonschema
    from referencing import Registry

    found = orjson.loads(schema)
    kind = jsonschema.validators.validator_for(found, jsonschema.Draft202012Validator)
    try:
        kind.check_schema(found)
        return kind(found, registry=Registry())  # no retrieval: a schema must not make us open an address
    except (jsonschema.SchemaError, RecursionError):
        return None
