"""From lessons to trained weights: defaults by method, the corpus of the objective, the loop."""

from dataclasses import dataclass, replace
from typing import Any

from pipeline.base_models import BaseModel
from pipeline.launch_options import LaunchOptions
from pipeline.measured_training import MeasuredTraining, peak_bytes, watch_peak
from pipeline.students import Lessons, Setup
from pipeline.students.neural import checkpoints, distributed, mixing
from pipeline.students.neural.chat import Chat, check_chat, make_chat
from pipeline.students.neural.examples import Corpus, spelled_out
from pipeline.students.neural.forward import Batch
from pipeline.students.neural.group import ALONE, Group
from pipeline.students.neural.loop import Loss, Options, Outcome
from pipeline.students.neural.loop import train as run_loop
from pipeline.students.neural.reporting import loop_options, reporting
from pipeline.students.neural.settings import (
    BATCH,
    RATES,
    method_of,
    rank_of,
    steps_of,
    weights_dtype,
)
from pipeline.students.neural.weights import add_adapters, read_tokenizer, read_weights, recompute_activations
from pipeline.training_time import training_flops

CHECKED = 100  # prompts whose tokens are compared with the whole template's


@dataclass(frozen=True)
class Trained:
    """A network after training."""

    model: Any
    chat: Chat
    weights: dict[str, Any]
    outcome: Outcome
    left_out: int


def train(base: BaseModel, lessons: Lessons, setup: Setup) -> Trained:
    """Read the base, add what is trained, and train it: here, or in several processes of this machine."""
    if setup.launch.gpus == 1:
        model, outcome, corpus = run(base, lessons, setup)
        weights = checkpoints.trained(model)
    else:
        outcome, weights = distributed.train_apart(lessons, setup)
        model, corpus = _with_weights(base, setup, weights), None
    chat = make_chat(read_tokenizer(base), setup.instructions)
    return Trained(model.eval(), chat, weights, outcome, corpus.left_out if corpus else 0)


def run(base: BaseModel, lessons: Lessons, setup: Setup, group: Group = ALONE) -> tuple[Any, Outcome, Corpus]:
    """The training of this process."""
    from pipeline import objectives

    tokenizer, device = read_tokenizer(base), device_name()
    chat = make_chat(tokenizer, setup.instructions)
    check_chat(chat, lessons.inputs[:CHECKED])
    objective = objectives.find(setup.objective)
    corpus = objective.corpus(lessons, lambda text=None: make_chat(tokenizer, text) if text else chat, setup.training)
    corpus = mixing.mixed(corpus, make_chat(tokenizer), setup.training, setup.seed)
    watch_peak()
    model, corpus = _network(base, setup, device), _fitting(corpus, setup)
    options = replace(_options(setup, len(corpus.examples), device), group=group)
    setup = setup if group.leads else replace(setup, launch=LaunchOptions(), say=lambda _: None)
    setup.say(_announcement(base, setup, corpus, options))
    helped = objectives.helping(objective, model, setup.training)
    with helped, reporting(setup, base.name) as told:
        options = replace(options, tell=told)
        outcome = run_loop(model, corpus, _loss(objective, setup), options)
    setup.say(f"trained: loss {outcome.loss:.4f}, {outcome.tokens_per_s:,.0f} useful tokens/s")
    if group.leads:
        _measure(base, setup, corpus, outcome, device)
    return model, outcome, corpus


def _with_weights(base: BaseModel, setup: Setup, weights: dict[str, Any]) -> Any:
    """The network as the group left it."""
    import torch

    model = _network(base, setup, device_name())
    named = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in weights.items():
            named[name].copy_(value)
    return model


def device_name() -> str:
    """Where networks run on this machine."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _loss(objective: Any, setup: Setup) -> Loss:
    """The objective's own loss on the task, cross-entropy on general examples."""

    def loss(model: Any, batch: Batch) -> Any:
        general = mixing.loss(model, batch)
        return objective.loss(model, batch, setup.training) if general is None else general

    return loss


def _network(base: BaseModel, setup: Setup, device: str) -> Any:
    training = setup.training
    model = read_weights(base, weights_dtype(training, device), method_of(training)).to(device)
    model = add_adapters(model, base, training, rank_of(training), setup.seed)
    return recompute_activations(model) if training.gradient_checkpointing else model


def _fitting(corpus: Corpus, setup: Setup) -> Corpus:
    return spelled_out(corpus) if setup.training.gradient_checkpointing else corpus


def _options(setup: Setup, examples: int, device: str) -> Options:
    method = method_of(setup.training)
    return loop_options(
        setup, device, steps=steps_of(setup.training, examples, device), batch_size=BATCH,
        learning_rate=RATES[method], weight_decay=0.01 if method == "full" else 0.0,
    )  # fmt: skip


def _announcement(base: BaseModel, setup: Setup, corpus: Corpus, options: Options) -> str:
    return (
        f"training {base.name} ({method_of(setup.training)}, objective {setup.objective}) on {len(corpus.examples):,} "
        f"examples ({corpus.left_out:,} too long), {options.steps:,} steps of {options.batch_size}"
    )


def _measure(base: BaseModel, setup: Setup, corpus: Corpus, outcome: Outcome, device: str) -> None:
    """Peak and pace of this training, for the comparison with what was predicted and for the next plan."""
    if setup.scratch is None or not outcome.seconds:
        return
    tokens = outcome.tokens_per_s * outcome.seconds  # of this worker; one that was resumed has seen the rest before
    share = sum(len(one.answer) for one in corpus.examples) / sum(one.tokens for one in corpus.examples)
    row = sum(one.tokens for one in corpus.examples) / len(corpus.examples)
    way = setup.training
    work = training_flops(base, method_of(way), tokens, share * tokens, row, way.gradient_checkpointing)
    measured = MeasuredTraining(device, peak_bytes(), outcome.seconds, round(tokens), work / outcome.seconds)
    measured.save(setup.scratch.parent)
