"""The tables of an experiment on predictions, as Markdown on stdout."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import spearmanr

from analytics.prediction import TESTED_ON, Calibration, TunedCalibration, share_of
from benchmarks.prediction_fit import Case, fit, fit_tuned, held_out, odds

MOST_SAMPLED = 3_000
LEAST_TEST = 150  # requests; a smaller test scatters by more than predictions miss


class Foretold(NamedTuple):
    """A prediction on a held-out task."""

    case: Case
    value: float
    low: float  # of a test of the usual size
    high: float
    low_here: float  # of a test as large as this one
    high_here: float


def say(line: str = "") -> None:
    """One line of the document."""
    sys.stdout.write(line + "\n")


def heads(cases: Sequence[Case]) -> None:
    """Head students, each task foretold by constants that its data set had no part in."""
    fitted = held_out(cases, fit)
    found = [foretell(case, fitted[case.source]) for case in cases]
    usual = [one for one in found if one.case.sample == min(one.case.lessons, MOST_SAMPLED)]
    small = [one for one in found if one not in usual]
    well = [one for one in usual if one.case.test_rows >= LEAST_TEST]
    say("## Head students\n")
    _table(usual)
    say()
    _summary("tasks tested on 150 requests or more", well)
    largest = {one.case.task: one for one in sorted(well, key=lambda one: one.case.lessons)}
    _summary("of these, every task once, at its largest size", list(largest.values()))
    _summary("bbh: 187 lessons, tests of 63 requests", [one for one in usual if one not in well])
    for size in (500, 1_000):
        _summary(f"from samples of {size} to more lessons", [one for one in small if one.case.sample == size])
    _summary("beyond fourfold the sample", [one for one in small if one.case.lessons > 4 * one.case.sample])
    _rule("nearest neighbour or majority alone", well)
    say(f"\nshipped constants: {fit(cases)}")
    say(f"held-out damping {_range([one.damping for one in fitted.values()])}, "
        f"task spread {_range([one.task_spread for one in fitted.values()])}, "
        f"doubling spread {_range([one.doubling_spread for one in fitted.values()])}, "
        f"reach {_range([one.reach for one in fitted.values()])}\n")  # fmt: skip


def tuned(cases: Sequence[Case], head_cases: Sequence[Case]) -> None:
    """Fine-tuned students in the same way: neither the gain nor the head's constants saw the task's data set."""
    say("## Fine-tuned students\n")
    if len({case.source for case in cases}) < 3:
        say("too few were trained; run with --tuned")
        return
    by = held_out(head_cases, fit)
    gains = held_out(cases, lambda others: fit_tuned(others, fit(head_cases)))
    found = [_foretell_tuned(case, by[case.source], gains[case.source]) for case in cases]
    _table(found)
    say()
    _summary("fine-tuned students", found)
    say(f"\nshipped constants: {fit_tuned(cases, fit(head_cases))}\n")


def foretell(case: Case, by: Calibration) -> Foretold:
    usual, here = odds(case, by), odds(case, by, case.test_rows)
    ends = [share_of(one.centre + side * by.reach * one.spread) for one in (usual, here) for side in (-1, 1)]
    return Foretold(case, share_of(usual.centre), *ends)


def _foretell_tuned(case: Case, by: Calibration, gain: TunedCalibration) -> Foretold:
    ends = []
    for rows in (TESTED_ON, case.test_rows):
        head = odds(case, by, rows)
        spread = float(np.hypot(head.spread, gain.spread))
        ends += [share_of(head.centre + gain.gain + side * gain.reach * spread) for side in (-1, 1)]
    return Foretold(case, share_of(head.centre + gain.gain), *ends)


def _table(found: Sequence[Foretold]) -> None:
    say("| task | lessons | sample | tested | predicted | 80 % range | achieved | off |")
    say("| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |")
    for one in sorted(found, key=lambda one: (one.case.task, one.case.lessons)):
        case, off = one.case, one.value - one.case.achieved
        marked = "" if one.low <= case.achieved <= one.high else " *"
        say(f"| {case.task} | {case.lessons:,} | {case.sample:,} | {case.test_rows:,} | {one.value:.1%} | "
            f"{one.low:.1%} to {one.high:.1%}{marked} | {case.achieved:.1%} | {100 * off:+.1f} |")  # fmt: skip


def _summary(what: str, found: Sequence[Foretold]) -> None:
    if not found:
        return
    achieved = np.array([one.case.achieved for one in found])
    off = np.abs(np.array([one.value for one in found]) - achieved) * 100
    inside = np.mean([one.low <= one.case.achieved <= one.high for one in found])
    here = np.mean([one.low_here <= one.case.achieved <= one.high_here for one in found])
    width = 100 * np.median([one.high - one.low for one in found])
    rank = spearmanr([one.value for one in found], achieved).statistic
    tasks = len({one.case.task for one in found})
    say(f"- {what}: {len(found)} students of {tasks} tasks; Spearman {rank:.3f}; off by {np.median(off):.1f} points in "
        f"the median, {np.quantile(off, 0.9):.1f} at 90 %; 80 % ranges hold {inside:.0%} ({here:.0%} with the test's own "
        f"size), {width:.1f} points wide in the median")  # fmt: skip


def _rule(what: str, found: Sequence[Foretold]) -> None:
    """What the simplest rule would have said."""
    said = np.array([max(one.case.neighbour, one.case.majority) for one in found])
    achieved = np.array([one.case.achieved for one in found])
    off = np.abs(said - achieved) * 100
    say(f"- {what}: Spearman {spearmanr(said, achieved).statistic:.3f}; off by {np.median(off):.1f} points in the median, "
        f"{np.quantile(off, 0.9):.1f} at 90 %")  # fmt: skip


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"
