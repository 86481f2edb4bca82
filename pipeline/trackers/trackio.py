"""Trackio: a local dashboard, kept under ``TRACKIO_DIR``."""

from typing import Any

from pipeline.trackers import Told, Tracker

PACKAGE = "trackio"


def start(run: Told) -> Tracker:
    """A run of the project."""
    import trackio

    trackio.init(project=run.project, name=run.run_id, config=run.settings)
    return _Open(trackio)


class _Open:
    def __init__(self, trackio: Any) -> None:
        self.trackio = trackio

    def log(self, step: int, measures: dict[str, float]) -> None:
        self.trackio.log(measures, step=step)

    def close(self) -> None:
        self.trackio.finish()
