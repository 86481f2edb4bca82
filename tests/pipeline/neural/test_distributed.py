"""Several processes train one network to the same weights as one does."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contracts import Training
from pipeline.launch_options import LaunchOptions
from pipeline.students import Lessons, Setup
from pipeline.students.neural import checkpoints, distributed, recipe
from pipeline.students.neural.group import Group
from pipeline.students.neural.loop import Options, _Run
from pipeline.students.neural.weights import read_weights


@given(st.lists(st.integers(), unique=True), st.integers(1, 8))
def test_shares_are_the_whole_batch_once(places, size):
    shares = [Group(rank, size).share(places) for rank in range(size)]
    assert sorted(place for share in shares for place in share) == sorted(places)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("size", [2, 3])
def test_gradients_of_the_shares_add_up_to_those_of_the_batch(base, corpus, answer_loss, size):
    def gradients(group):
        model = read_weights(base)
        for parameter in model.parameters():
            parameter.requires_grad_(True)
        run = _Run(model, corpus, answer_loss, Options(1, 8, 1e-3, 1, 4096, group=group))
        loss = run._gradients(list(range(8)))
        return loss, {name: parameter.grad.clone() for name, parameter in model.named_parameters()}

    whole_loss, whole = gradients(Group())
    parts = [gradients(Group(rank, size)) for rank in range(size)]
    assert sum(loss for loss, _ in parts) == pytest.approx(whole_loss, rel=1e-5)
    for name, gradient in whole.items():
        assert torch.allclose(sum(part[name] for _, part in parts), gradient, atol=1e-5), name


def lessons_of(pairs):
    return Lessons([text for text, _ in pairs], [answer for _, answer in pairs], [True] * len(pairs))


@pytest.mark.slow
def test_two_processes_end_with_the_weights_of_one(base, pairs, tmp_path):
    setup = Setup(seed=3, base=base.folder, training=Training(method="full", max_steps=6, batch_size=9))
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    alone = recipe.train(base, lessons_of(pairs), replace(setup, scratch=tmp_path / "one"))
    launch = LaunchOptions("torchrun", gpus=2)
    together = recipe.train(base, lessons_of(pairs), replace(setup, scratch=tmp_path / "two", launch=launch))
    assert together.outcome.steps == 6
    assert together.outcome.loss == pytest.approx(alone.outcome.loss, rel=1e-4)
    for name, tensor in alone.weights.items():
        assert torch.allclose(tensor, together.weights[name], atol=1e-4), name
    events = (tmp_path / "events.jsonl").read_text().splitlines()
    assert len(events) == 12  # six of each training, written by one process alone


@pytest.mark.slow
def test_a_group_goes_on_from_the_checkpoint_of_a_killed_one(base, pairs, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    whole = Setup(seed=3, base=base.folder, training=Training(method="full", max_steps=6, batch_size=9))
    alone = recipe.train(base, lessons_of(pairs), replace(whole, scratch=tmp_path / "one"))
    scratch, launch = tmp_path / "two", LaunchOptions("torchrun", gpus=2)
    model = read_weights(base)
    corpus = _corpus(base, pairs, whole)
    options = Options(6, 9, recipe.RATES["full"], 3, 4096, 0.01, save_every_s=-1, scratch=scratch / "checkpoints")
    run = _Run(recipe.add_adapters(model, base, whole.training, 16, 3), corpus, _loss, options)
    for _ in range(3):
        run.step()
    assert checkpoints.newest(scratch / "checkpoints") is not None
    resumed = recipe.train(base, lessons_of(pairs), replace(whole, scratch=scratch, launch=launch))
    for name, tensor in alone.weights.items():
        assert torch.allclose(tensor, resumed.weights[name], atol=1e-4), name


def _corpus(base, pairs, setup):
    from pipeline import objectives
    from pipeline.students.neural.chat import make_chat
    from pipeline.students.neural.weights import read_tokenizer

    chat = make_chat(read_tokenizer(base), None)
    return objectives.find("sequence").corpus(lessons_of(pairs), lambda text=None: chat, setup.training)


def _loss(model, batch):
    from pipeline.students.neural.forward import cross_entropy, predict

    return cross_entropy(predict(model, batch).logits, batch)


def test_a_job_is_read_as_it_was_written(tmp_path, pairs):
    launch = LaunchOptions("torchrun", 2, ("mlflow",), 2.0)
    setup = Setup(
        seed=3, base="x", training=Training(epochs=1.5), launch=launch, scratch=tmp_path, instructions="Say it."
    )
    (tmp_path / distributed.JOB).write_text(json.dumps(distributed._job(lessons_of(pairs), setup)))
    lessons, found = distributed._read(tmp_path)
    assert lessons == lessons_of(pairs)
    assert replace(found, say=print) == replace(setup, say=print)
    assert isinstance(found.scratch, Path)
