"""Weights & Biases: its service, a server of your own, or offline, as ``WANDB_MODE`` and ``WANDB_BASE_URL`` say."""

from typing import Any

from pipeline.trackers import Told, Tracker

PACKAGE = "wandb"


def start(run: Told) -> Tracker:
    """A run of the project."""
    import wandb

    return _Open(wandb.init(project=run.project, name=run.run_id, config=run.settings))


class _Open:
    def __init__(self, run: Any) -> None:
        self.run = run

    def log(self, step: int, measures: dict[str, float]) -> None:
        self.run.log(measures, step=step)

    def close(self) -> None:
        self.run.finish()
