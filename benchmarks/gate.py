"""How often does the gate pass a student that is worse by exactly the margin, and one that is equal? One JSON document.

    python benchmarks/gate.py [--trials 20000]

Simulated paired outcomes: the other is right on a share of rows, the student on that share less the margin (or the
same), with a correlation between the two. The first figure is the false-pass rate, which the gate promises to keep
at its level; the second its power.
"""

import argparse
import json
import math
import sys

import numpy as np

from pipeline.contracts import Gate
from pipeline.evaluation.gate import level_of
from pipeline.evaluation.paired import Pairs, normal_point, tango_z

CASES = [
    (200, 0.97, 0.3),
    (400, 0.95, 0.6),
    (600, 0.95, 0.6),
    (1_000, 0.9, 0.8),
    (2_000, 0.96, 0.5),
    (3_000, 0.85, 0.7),
]
RULE = Gate()


def main() -> None:
    """Every case, at the margin and without a difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=20_000)
    trials = parser.parse_args().trials
    rows = [
        {
            "rows": n,
            "other_right": right,
            "correlation": correlation,
            "passes_at_the_margin": pass_rate(n, right - RULE.margin, right, correlation, trials),
            "passes_when_equal": pass_rate(n, right, right, correlation, trials),
        }
        for n, right, correlation in CASES
    ]
    sys.stdout.write(
        json.dumps({"margin": RULE.margin, "level": RULE.level, "trials": trials, "cases": rows}, indent=1) + "\n"
    )


def pass_rate(n: int, student: float, other: float, correlation: float, trials: int, seed: int = 11) -> float:
    """Share of trials that pass; each distinct table is judged once."""
    both = student * other + correlation * math.sqrt(student * (1 - student) * other * (1 - other))
    chances = [both, student - both, other - both, 1 - student - other + both]
    tables, times = np.unique(
        np.random.default_rng(seed).multinomial(n, chances, size=trials), axis=0, return_counts=True
    )
    # The lower edge of Tango's interval lies above the bound where the score statistic rejects the bound itself.
    point = normal_point(level_of(RULE))
    passed = sum(
        count
        for table, count in zip(tables.tolist(), times.tolist(), strict=True)
        if n >= RULE.least_rows and tango_z(Pairs(*table), -RULE.margin) > point
    )
    return passed / trials


if __name__ == "__main__":
    main()
