"""Students of the same kind on parts of the lessons, for the learning curve of kinds that train in seconds."""

from pathlib import Path

import numpy as np

from analytics.errors import QualityGateFailed
from pipeline.contracts import PlanSpec
from pipeline.evaluation.compared import NEW, Compared, ask
from pipeline.evaluation.learning_curve import Point
from pipeline.examples import ROWS, read_table
from pipeline.periods import LEARNING
from pipeline.stages.train import lessons_of
from pipeline.students import Lessons, Setup, kind
from pipeline.students.parts.steady import steady_sums

QUICK = ("head", "lookup")
SHARES = (1 / 8, 1 / 4, 1 / 2)
LEAST_LESSONS = 50


def curve_points(spec: PlanSpec, split: Path, compared: Compared) -> list[Point]:
    """Errors on new inputs of students of an eighth, a quarter, half and all of the lessons; none for slow kinds."""
    places = compared.places(NEW)
    if spec.student not in QUICK or not places:
        return []
    train, tune = (lessons_of(read_table(split / f"{name}.parquet", ROWS)) for name in LEARNING)
    setup = Setup(spec.seed, spec.features, compared.known.answer_kind, say=lambda line: None)
    points = [_point(len(train.teaching()) + len(tune.teaching()), compared.said, compared, places)]
    generator = np.random.default_rng(spec.seed)
    orders = [generator.permutation(len(part)) for part in (train, tune)]
    for share in SHARES:
        first, second = (_part(lessons, order, share) for lessons, order in zip((train, tune), orders, strict=True))
        count = len(first.teaching()) + len(second.teaching())
        if count >= LEAST_LESSONS and len(set(first.teaching().answers)) > 1:
            try:
                with steady_sums():
                    student = kind(spec.student).fit(first, second, setup)
            except QualityGateFailed:  # too few rows for this kind: the curve begins at the next larger part
                continue
            said = dict(zip(places, ask(student, [compared.inputs[place] for place in places]), strict=True))
            points.append(_point(count, {place: answer.output for place, answer in said.items()}, compared, places))
    return sorted(points)


def _part(lessons: Lessons, order: "np.ndarray[tuple[int], np.dtype[np.int64]]", share: float) -> Lessons:
    """The same rows of a larger part are in a smaller one's successor: the curve moves by size alone."""
    return lessons.take(sorted(order[: round(share * len(lessons))].tolist()))


def _point(lessons: int, said: "list[str] | dict[int, str]", compared: Compared, places: list[int]) -> Point:
    return Point(lessons, sum(said[place] != compared.teacher[place] for place in places), len(places))
