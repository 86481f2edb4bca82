"""Answers that the teacher was not sure of: its tokens unlikely, or its own samples saying something else.

Known only where the log or the teach stage stored token probabilities or drew samples; other rows stay.
"""

import json
import math

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 44
SCOPE: Scope = "trainable"
MIN_TOKEN_PROBABILITY = 0.5  # geometric mean over the answer's tokens
MIN_SAMPLE_AGREEMENT = 0.6  # three of five samples


def drop(rows: Rows) -> list[str | None]:
    """Rows below either bar."""
    pairs = zip(rows.top_logprobs, rows.sample_agreements, strict=True)
    return [_reason(logprobs, agreement) for logprobs, agreement in pairs]


def _reason(logprobs: str | None, agreement: float | None) -> str | None:
    if agreement is not None and agreement < MIN_SAMPLE_AGREEMENT:
        return "samples_disagree"
    probability = token_probability(logprobs) if logprobs else None
    return "teacher_unsure" if probability is not None and probability < MIN_TOKEN_PROBABILITY else None


def token_probability(logprobs: str) -> float | None:
    """exp(mean log probability) of an answer's tokens; None when none is told.

    >>> token_probability('[{"token": "a", "logprob": 0.0}, {"token": "b", "logprob": 0.0}]')
    1.0
    """
    try:
        found = json.loads(logprobs)
    except ValueError:
        return None
    tokens = found if isinstance(found, list) else []
    values = [token.get("logprob") for token in tokens if isinstance(token, dict)]
    known = [float(value) for value in values if isinstance(value, int | float)]
    return math.exp(sum(known) / len(known)) if known else None
