"""Do predictions made before training come true? Prints the tables that docs/experiments.md quotes.

    python -m benchmarks.prediction --data FOLDER --cache FOLDER [--tuned]

DATA holds the public data sets by name. Students are trained once and kept in CACHE; ``--tuned`` trains the fine-tuned
ones that are missing too, a few minutes each. Every figure is of tasks whose data set the constants never saw.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from analytics.answers import canonical_answers
from analytics.stand_ins import LEAST_REQUESTS, Trial, try_out
from benchmarks.prediction_achieved import Achieved, head, is_for_a_head, is_kept, sizes
from benchmarks.prediction_encoder import RUNS, encoder
from benchmarks.prediction_encoder import name as encoder_name
from benchmarks.prediction_fit import Case
from benchmarks.prediction_strangers import strangers
from benchmarks.prediction_tables import heads, tuned
from benchmarks.prediction_tasks import Task, load

MOST_SAMPLED = 3_000  # requests that an analysis looks at
SMALL_SAMPLES = (500, 1_000)  # to see how far a curve may be drawn out


def main() -> None:
    """Train what is missing, predict, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("build/prediction"))
    parser.add_argument("--tuned", action="store_true", help="train the fine-tuned students that are missing")
    chosen = parser.parse_args()
    tasks = load(chosen.data)
    trials: dict[tuple[str, int], Trial] = {}
    cases = [case for task in tasks for case in _head_cases(task, chosen.cache, trials)]
    heads(cases)
    tuned(_tuned_cases(tasks, chosen.cache, trials, train=chosen.tuned), cases)
    strangers(chosen.data)


def _head_cases(task: Task, cache: Path, trials: dict[tuple[str, int], Trial]) -> list[Case]:
    """Each size of student, foretold from a log of its lessons and from smaller samples."""
    found = []
    for lessons in sizes(task):
        if not is_for_a_head(task, lessons):
            continue
        reached = head(task, lessons, cache)
        samples = {min(lessons, MOST_SAMPLED), *[small for small in SMALL_SAMPLES if small < lessons]}
        found += [_case(task, sample, reached, trials) for sample in sorted(samples) if sample >= LEAST_REQUESTS]
    return [case for case in found if case.rungs]


def _tuned_cases(
    tasks: Sequence[Task], cache: Path, trials: dict[tuple[str, int], Trial], *, train: bool
) -> list[Case]:
    found = []
    for task in tasks:
        for rows in RUNS.get(task.name, ()):
            lessons = min(rows, len(task.train))
            if is_for_a_head(task, lessons) and (train or is_kept(cache, encoder_name(task, lessons))):
                found.append(_case(task, min(lessons, MOST_SAMPLED), encoder(task, lessons, cache), trials))
    return found


def _case(task: Task, sample: int, reached: Achieved, trials: dict[tuple[str, int], Trial]) -> Case:
    texts = [text for text, _ in task.train[:sample]]
    answers = canonical_answers([answer for _, answer in task.train[:sample]])
    if (task.name, sample) not in trials:
        trials[task.name, sample] = try_out(texts, answers)
    trial = trials[task.name, sample]
    return Case(
        task=task.name,
        source=task.source,
        sample=sample,
        lessons=reached.rows,
        requests=trial.new_rows,
        rungs=trial.rungs,
        neighbour=trial.neighbour.value if trial.neighbour else 0.0,
        majority=max(map(answers.count, set(answers))) / len(answers),
        drop=trial.drop,
        achieved=reached.agreement,
        test_rows=reached.test_rows,
    )


if __name__ == "__main__":
    main()
