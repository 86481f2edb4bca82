"""From new requests to traffic as it comes: repeats are answered as the log answered them."""

from dataclasses import dataclass

import numpy as np

from analytics.contracts import Interval
from analytics.stand_ins import Trial


@dataclass(frozen=True)
class Repeats:
    """Counts over every call of a task; see sql/queries/measure_repeats.sql."""

    new_rows: int
    repeated_rows: int
    agreeing_rows: int
    novelty: float
    self_consistency: float | None
    repeated_pairs: int


def on_traffic(on_new: Interval | None, repeats: Repeats | None) -> Interval | None:
    """Agreement on traffic as it comes: repeats as the log answered them, new requests as predicted.

    r·a_repeat + (1 - r)·a_new, where r and a_repeat are counted over the newest fifth of the whole log.
    """
    if on_new is None or repeats is None or not repeats.new_rows:
        return on_new
    new_share = 1 - repeats.repeated_rows / repeats.new_rows
    kept = repeats.agreeing_rows / repeats.new_rows
    value, low, high = (kept + new_share * part for part in (on_new.value, on_new.low, on_new.high))
    return Interval(value, low, high, f"{on_new.covers}, repeats counted", on_new.n)


def coverage(trial: Trial, repeats: Repeats | None, alpha: float) -> float | None:
    """Largest share of traffic that could be served with at most alpha of it wrong.

    Repeated requests and new ones by falling confidence, whichever mix allows most. This is what the stand-in
    reaches with the best cut in hindsight; a guarantee costs some of it.
    """
    if not len(trial.right):
        return None
    rows = repeats.new_rows if repeats else 0
    repeated = repeats.repeated_rows / rows if repeats and rows else 0.0
    wrong = (repeats.repeated_rows - repeats.agreeing_rows) / rows if repeats and rows else 0.0
    order = np.argsort(-trial.confidence, kind="stable")
    each = (1 - repeated) / len(order)
    served = np.concatenate([[0.0], each * np.arange(1, len(order) + 1)])
    errors = np.concatenate([[0.0], each * np.cumsum(~trial.right[order])])
    mixes = [(served, errors), (served + repeated, errors + wrong)]
    return max(float(share[bad <= alpha * share].max(initial=0.0)) for share, bad in mixes)
