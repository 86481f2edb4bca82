"""How good and how fast are ``head`` and ``encoder`` on banking77's own split? Prints one JSON document.

    python benchmarks/head_banking77.py --data FOLDER [--features …] [--encoder] [--seed N]

FOLDER holds ``train.parquet`` and ``test.parquet`` with the columns text and category. Two references are measured
in the same run: TF-IDF with a linear SVM, and the same with static embeddings beside it. The test split is only
scored; every choice in the student was made by cross-validation on training sets.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from analytics.embed import embed
from pipeline.contracts import Features, Student
from pipeline.students import Lessons, Setup, kind
from pipeline.students.parts.steady import steady_sums

SEED = 20261124
TUNE_ROWS = 1_000  # learn when to trust; they join the lessons afterwards
TIMED_CALLS = 500


@dataclass(frozen=True)
class Split:
    """Texts with their labels."""

    texts: list[str]
    labels: list[str]


@dataclass(frozen=True)
class Measured:
    """One model."""

    accuracy: float
    train_seconds: float
    train_cpu_seconds: float  # of all threads; what the machine's other work cannot inflate much
    p50_ms: float  # of one call with one text
    p95_ms: float


class Clock:
    """Wall and CPU time since it was made."""

    def __init__(self) -> None:
        self.began = time.perf_counter(), time.process_time()

    def stop(self) -> tuple[float, float]:
        """Seconds of each."""
        return time.perf_counter() - self.began[0], time.process_time() - self.began[1]


def main() -> None:
    """Train, score and time each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--features", choices=["static", "sentence"], nargs="*", default=["static", "sentence"])
    parser.add_argument("--encoder", action="store_true", help="fine-tune an encoder too: minutes, not seconds")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    train, test = (_read(chosen.data / f"{name}.parquet") for name in ("train", "test"))
    embed(["warm"])  # reading the vectors from disk is not training
    models = {f"head, {name} features": student(train, test, "head", name, chosen.seed) for name in chosen.features}
    if chosen.encoder:
        models["encoder"] = student(train, test, "encoder", "sentence", chosen.seed)
    references = {
        "tf-idf + linear svm": reference(train, test, with_embeddings=False),
        "tf-idf + static embeddings + linear svm": reference(train, test, with_embeddings=True),
    }
    document = {
        "train_rows": len(train.texts),
        "test_rows": len(test.texts),
        "models": {name: asdict(measured) for name, measured in models.items()},
        "references": {name: asdict(measured) for name, measured in references.items()},
        "machine": platform.processor() or platform.machine(),
    }
    sys.stdout.write(json.dumps(document, indent=1) + "\n")


def _read(path: Path) -> Split:
    columns = pq.read_table(path, columns=["text", "category"]).to_pydict()
    return Split(columns["text"], columns["category"])


def student(train: Split, test: Split, name: str, features: Features, seed: int) -> Measured:
    """The student, trained as a run trains it: most rows teach, the rest say when to trust."""
    order = np.random.default_rng(seed).permutation(len(train.texts))
    parts = [_lessons(train, places) for places in (order[TUNE_ROWS:], order[:TUNE_ROWS])]
    clock = Clock()
    with steady_sums():
        made: Student = kind(name).fit(parts[0], parts[1], Setup(seed, features, say=_say))
    return _measure(lambda texts: [answer.output for answer in made.answer(texts)], test, clock.stop())


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _lessons(split: Split, places: np.ndarray) -> Lessons:
    return Lessons(
        [split.texts[place] for place in places], [split.labels[place] for place in places], [True] * len(places)
    )


def reference(train: Split, test: Split, *, with_embeddings: bool) -> Measured:
    """What a day's work with scikit-learn gives."""
    import scipy.sparse as sparse
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    clock = Clock()
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
    words.fit(train.texts)
    letters.fit(train.texts)

    def features(texts: list[str]) -> object:
        blocks = [words.transform(texts), letters.transform(texts)]
        return sparse.hstack([*blocks, sparse.csr_matrix(embed(texts))] if with_embeddings else blocks).tocsr()

    model = LinearSVC(C=1.0, random_state=SEED).fit(features(train.texts), train.labels)
    spent = clock.stop()
    return _measure(lambda texts: list(model.predict(features(texts))), test, spent)


def _measure(answer: Callable[[list[str]], list[str]], test: Split, spent: tuple[float, float]) -> Measured:
    said = answer(test.texts)
    right = sum(one == other for one, other in zip(said, test.labels, strict=True))
    taken_ms = []
    for text in test.texts[:TIMED_CALLS]:
        began_s = time.perf_counter()
        answer([text])
        taken_ms.append((time.perf_counter() - began_s) * 1000)
    cuts = statistics.quantiles(taken_ms, n=20)
    return Measured(right / len(test.texts), *spent, statistics.median(taken_ms), cuts[18])


if __name__ == "__main__":
    main()
