"""May this answer of the student go out? Pure: the answer, what the request demands, and the policy decide."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import orjson

from analytics.answers import as_json_object
from pipeline.contracts import Answer

if TYPE_CHECKING:
    from pipeline.router.policy import Policy

Order = Literal["cascade", "gate"]
CHECK_USD = (
    1e-6  # of looking at an input alone: a third of a millisecond of a CPU at $0.10 an hour, and the code's keep
)
KEPT = 256  # distinct schemas that are remembered


def refusal(answer: Answer, is_valid: bool | None, policy: "Policy") -> str | None:
    """Why the answer must not be served; None when it may."""
    if policy.threshold is None:
        return "no-threshold"
    if is_valid is False:
        return "schema"
    if answer.ood_score > policy.ood_cutoff:
        return "unfamiliar"
    return "unsure" if answer.confidence < policy.threshold else None


def choose_order(strange_share: float, student_usd: float | None) -> Order:
    """Ask the student about everything (cascade), or look first whether the input is familiar (gate)?

    Either way the same answers go out. A cascade saves (1 - e) c_T - c_S a request; a gate spares c_S on the strange
    share and costs the look at each input, so it pays where strange_share x c_S is above that.
    student_usd: c_S, cost of one answer [USD]; None: unknown, and a cascade is the simpler thing.

    >>> choose_order(0.05, 2e-6), choose_order(0.05, 1e-3)
    ('cascade', 'gate')
    """
    return "gate" if student_usd is not None and strange_share * student_usd > CHECK_USD else "cascade"


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
    except Exception:  # references that lead nowhere, patterns that are none: the client's own, so nothing is valid
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
