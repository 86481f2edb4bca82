"""Forecasts against naive ones and AutoETS: ``python benchmarks/forecast.py [--workload DIR …] [--m4 DIR]``.

- workload: folders as the workload generator writes them; daily requests per application, the last 30 days to come,
  with all of the log before them and with a month less of it;
- m4: a folder with Weekly-train.csv and Weekly-test.csv of the M4 competition; skipped when not given;
- simulated: 200 series of 42, 90 and 180 days with weekday pattern, drift, level shifts in three of ten and
  intermittent ones, 90 days ahead; one seed that the design has seen and one that it has not.

Prints a JSON document. MASE is over the seasonal naive (7; M4: 1) inside the history, and coverage that of 80 % ranges.
"""

import argparse
import csv
import json
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from analytics.forecast.core import Steps, forecast_values
from analytics.forecast.metrics import mase, naive_scale

DESIGN_SEED, HELD_OUT_SEED = 1, 20261125
SERIES, AHEAD = 200, 90
HISTORIES = (42, 90, 180)
MONTH = 30
METHODS = ("forecast", "naive", "seasonal naive", "mean 28", "AutoETS")


class Case(NamedTuple):
    """A history and what came after it."""

    past: np.ndarray
    coming: np.ndarray


@dataclass(frozen=True)
class Table:
    """Means over the series of one set."""

    series: int
    mase: dict[str, float]
    coverage_days: dict[str, float]  # of single days inside the 80 % range
    coverage_totals: float  # of totals inside the 80 % range; ours alone: AutoETS gives none
    width_totals: float  # median of log (90 % point / 10 % point) of totals: how sharp the range is
    bias_totals: float  # median of (forecast - actual) / actual
    seconds_a_series: dict[str, float]
    beats_naive: bool
    no_worse_than_autoets: bool
    covers_75_to_85: bool
    totals_cover_75_to_85: bool


