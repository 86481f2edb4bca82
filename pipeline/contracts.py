"""What the stages of a run, the students and the dashboard say to each other."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

STAGES = ("collect", "filter", "split", "train", "evaluate", "calibrate", "register")
Features = Literal["static", "sentence"]


@dataclass(frozen=True)
class PairsSource:
    """Labelled pairs that a person brings instead of a log."""

    path: str  # JSONL, CSV or Parquet
    input_column: str
    output_column: str
    gold_column: str | None = None
    test_path: str | None = None  # their own test set; else the newest (or a random grouped) part is held back
    content_sha256: str = ""  # of both files, so that a plan names its data


@dataclass(frozen=True)
class PlanSpec:
    """Everything that decides what a run makes; its hash is the plan id. No clock, no host."""

    task_id: str | None
    task_name: str
    data_version: str  # of the calls, or the hash of the pairs
    pairs: PairsSource | None = None
    student: str = "head"
    features: Features = "static"
    objective: str = "sequence"
    alpha: float = 0.02  # allowed disagreement among answers that the student serves
    delta: float = 0.05  # chance that the bound is broken
    seed: int = 20261124
    max_rows: int = 60_000  # newest rows of the task that a run reads
    test_share: float = 0.2  # newest share of the period: test, and replay
    calibrate_share: float = 0.15  # the share before it: threshold
    tune_share: float = 0.1  # the share before that: confidence model
    cap_usd: float | None = None
    code_version: str = ""


@dataclass(frozen=True)
class StageResult:
    """What a stage says of itself; its files lie in the folder it was given."""

    rows_in: int | None = None
    rows_out: int | None = None
    detail: dict[str, object] = field(default_factory=dict)  # JSON values for a person: counts, reasons, figures


class Stage(Protocol):
    """One module of ``pipeline/stages``: reads the folders of earlier stages, fills its own."""

    def run(self, spec: PlanSpec, inputs: "StageInputs", out: Path) -> StageResult:
        """Fill ``out``. Same spec and inputs: same files, byte for byte, timings apart (``timings.json``)."""


@dataclass(frozen=True)
class StageInputs:
    """Where a stage finds things."""

    home: Path  # the workspace
    run_id: str
    folders: dict[str, Path]  # verified output folder of each earlier stage, by stage name


@dataclass(frozen=True)
class Answer:
    """What a student says to one input."""

    output: str
    confidence: float  # calibrated probability that the teacher would say the same
    ood_score: float  # distance to what it was trained on; larger is stranger


class Student(Protocol):
    """A trained student of any kind."""

    kind: str

    def answer(self, texts: list[str]) -> list[Answer]:
        """Answers in the order of ``texts``."""

    def save(self, folder: Path) -> None:
        """Write weights and metadata without any pickled code."""
