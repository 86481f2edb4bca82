"""MLflow: a file store or a server, as ``MLFLOW_TRACKING_URI`` says."""

from typing import Any

from pipeline.trackers import Told, Tracker

PACKAGE = "mlflow"


def start(run: Told) -> Tracker:
    """A run of the project's experiment."""
    import mlflow

    mlflow.set_experiment(run.project)
    mlflow.start_run(run_name=run.run_id)
    mlflow.log_params(run.settings)
    return _Open(mlflow)


class _Open:
    def __init__(self, mlflow: Any) -> None:
        self.mlflow = mlflow

    def log(self, step: int, measures: dict[str, float]) -> None:
        self.mlflow.log_metrics(measures, step=step)

    def close(self) -> None:
        self.mlflow.end_run()
