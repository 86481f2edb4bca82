"""What the stages of a run, the students and the dashboard say to each other."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

PROBE_SEED = 20261125  # of short trainings that compare bases: their students are never put to work
STAGES = ("collect", "teach", "filter", "split", "train", "evaluate", "calibrate", "register")
Features = Literal["static", "sentence"]
AnswerKind = Literal["label", "labels", "json", "text"]  # one of a closed set, several of one, an object, free text
Method = Literal["lora", "qlora", "full"]


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
class Training:
    """How a student with a neural network is trained; a kind that has none ignores it. None: the kind's own default."""

    method: Method | None = None  # causal: lora; encoder: full
    epochs: float | None = None
    max_steps: int | None = None
    learning_rate: float | None = None
    batch_size: int | None = None  # examples an optimizer step
    lora_rank: int | None = None
    max_tokens: int = 1024  # of input and answer together; longer examples are counted and left out
    keep_prompt: bool = False  # train and serve with the constant prompt text; otherwise it is pruned from both
    objective_weight: float = 0.5  # of the objective's own loss beside the loss on the teacher's answers
    temperature: float = 1.0  # at which distributions are compared (objective logits)
    divergence: float = 0.0  # 0: forward KL, 1: reverse KL, between: generalised Jensen-Shannon
    teacher_base: str | None = None  # a local teacher by name or folder (objective logits)
    gradient_checkpointing: bool = False  # compute activations again in the backward pass: less memory, more time
    micro_tokens: int | None = None  # padded tokens of one micro-batch; what memory is spent on
    general_mix: float = 0.0  # general examples for each example of the task, so that less is forgotten
    general_data: str | None = None  # a file of general pairs (JSONL: input, output); None: the shipped ones


@dataclass(frozen=True)
class Teaching:
    """What a paid teacher is asked for before anything is filtered."""

    model: str  # as litellm names it, provider first
    api_base: str | None = None  # an OpenAI-compatible URL
    jobs: tuple[str, ...] = ()  # label, relabel, samples, rationale, logprobs, synthetic
    samples: int = 5  # answers an input, for self-consistency
    synthetic_rows: int = 0  # inputs to be made up, marked as such
    rows: int | None = None  # newest rows that are sent; None: all that need it
    focus: tuple[str, ...] = ()  # ids of the calls that relabel and label ask about, in place of the newest
    top_logprobs: int = 5
    max_output_tokens: int = 256
    concurrency: int = 8
    use_batch: bool = False  # the provider's batch service, at its price
    least_accuracy: float = 0.8  # a teacher below this, on gold or against itself, stops the run
    daily_cap_usd: float | None = None


@dataclass(frozen=True)
class Gate:
    """What a student must show before it counts as good enough; decision 0013 says why these values."""

    margin: float = 0.02  # share of answers by which it may be worse
    least_rows: int = 200  # independent rows, below which nothing is passed
    level: float = 0.025  # chance of passing one that is worse by the margin, one-sided, over all candidates
    candidates: int = 1  # students tried on the same test rows; the level is divided by it (Bonferroni)


@dataclass(frozen=True)
class Evaluating:
    """What a student is measured against beyond the log, each only if asked for."""

    compare: tuple[str, ...] = ()  # untuned, few-shot:PROVIDER/MODEL
    judge: str | None = None  # PROVIDER/MODEL that judges answers
    api_base: str | None = None  # an OpenAI-compatible URL for few-shot model and judge
    rows: int = 300  # newest new inputs that paid models are asked about


@dataclass(frozen=True)
class PlanSpec:
    """Everything that decides what a run makes; its hash is the plan id. No clock, no host."""

    task_id: str | None
    task_name: str
    data_version: str  # of the calls, or the hash of the pairs
    pairs: PairsSource | None = None
    student: str = "head"
    features: Features = "static"
    base: str | None = None  # pre-trained weights by name of data/bases or folder; None: the kind's default
    objective: str = "sequence"
    training: Training = Training()
    teaching: Teaching | None = None  # None: the log's own answers teach, and nobody is paid
    gate: Gate = Gate()
    evaluating: Evaluating = Evaluating()
    alpha: float = 0.02  # allowed disagreement among answers that the student serves
    delta: float = 0.05  # chance that the bound is broken
    seed: int = 20261124
    max_rows: int = 60_000  # newest rows of the task that a run reads
    lessons: str = ""  # name of a file of lessons from failures at work, a hash of them; they train and never test
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
    scratch: Path | None = None  # survives a killed worker: checkpoints, paid answers; gone once the stage is committed


@dataclass(frozen=True)
class Answer:
    """What a student says to one input."""

    output: str
    confidence: float  # calibrated probability that the teacher would say the same
    ood_score: float  # distance to what it was trained on; larger is stranger


class Student(Protocol):
    """A trained student of any kind."""

    @property
    def kind(self) -> str:
        """Name of the kind."""

    def answer(self, texts: list[str]) -> list[Answer]:
        """Answers in the order of ``texts``."""

    def save(self, folder: Path) -> None:
        """Write weights and metadata without any pickled code."""
