"""Answers from a closed set, as the whole project reads them; see ``analytics.labels``."""

from analytics.labels import apply_repairs, normalise_input, repair_answer, repairs

__all__ = ["apply_repairs", "normalise_input", "repair_answer", "repairs"]
