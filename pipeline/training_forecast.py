"""What training a decoder will take on a machine: memory, time, and what would make a plan fit that does not.

Rows are read once to know their lengths; the rest is formulas (``training_memory``, ``training_time``).
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analytics.errors import DoesNotFit
from analytics.statistics import quantile
from analytics.workspace import Workspace
from pipeline import measured_training
from pipeline.base_models import BaseModel, catalogue, find_base
from pipeline.contracts import PlanSpec, Training
from pipeline.machines import GPUS, Machine, this_machine
from pipeline.students.neural.settings import BATCH, TOKEN_BUDGET, method_of, rank_of, steps_of
from pipeline.training_memory import Load, Memory, training_memory
from pipeline.training_time import seconds, training_flops

READ = 500  # rows whose tokens are counted
FALLBACK = (64.0, 16.0)  # tokens of a row and its answer, where there is none to read
PREFIX_TOKENS = 16  # of a chat template around the input, where the prompt's constant text is pruned
LEAST_MICRO = 512  # tokens; a micro-batch below this spends its time on overheads
Fits = Callable[[BaseModel, Training, Machine], bool]
MARGIN = 1.1  # needed memory is taken as this much more than predicted


@dataclass(frozen=True)
class Lengths:
    """Tokens of the rows that train."""

    rows: int
    mean: float  # of input and answer
    long: float  # nine in ten are shorter
    answer: float


@dataclass(frozen=True)
class TrainingForecast:
    """Predicted before a run starts, compared after it ended."""

    machine: str
    memory: Memory
    available_gb: float
    steps: int
    tokens: int  # useful ones that will be seen
    seconds: float
    seconds_basis: str
    would_fit: tuple[str, ...] = ()  # each line alone would do; empty where the plan fits
    lengths: Lengths | None = None

    @property
    def needed_gb(self) -> float:
        """With a margin for what formulas do not see [1e9 bytes]."""
        return MARGIN * self.memory.total / 1e9

    @property
    def fits(self) -> bool:
        """Whether the machine has room for it now."""
        return self.needed_gb <= self.available_gb

    def as_json(self) -> dict[str, Any]:
        """What ``plan`` prints as ``memory``."""
        return {
            "needed_gb": round(self.needed_gb, 2), "available_gb": round(self.available_gb, 2), "fits": self.fits,
            "machine": self.machine, "would_fit": list(self.would_fit), "parts": self.memory.as_json(),
            "steps": self.steps, "tokens": self.tokens, "seconds": round(self.seconds, 1),
            "seconds_basis": self.seconds_basis,
        }  # fmt: skip


def forecast(
    workspace: Workspace, spec: PlanSpec, machine: Machine | None = None, gpus: int = 1
) -> TrainingForecast | None:
    """What the training stage of a plan will take; None for a kind that trains no decoder."""
    if spec.student != "causal":
        return None
    place, base = machine or this_machine(), find_base(spec.base)
    lengths = read_lengths(workspace, spec)
    training = spec.training
    memory = training_memory(base, load_of(base, training, lengths, place))
    steps = steps_of(training, lengths.rows, place.device)
    tokens = steps * (training.batch_size or BATCH) * lengths.mean
    pace, basis = _pace(workspace, place)
    flops = training_flops(
        base, method_of(training), tokens, tokens * lengths.answer / lengths.mean, lengths.mean + PREFIX_TOKENS,
        training.gradient_checkpointing,
    )  # fmt: skip
    made = TrainingForecast(
        place.name, memory, place.available_gb, steps, round(tokens), seconds(flops, pace, gpus), basis, (), lengths
    )
    return made if made.fits else replace(made, would_fit=tuple(_would_fit(base, training, lengths, place)))


def require_fit(made: TrainingForecast | None) -> None:
    """Refuse what cannot fit. Raises DoesNotFit with what would."""
    if made is None or made.fits:
        return
    ways = "; or ".join(made.would_fit) or "nothing that is known here would"
    raise DoesNotFit(
        f"training needs about {made.needed_gb:.1f} GB and {made.machine} has {made.available_gb:.1f} GB free. "
        f"What would fit: {ways}. Start it all the same with --force"
    )


def read_lengths(workspace: Workspace, spec: PlanSpec) -> Lengths:
    """Lengths of the rows that would train, by a widely used tokenizer; another one makes a little more or less."""
    from pipeline.teaching.known_rows import known_rows
    from pipeline.teaching.tokens import count_tokens

    known = [row for row in known_rows(workspace, spec) if row.output_text]
    share = 1 - spec.test_share - spec.calibrate_share - spec.tune_share
    sample = known if len(known) <= READ else random.Random(spec.seed).sample(known, READ)
    answers = [count_tokens(row.output_text or "") + 1 for row in sample]
    whole = [count_tokens(row.input_text) + answer for row, answer in zip(sample, answers, strict=True)]
    rows = max(1, round(share * len(known)))
    if not sample:
        return Lengths(rows, FALLBACK[0], FALLBACK[0], FALLBACK[1])
    return Lengths(rows, _mean(whole), quantile(whole, 0.9) or FALLBACK[0], _mean(answers))


def load_of(base: BaseModel, training: Training, lengths: Lengths, place: Machine) -> Load:
    """The largest micro-batch that these rows make."""
    budget = training.micro_tokens or TOKEN_BUDGET[place.device]
    row = min(lengths.long, training.max_tokens)
    whole = (training.batch_size or BATCH) * (row + PREFIX_TOKENS)
    micro = math.ceil(max(row, min(budget, whole)))
    rows = max(1.0, micro / (row + PREFIX_TOKENS))
    return Load(
        method=method_of(training), rank=rank_of(training), micro_tokens=micro, row_tokens=math.ceil(row),
        answer_tokens=math.ceil(rows * lengths.answer), prefix_tokens=PREFIX_TOKENS,
        is_checkpointed=training.gradient_checkpointing, device=place.device,
    )  # fmt: skip


def _would_fit(base: BaseModel, training: Training, lengths: Lengths, place: Machine) -> Iterator[str]:
    """Each way out that suffices, from the one that changes least."""

    def fits(one: BaseModel, how: Training, where: Machine) -> bool:
        return MARGIN * training_memory(one, load_of(one, how, lengths, where)).total / 1e9 <= where.available_gb

    if words := _smaller_pieces(base, training, lengths, place, fits):
        yield words
    if method_of(training) == "full" and fits(base, replace(training, method="lora"), place):
        yield "adapters instead of all weights (--method lora)"
    qlora = replace(training, method="qlora", gradient_checkpointing=True)
    if place.device == "cuda" and method_of(training) != "qlora" and fits(base, qlora, place):
        yield "adapters on four-bit weights (--method qlora --gradient-checkpointing)"
    smaller = [one for one in catalogue().values() if one.parameters < base.parameters and fits(one, training, place)]
    if smaller:
        yield f"a smaller base (--base {max(smaller, key=lambda one: one.parameters).name})"
    yield from _bigger_machine(base, training, lengths, place, fits)


def _bigger_machine(base: BaseModel, training: Training, lengths: Lengths, place: Machine, fits: Fits) -> Iterator[str]:
    """The smallest GPU that takes the plan as it is, else with activations computed twice."""
    spared = replace(training, gradient_checkpointing=True)
    for how, words in ((training, ""), (spared, " with --gradient-checkpointing")):
        for gpu in GPUS:
            if gpu.name != place.name and fits(base, how, gpu):
                yield f"a GPU with {gpu.memory_gb:.0f} GB ({gpu.name}){words}"
                return


def _smaller_pieces(base: BaseModel, training: Training, lengths: Lengths, place: Machine, fits: Fits) -> str | None:
    """Smaller micro-batches, else gradient checkpointing, else both."""
    budget = training.micro_tokens or TOKEN_BUDGET[place.device]
    halves = [budget >> turn for turn in range(1, 8) if budget >> turn >= LEAST_MICRO]
    for tokens in halves:
        if fits(base, replace(training, micro_tokens=tokens), place):
            return f"smaller micro-batches (--micro-tokens {tokens})"
    if training.gradient_checkpointing:
        return None
    for tokens in (budget, *halves):
        if fits(base, replace(training, gradient_checkpointing=True, micro_tokens=tokens), place):
            smaller = f" --micro-tokens {tokens}" if tokens != budget else ""
            return f"activations computed twice (--gradient-checkpointing{smaller}), a third slower"
    return None


def _pace(workspace: Workspace, place: Machine) -> tuple[float, str]:
    """Work a second: what earlier runs here reached, else the machine's default [FLOP / s]."""
    found = measured_training.paces(workspace, place.device)
    if found:
        return quantile(found, 0.5) or place.flops, f"measured on the last {len(found)} training(s) here"
    return place.flops, "default pace of such a machine; measured once a run has ended here"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
