"""From lessons to trained weights: defaults by method, the corpus of the objective, the loop."""

import math
from dataclasses import dataclass
from typing import Any

from pipeline.base_models import BaseModel
from pipeline.contracts import Method, Training
from pipeline.students import Lessons, Setup
from pipeline.students.neural import checkpoints
from pipeline.students.neural.chat import Chat, check_chat, make_chat
from pipeline.students.neural.loop import Options, Outcome
from pipeline.students.neural.loop import train as run_loop
from pipeline.students.neural.weights import add_adapters, read_tokenizer, read_weights

EPOCHS = 2.0
MOST_SEEN = {"cpu": 16_000, "cuda": 200_000}  # examples shown at most, unless asked for more
BATCH = 32
RANK = 16
RATES = {"lora": 1e-3, "qlora": 5e-4, "full": 2e-4}  # chosen on held-out restaurant8k rows (docs/experiments.md)
TOKEN_BUDGET = {"cpu": 4_096, "cuda": 16_384}
CHECKED = 100  # prompts whose tokens are compared with the whole template's


@dataclass(frozen=True)
class Trained:
    """A network after training."""

    model: Any
    chat: Chat
    weights: dict[str, Any]
    outcome: Outcome
    left_out: int


def method_of(training: Training) -> Method:
    """Adapters, unless something else is asked for."""
    return training.method or "lora"


def rank_of(training: Training) -> int:
    """Rank of the adapters."""
    return training.lora_rank or RANK


def train(base: BaseModel, lessons: Lessons, setup: Setup) -> Trained:
    """Read the base, add what is trained, and run the loop."""
    from pipeline import objectives

    tokenizer, device = read_tokenizer(base), device_name()
    chat = make_chat(tokenizer, setup.instructions)
    check_chat(chat, lessons.inputs[:CHECKED])
    objective = objectives.find(setup.objective)
    corpus = objective.corpus(lessons, lambda text=None: make_chat(tokenizer, text) if text else chat, setup.training)
    model = read_weights(base, method=method_of(setup.training)).to(device)
    model = add_adapters(model, base, setup.training, rank_of(setup.training), setup.seed)
    options = _options(setup, len(corpus.examples), device)
    setup.say(_announcement(base, setup, len(corpus.examples), corpus.left_out, options))
    outcome = run_loop(model, corpus, lambda net, batch: objective.loss(net, batch, setup.training), options)
    setup.say(f"trained: loss {outcome.loss:.4f}, {outcome.tokens_per_s:,.0f} useful tokens/s")
    return Trained(model.eval(), chat, checkpoints.trained(model), outcome, corpus.left_out)


def device_name() -> str:
    """Where networks run on this machine."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def steps_of(training: Training, examples: int, device: str) -> int:
    """Optimizer steps: two passes, fewer where that would show more examples than such a machine gets through."""
    batch = training.batch_size or BATCH
    if training.max_steps:
        return training.max_steps
    shown = examples * (training.epochs or EPOCHS)
    return max(1, math.ceil((shown if training.epochs else min(shown, MOST_SEEN[device])) / batch))


def _options(setup: Setup, examples: int, device: str) -> Options:
    training = setup.training
    return Options(
        steps=steps_of(training, examples, device),
        batch_size=training.batch_size or BATCH,
        learning_rate=training.learning_rate or RATES[method_of(training)],
        seed=setup.seed,
        token_budget=TOKEN_BUDGET[device],
        weight_decay=0.01 if method_of(training) == "full" else 0.0,
        scratch=setup.scratch / "checkpoints" if setup.scratch else None,
        events=setup.scratch.parent / "events.jsonl" if setup.scratch else None,
        precision="bfloat16" if device == "cuda" else "float32",
        say=setup.say,
    )


def _announcement(base: BaseModel, setup: Setup, examples: int, left_out: int, options: Options) -> str:
    return (
        f"training {base.name} ({method_of(setup.training)}, objective {setup.objective}) on {examples:,} examples "
        f"({left_out:,} too long), {options.steps:,} steps of {options.batch_size}"
    )
