"""Fine-tuning: the loop that decoders use, on examples that are one text and one target each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analytics.errors import InputError
from pipeline.students import Setup
from pipeline.students.encoding.net import Encoder, read, settled
from pipeline.students.neural import recipe
from pipeline.students.neural.examples import Corpus, Example
from pipeline.students.neural.forward import Batch
from pipeline.students.neural.loop import Options
from pipeline.students.neural.loop import train as run_loop
from pipeline.students.neural.reporting import loop_options, reporting
from pipeline.students.parts.sentence import THREADS

# Chosen on banking77 and restaurant8k rows held out of training (docs/experiments.md).
EPOCHS = 5.0
LEAST_STEPS = 400  # few lessons are shown more often
BATCH = 64
RATES = {"full": 2e-4, "lora": 1e-3}
WEIGHT_DECAY = 0.01
MOST_SEEN = {"cpu": 60_000, "cuda": 1_000_000}  # examples shown at most, unless asked for more

Targets = Sequence[Any]
LossOf = Callable[[Any, Any, Targets], Any]


@dataclass(frozen=True)
class Seen:
    """What the body made of a batch in training."""

    states: Any  # [texts, tokens, width]
    mask: Any


def tune(encoder: Encoder, texts: Sequence[str], targets: Targets, loss_of: LossOf, setup: Setup) -> Encoder:
    """Train body and heads; returns the encoder as it will answer.

    ``loss_of(heads, seen, targets)`` gives one loss a text [texts]. Killed and started again with the same lessons,
    training goes on from its newest checkpoint.
    """
    import torch

    device = recipe.device_name()
    if setup.launch.gpus > 1:
        setup.say("an encoder is tuned in one process: it is too small to gain from several")
    if device == "cpu":
        torch.set_num_threads(THREADS)
    rows = zip(encoder.ids(texts), targets, strict=True)
    corpus = Corpus([Example(ids, [0], teacher=target) for ids, target in rows], [[]])
    options = _options(setup, len(corpus.examples), device)
    setup.say(f"tuning an encoder ({method_of(setup)}) on {len(texts):,} texts, {options.steps:,} steps")
    encoder.net.to(device).train()
    with reporting(setup, setup.base or "default encoder") as told:
        options = replace(options, tell=told)
        outcome = run_loop(encoder.net, corpus, lambda net, batch: _loss(net, batch, loss_of), options)
    setup.say(f"trained: loss {outcome.loss:.4f}, {outcome.tokens_per_s:,.0f} tokens/s")
    return settled(encoder)


def method_of(setup: Setup) -> str:
    """All weights, unless adapters are asked for. Raises InputError for what an encoder is not trained by."""
    method = setup.training.method or "full"
    if method not in RATES:
        raise InputError(f"--method {method}: an encoder is tuned by {' or '.join(RATES)}")
    return method


def _loss(net: Any, batch: Batch, loss_of: LossOf) -> Any:
    import torch

    lengths = batch.at + 1  # one answer token an example, predicted from its last token
    mask = (torch.arange(batch.ids.shape[1], device=batch.ids.device)[None] < lengths[:, None]).long()
    seen = Seen(read(net, batch.ids, mask), mask)
    losses = loss_of(net["heads"], seen, [one.teacher for one in batch.examples])
    return (losses * batch.weights).sum()


def steps_of(setup: Setup, examples: int, device: str) -> int:
    """Optimizer steps."""
    training, batch = setup.training, setup.training.batch_size or BATCH
    if training.max_steps:
        return training.max_steps
    if training.epochs:
        return max(1, round(training.epochs * examples / batch))
    shown = min(EPOCHS * examples, MOST_SEEN[device])
    return max(LEAST_STEPS, round(shown / batch))


def _options(setup: Setup, examples: int, device: str) -> Options:
    return loop_options(
        setup, device, steps=steps_of(setup, examples, device), batch_size=BATCH,
        learning_rate=RATES[method_of(setup)], weight_decay=WEIGHT_DECAY,
    )  # fmt: skip
