"""Answers far longer or shorter than this task gives: run on, cut without saying so, or about something else.

Measured on the logarithm of the length against median and median absolute deviation, which outliers cannot move
(Iglewicz and Hoaglin 1993); an answer must also be four times off, because some tasks hardly vary.
"""

import math
import statistics

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 36
SCOPE: Scope = "trainable"
DEVIATIONS = 5.0
TIMES = 4.0
ENOUGH = 20  # answers; fewer do not say what is usual
MAD_TO_SD = 1.4826  # of a normal distribution


def drop(rows: Rows) -> list[str | None]:
    """Length outliers of free text and JSON; labels are judged by their vocabulary."""
    if rows.answer_kind not in ("text", "json") or len(rows) < ENOUGH:
        return [None] * len(rows)
    sizes = [math.log(1 + len((output or "").strip())) for output in rows.outputs]
    middle = statistics.median(sizes)
    spread = MAD_TO_SD * statistics.median(abs(size - middle) for size in sizes)
    reach = max(DEVIATIONS * spread, math.log(TIMES))
    return [_reason(size - middle, reach) for size in sizes]


def _reason(distance: float, reach: float) -> str | None:
    if abs(distance) <= reach:
        return None
    return "too_long" if distance > 0 else "too_short"
