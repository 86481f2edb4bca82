"""What students really reach: trained on the first rows of a task, scored on its untouched test rows.

Training takes most of the time, so each result is kept as one JSON file in a folder; delete the folder to train anew.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.answers import canonical_answers
from benchmarks.prediction_tasks import SEED, Task
from pipeline.students import Lessons, Setup, kind
from pipeline.students.parts.steady import steady_sums

SIZES = (250, 500, 1_000, 2_000, 4_000)
TUNE_SHARE = 0.15  # of the lessons: of a plan's learning rows, what tunes the confidence
RARE = 3  # answers seen less often; where they are most of the rows a head refuses
RARE_SHARE = 0.5
MOST_ANSWERS = 400  # one-against-rest training of more takes a quarter of an hour a size


@dataclass(frozen=True)
class Achieved:
    """One student."""

    task: str
    rows: int  # it learned from
    test_rows: int
    right: int

    @property
    def agreement(self) -> float:
        """With the teacher, on the test rows."""
        return self.right / self.test_rows


def sizes(task: Task) -> list[int]:
    """Numbers of lessons to try: the usual ones that the task has rows for, and all it has."""
    rows = len(task.train)
    return [*[size for size in SIZES if size <= 0.85 * rows], rows]


def is_for_a_head(task: Task, rows: int) -> bool:
    """Would the pipeline train one? Not where most answers never come back."""
    counts = Counter(answer for _, answer in task.train[:rows])
    rare = sum(count for count in counts.values() if count < RARE)
    return rare <= RARE_SHARE * rows and 1 < len(counts) <= MOST_ANSWERS


def head(task: Task, rows: int, cache: Path) -> Achieved:
    """The student that is shipped, with static features, trained as a run trains it."""
    return kept(cache, f"head-{task.name}-{rows}", lambda: _head(task, rows))


def kept(cache: Path, name: str, make: Callable[[], Achieved]) -> Achieved:
    """A result from the folder, or made and put there."""
    path = _path(cache, name)
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(make())))
    return Achieved(**json.loads(path.read_text()))


def is_kept(cache: Path, name: str) -> bool:
    """Is there such a result already?"""
    return _path(cache, name).exists()


def _path(cache: Path, name: str) -> Path:
    return cache / f"{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}.json"


def _head(task: Task, rows: int) -> Achieved:
    texts, answers = [text for text, _ in task.train[:rows]], canonical_answers([said for _, said in task.train[:rows]])
    cut = rows - max(30, int(TUNE_SHARE * rows))
    parts = [
        Lessons(texts[piece], answers[piece], [True] * len(texts[piece])) for piece in (slice(cut), slice(cut, None))
    ]
    with steady_sums():
        student = kind("head").fit(parts[0], parts[1], Setup(SEED))
        said = [answer.output for answer in student.answer([text for text, _ in task.test])]
    return Achieved(task.name, rows, len(task.test), agreeing(said, task))


def agreeing(said: list[str], task: Task) -> int:
    """Test rows answered as the teacher did, form put aside; ``said`` may stop early."""
    truth = canonical_answers([answer for _, answer in task.train] + [answer for _, answer in task.test])
    return sum(one == other for one, other in zip(said, truth[len(task.train) :], strict=False))


def train_all(tasks: list[Task], cache: Path, say: Callable[[str], object]) -> list[Achieved]:
    """Every head of every task."""
    found = []
    for task in tasks:
        for rows in sizes(task):
            if is_for_a_head(task, rows):
                began_s = time.monotonic()
                found.append(head(task, rows, cache))
                say(f"{task.name} {rows} {found[-1].agreement:.3f} {time.monotonic() - began_s:.0f}s")
    return found