def simulated(seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    return [simulate(rng, HISTORIES[place % len(HISTORIES)]) for place in range(SERIES)]


def simulate(rng: np.random.Generator, history: int) -> Case:
    """One series of daily counts: level 16 to 5,000, a drift of 1 +- 5 % a month, a wandering level, noise."""
    days = history + AHEAD
    is_sparse = rng.random() < 0.15
    week = np.exp(rng.normal(0, 0.3, 7))
    if rng.random() < 0.5:
        week[5:] *= rng.uniform(0.2, 0.8)
    level = np.log(10 ** rng.uniform(1.2, 3.7)) + np.log1p(rng.normal(0.01, 0.05)) * np.arange(days) / 30
    level += np.cumsum(rng.normal(0, rng.uniform(0.002, 0.02), days))
    if rng.random() < 0.3:
        level[rng.integers(days // 10, days * 95 // 100) :] += rng.choice([-1, 1]) * rng.uniform(0.25, 0.9)
    mean = np.exp(level) * week[np.arange(days) % 7] * np.exp(rng.normal(0, rng.uniform(0.05, 0.2), days))
    if is_sparse:
        mean = np.where(rng.random(days) < rng.uniform(0.15, 0.5), mean / mean.mean() * rng.uniform(2, 20), 0)
    counts = rng.poisson(mean).astype(float)
    return Case(counts[:history], counts[history:])


def workload(folder: Path, months_before_end: int) -> list[Case]:
    """Daily requests of each application from its first day; the last but ``months_before_end`` month is to come."""
    import duckdb

    rows = duckdb.execute(
        "select app, started_at::date, count(*) from read_parquet($files) group by all order by all",
        {"files": str(folder / "truth" / "*.parquet")},
    ).fetchall()
    last = max(day for _, day, _ in rows)
    cases = []
    for app in sorted({app for app, _, _ in rows}):
        counts = {day: float(count) for name, day, count in rows if name == app}
        series = filled(counts, last)
        cut = len(series) - MONTH * (months_before_end + 1)
        if cut >= 28:
            cases.append(Case(series[:cut], series[cut : cut + MONTH]))
    return cases


def filled(counts: dict[date, float], last: date) -> np.ndarray:
    first = min(counts)
    return np.array([counts.get(first + timedelta(days=place), 0.0) for place in range((last - first).days + 1)])


def m4_weekly(folder: Path) -> list[Case]:
    train, test = (m4_rows(next(folder.rglob(f"Weekly-{part}.csv"))) for part in ("train", "test"))
    return [Case(values, test[name]) for name, values in train.items()]


def m4_rows(file: Path) -> dict[str, np.ndarray]:
    with file.open(newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    return {row[0]: np.array([float(value) for value in row[1:] if value not in ("", "NA")]) for row in rows}


def autoets(past: np.ndarray, horizon: int, season: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from statsforecast.models import AutoETS

    said = AutoETS(season_length=season).forecast(past, horizon, level=[80])
    return said["mean"], said["lo-80"], said["hi-80"]


def compare(cases: list[Case], steps: Steps) -> Table:
    """Every method on every case that has a scale."""
    warnings.simplefilter("ignore")
    errors: dict[str, list[float]] = {name: [] for name in METHODS}
    inside: dict[str, list[float]] = {"forecast": [], "AutoETS": []}
    totals, widths, biases, seconds = [], [], [], {"forecast": 0.0, "AutoETS": 0.0}
    cases = [case for case in cases if naive_scale(case.past, steps.season)]
    for case in cases:
        horizon, scale = len(case.coming), naive_scale(case.past, steps.season)
        started = time.perf_counter()
        none = np.zeros(len(case.past) + horizon, dtype=bool)
        outcome = forecast_values(case.past, horizon, 1, "requests", none[: len(case.past)], none[:horizon], steps)
        seconds["forecast"] += time.perf_counter() - started
        low, middle, high = np.quantile(outcome.paths, [0.1, 0.5, 0.9], axis=0)
        started = time.perf_counter()
        ets, ets_low, ets_high = autoets(case.past, horizon, steps.season)
        seconds["AutoETS"] += time.perf_counter() - started
        points = {
            "forecast": middle,
            "naive": np.full(horizon, case.past[-1]),
            "seasonal naive": np.resize(case.past[-steps.season :], horizon),
            "mean 28": np.full(horizon, case.past[-28:].mean()),
            "AutoETS": ets,
        }
        for name, point in points.items():
            errors[name].append(mase(case.coming, point, scale))
        inside["forecast"].append(float(np.mean((case.coming >= low) & (case.coming <= high))))
        inside["AutoETS"].append(float(np.mean((case.coming >= ets_low) & (case.coming <= ets_high))))
        least, median, most = np.quantile(outcome.paths.sum(axis=1), [0.1, 0.5, 0.9])
        came = float(case.coming.sum())
        totals.append(least <= came <= most)
        widths.append(float(np.log(max(most, 1e-9) / max(least, 1e-9))))
        biases.append((median - came) / came if came else 0.0)
    means = {name: float(np.mean(values)) for name, values in errors.items()}
    covered = {name: float(np.mean(values)) for name, values in inside.items()}
    return Table(
        series=len(cases),
        mase={name: round(value, 4) for name, value in means.items()},
        coverage_days={name: round(value, 4) for name, value in covered.items()},
        coverage_totals=round(float(np.mean(totals)), 4),
        width_totals=round(float(np.median(widths)), 4),
        bias_totals=round(float(np.median(biases)), 4),
        seconds_a_series={name: round(spent / len(cases), 4) for name, spent in seconds.items()},
        beats_naive=means["forecast"] < min(means[name] for name in ("naive", "seasonal naive", "mean 28")),
        no_worse_than_autoets=means["forecast"] <= means["AutoETS"],
        covers_75_to_85=0.75 <= covered["forecast"] <= 0.85,
        totals_cover_75_to_85=0.75 <= float(np.mean(totals)) <= 0.85,
    )


def main() -> None:
    """Print a table for each set that there is data for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", type=Path, nargs="*", default=[])
    parser.add_argument("--m4", type=Path)
    parser.add_argument("--seed", type=int, default=HELD_OUT_SEED, help="of the held-out simulated set")
    parser.add_argument("--no-simulated", action="store_true")
    options = parser.parse_args()
    found: dict[str, object] = {}
    for months in (0, 1) if options.workload else ():
        cases = [case for folder in options.workload for case in workload(folder, months)]
        found[f"workload, {'the last month' if not months else 'the month before it'} to come"] = compare(
            cases, Steps()
        )
    if options.m4:
        found["M4 Weekly"] = compare(m4_weekly(options.m4), Steps(season=1, year=52.18))
    else:
        found["M4 Weekly"] = "skipped: no folder given with --m4"
    if not options.no_simulated:
        found[f"simulated, seed {DESIGN_SEED} (design)"] = compare(simulated(DESIGN_SEED), Steps())
        found[f"simulated, seed {options.seed} (held out)"] = compare(simulated(options.seed), Steps())
    shown = {name: value if isinstance(value, str) else asdict(value) for name, value in found.items()}
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
