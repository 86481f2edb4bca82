"""What every training loop is told in the same way: where it keeps things, at what rent, and who hears of each step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pipeline import trackers
from pipeline.students import Setup
from pipeline.students.neural.loop import Options
from pipeline.students.neural.settings import TOKEN_BUDGET

Tell = Callable[[int, dict[str, Any]], None]


def loop_options(
    setup: Setup, device: str, *, steps: int, batch_size: int, learning_rate: float, weight_decay: float
) -> Options:
    """Options of a loop: what the kind of network decides is given, the rest is the run's."""
    return Options(
        steps=steps,
        batch_size=setup.training.batch_size or batch_size,
        learning_rate=setup.training.learning_rate or learning_rate,
        seed=setup.seed,
        token_budget=setup.training.micro_tokens or TOKEN_BUDGET[device],
        weight_decay=weight_decay,
        scratch=setup.scratch / "checkpoints" if setup.scratch else None,
        events=setup.scratch.parent / "events.jsonl" if setup.scratch else None,
        precision="bfloat16" if device == "cuda" else "float32",
        say=setup.say,
        usd_per_hour=setup.launch.usd_per_hour,
        paid_usd=setup.paid_usd,
    )


@contextmanager
def reporting(setup: Setup, base: str) -> Iterator[tuple[Tell, ...]]:
    """What to call with each step's event; the trackers are closed whatever happens."""
    opened = trackers.open_all(setup.launch.report_to, _told(setup, base), setup.say)

    def tell(tracker: trackers.Tracker) -> Tell:
        return lambda step, event: tracker.log(step, trackers.measures_of(event))

    try:
        yield tuple(tell(tracker) for tracker in opened)
    finally:
        for tracker in opened:
            tracker.close()


def _told(setup: Setup, base: str) -> trackers.Told:
    """What a tracker learns at the start: choices, never a text of the task."""
    run_id = setup.scratch.parent.name if setup.scratch else "training"
    chosen = {
        name: value for name, value in vars(setup.training).items() if value is not None and name != "general_data"
    }
    return trackers.Told(
        "spiritsafe", run_id, chosen | {"base": base, "objective": setup.objective, "seed": setup.seed}
    )
