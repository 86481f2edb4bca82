"""Prints ``docs/assumptions.md`` from the registry: ``python -m analytics.assumptions_page > docs/assumptions.md``."""

import sys

from analytics.assumptions import REGISTRY, Assumption, Fixed, Pert

HEAD = """# Assumptions

Every economic input, printed from the registry in `analytics/assumptions.py`; a test holds both equal.
Set one with `spiritsafe whatif --set NAME=VALUE`, or for good in `spiritsafe.toml`:

```toml
[assumptions]
monthly_growth = 0.02
engineer_weeks = [3, 4, 8]  # low, value, high
```

`NAME=LOW:VALUE:HIGH` states a range (ends of a PERT, 5th and 95th percentile of a lognormal); three equal
numbers state a value that is known exactly. A single value keeps the spread below around it in proportion
(`monthly_growth` and `error_delta`, which may be negative, keep its width), cut at the accepted range. Flip
values are searched for over the accepted range.

| name | unit | default | spread in the simulation | accepted | meaning | source |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_row(entry) for entry in REGISTRY)


def _row(entry: Assumption) -> str:
    cells = (
        f"`{entry.name}`",
        entry.unit,
        f"{entry.default:,.6g}",
        _spread(entry),
        f"{entry.minimum:g} to {entry.maximum:g}",
        entry.meaning,
        entry.source,
    )
    return f"| {' | '.join(cells)} |\n"


def _spread(entry: Assumption) -> str:
    spread = entry.spread
    if isinstance(spread, Fixed):
        return "none"
    if isinstance(spread, Pert):
        return f"PERT {spread.low:g}, {entry.default:g}, {spread.high:g}"
    return f"lognormal, median {entry.default * spread.median_ratio:,.4g}, sigma {spread.sigma:.3g}"


if __name__ == "__main__":
    sys.stdout.write(page())
