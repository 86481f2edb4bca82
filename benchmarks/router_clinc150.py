"""Signals and guarantee of the router on CLINC150. Prints one JSON document.

    python -m benchmarks.router_clinc150 --data FOLDER [--features sentence] [--draws 500]

FOLDER holds ``train``, ``val``, ``oos_train`` and ``oos_val`` as Parquet with the columns text and intent. The head is
fitted on ``train``, nothing is fitted on out-of-scope questions. Reported: accuracy on ``val``, and how well
strangeness tells the out-of-scope questions of both files from ``val`` (AUROC). Then the guarantee: ``val`` and the
out-of-scope questions, which have no right answer, stand for the traffic. Calibration rows are drawn from it as often as
asked; Learn-then-Test chooses the threshold on them; a draw breaks the promise where the share of wrong answers among
what is served of the whole traffic is above alpha. The oracle knows the traffic's answers.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.contracts import Answer, Student
from pipeline.stages.calibrate import GRID, Answered, walk
from pipeline.students import Lessons, Setup, kind
from pipeline.students.parts.steady import steady_sums

SEED = 20261125
TUNE_ROWS = 1_000


@dataclass(frozen=True)
class Judged:
    """Answers with whether they are right; out-of-scope ones never are."""

    answers: list[Answer]
    is_right: NDArray[np.bool_]


def read(file: Path) -> tuple[list[str], list[str]]:
    table = pq.read_table(file).to_pydict()
    return table["text"], table["intent"]


def auroc(strange: NDArray[np.float64], usual: NDArray[np.float64]) -> float:
    """Chance that a strange one scores above a usual one, ties half (Mann and Whitney)."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate((strange, usual)))
    n, m = len(strange), len(usual)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def fit(texts: list[str], labels: list[str], features: str, seed: int = SEED) -> Student:
    order = np.random.default_rng(seed).permutation(len(texts)).tolist()
    lessons = Lessons(texts, labels, [True] * len(texts))
    return kind("head").fit(lessons.take(order[TUNE_ROWS:]), lessons.take(order[:TUNE_ROWS]), Setup(seed, features))


def judge(student: Student, texts: list[str], labels: list[str]) -> Judged:
    with steady_sums():
        answers = student.answer(texts)
    return Judged(answers, np.array([one.output == label for one, label in zip(answers, labels, strict=True)]))


def draws(judged: Judged, rows: int, alpha: float, delta: float, count: int) -> dict[str, float]:
    """The guarantee over random calibration sets of one size, drawn with replacement from all rows.

    The rows stand for the traffic, so the error of a threshold is known exactly and chance in the traffic is left out.
    """
    dice = np.random.default_rng(SEED)
    sure = np.array([one.confidence for one in judged.answers])
    far = np.array([one.ood_score for one in judged.answers])
    broken, coverages, none = 0, [], 0
    for _ in range(count):
        held = dice.integers(0, len(sure), rows)
        some = Answered([judged.answers[at] for at in held], judged.is_right[held].tolist())
        cutoff = float(np.quantile(far[held], 0.99))
        tested, chosen = walk(alpha, delta, some, cutoff)
        served = np.zeros(len(sure), bool)
        if chosen is not None:
            served = (far <= cutoff) & (sure >= tested[chosen].threshold)
        none += chosen is None
        broken += int((served & ~judged.is_right).sum()) > alpha * int(served.sum())
        coverages.append(float(served.mean()))
    best = oracle(sure, far <= float(np.quantile(far, 0.99)), judged.is_right, alpha)
    return {
        "calibration_rows": rows, "alpha": alpha, "delta": delta, "draws": count, "broken_share": broken / count,
        "no_threshold_share": none / count, "mean_coverage": float(np.mean(coverages)), "oracle_coverage": best,
        "of_oracle": float(np.mean(coverages)) / best if best else float("nan"),
    }  # fmt: skip


def oracle(sure: NDArray[np.float64], familiar: NDArray[np.bool_], right: NDArray[np.bool_], alpha: float) -> float:
    """Coverage of the laxest threshold of the grid whose error on this very traffic is at most alpha."""
    best = 0.0
    for threshold in GRID:
        served = familiar & (sure >= threshold)
        if served.any() and (served & ~right).sum() <= alpha * served.sum():
            best = max(best, float(served.mean()))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--features", default="sentence")
    parser.add_argument("--draws", type=int, default=500)
    chosen = parser.parse_args()
    train, val = read(chosen.data / "train.parquet"), read(chosen.data / "val.parquet")
    strange = [text for name in ("oos_train", "oos_val") for text in read(chosen.data / f"{name}.parquet")[0]]
    began = time.perf_counter()
    student = fit(*train, chosen.features)
    seconds = time.perf_counter() - began
    usual, odd = judge(student, *val), judge(student, strange, ["none of them"] * len(strange))
    far = [np.array([one.ood_score for one in some.answers]) for some in (odd, usual)]
    sure = [-np.array([one.confidence for one in some.answers]) for some in (odd, usual)]
    both = Judged(usual.answers + odd.answers, np.concatenate((usual.is_right, odd.is_right)))
    found = {
        "features": chosen.features, "train_seconds": seconds, "in_scope_accuracy": float(usual.is_right.mean()),
        "in_scope_rows": len(usual.answers), "out_of_scope_rows": len(strange), "auroc_strangeness": auroc(*far),
        "auroc_confidence": auroc(*sure),
        "guarantee": [
            draws(both, rows, alpha, 0.05, chosen.draws) for rows in (1_000, 3_000) for alpha in (0.01, 0.02, 0.05)
        ],
    }  # fmt: skip
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
