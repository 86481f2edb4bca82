"""What kind of answers a task has, and whether anything can be foretold about them."""

import math
from collections import Counter

from analytics.contracts import Interval
from analytics.stand_ins import LEAST_REQUESTS, Trial

MOST_LABELS = 500
CLOSED_RATE = 0.9
LABEL_CHARACTERS = 120  # an answer in the median; longer ones are text, however often they come back
PROSE_CHARACTERS = 100  # median length of an answer that is prose rather than a value
SEEN_OFTEN = 3  # times; with RARE_SHARE, from which answers on no student that chooses among known ones is trained
RARE_SHARE = 0.5


def is_closed_set(closed_rate: float, labels: int, answer_characters: float) -> bool:
    """Short answers, nearly all of which come back for other requests, and not too many different ones."""
    return closed_rate >= CLOSED_RATE and 1 < labels <= MOST_LABELS and answer_characters <= LABEL_CHARACTERS


def no_prediction(
    trial: Trial, counts: Counter[str], characters: float, *, has_schema: bool, is_closed: bool
) -> str | None:
    """Why no agreement is predicted, in a sentence; None where one is. Unknown is never shown as zero."""
    if not trial.new_rows:
        return f"Fewer than {LEAST_REQUESTS} different requests: too few to learn from one part and ask about another."
    if not is_closed and not has_schema and characters >= PROSE_CHARACTERS:
        return f"Answers are text ({characters:,.0f} characters in the median): two good ones are never equal."
    rare = sum(times for times in counts.values() if times < SEEN_OFTEN) / counts.total()
    if rare > RARE_SHARE:
        return f"{rare:.0%} of the answers are given fewer than three times: a student that chooses has no choice."
    if not trial.rungs:
        return "All answers that come back are the same one: there is nothing to choose."
    return None


def composite(shares: dict[str, float | None], neighbour: Interval | None) -> float | None:
    """Geometric mean of what speaks for narrowness; novelty counts against it."""
    novel = shares["answer_novelty"]
    known = [
        shares["template_share"],
        max(shares["closed"] or 0.0, shares["schema_rate"] or 0.0),
        shares["concentration"],
        neighbour.value if neighbour else None,
        1 - novel if novel is not None else None,
    ]
    values = [max(value, 1e-3) for value in known if value is not None]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None
