"""Training that is killed, damaged, starved or poisoned."""

import json
import shutil
from dataclasses import replace

import pytest
import torch

from analytics.errors import QualityGateFailed, SpiritsafeError
from pipeline.students.neural import checkpoints, guard
from pipeline.students.neural.loop import Options, train
from pipeline.students.neural.weights import read_weights

OPTIONS = Options(steps=12, batch_size=8, learning_rate=1e-3, seed=1, token_budget=4096, save_every_s=-1)


class Killed(Exception):
    pass


def dying(loss_of, after):
    """A loss that ends the process's work at a step."""
    seen = {"count": 0}

    def loss(net, batch):
        seen["count"] += 1
        if seen["count"] > after:
            raise Killed
        return loss_of(net, batch)

    return loss


def weights(model):
    return {name: tensor.clone() for name, tensor in checkpoints.trained(model).items()}


def same(one, other):
    return all(torch.equal(tensor, other[name]) for name, tensor in one.items())


@pytest.mark.parametrize("after", [1, 5, 11])
def test_a_resumed_run_ends_with_the_same_bits(base, corpus, answer_loss, tmp_path, after):
    whole = read_weights(base)
    train(whole, corpus, answer_loss, OPTIONS)
    options = replace(OPTIONS, scratch=tmp_path)
    with pytest.raises(Killed):
        train(read_weights(base), corpus, dying(answer_loss, after), options)
    resumed = read_weights(base)
    done = train(resumed, corpus, answer_loss, options)
    assert done.steps == 12
    assert same(weights(whole), weights(resumed))


@pytest.mark.parametrize("damage", ["optimizer.safetensors", "weights.safetensors", "state.json", "manifest.json"])
def test_a_torn_checkpoint_is_passed_over_for_the_one_before(base, corpus, answer_loss, tmp_path, damage):
    options = replace(OPTIONS, scratch=tmp_path)
    with pytest.raises(Killed):
        train(read_weights(base), corpus, dying(answer_loss, 6), options)
    newest = checkpoints.steps(tmp_path)[-1]
    if damage == "weights.safetensors":
        whole = (newest / damage).read_bytes()
        (newest / damage).write_bytes(whole[: len(whole) // 2])
    else:
        (newest / damage).unlink()
    found = checkpoints.newest(tmp_path)
    assert found is not None
    assert found.name < newest.name
    done = train(read_weights(base), corpus, answer_loss, options)
    assert done.steps == 12


def test_checkpoints_hold_no_pickles_and_only_two_are_kept(base, corpus, answer_loss, tmp_path):
    train(read_weights(base), corpus, answer_loss, replace(OPTIONS, scratch=tmp_path))
    kept = checkpoints.steps(tmp_path)
    assert len(kept) == 2
    assert {path.suffix for path in kept[0].iterdir()} == {".json", ".safetensors"}


def test_a_loss_that_is_no_number_stops_before_the_step(base, corpus, answer_loss):
    model = read_weights(base)
    seen = {"count": 0, "before": None}

    def poisoned(net, batch):
        seen["count"] += 1
        if seen["count"] == 4:
            seen["before"] = weights(net)
            return answer_loss(net, batch) * float("nan")
        return answer_loss(net, batch)

    with pytest.raises(QualityGateFailed, match="step 3"):
        train(model, corpus, poisoned, OPTIONS)
    assert same(weights(model), seen["before"])


def test_out_of_memory_halves_the_pieces_and_gives_the_same_student(base, corpus, answer_loss):
    usual, starved, said = read_weights(base), read_weights(base), []
    train(usual, corpus, answer_loss, OPTIONS)

    def tight(net, batch):
        if batch.ids.shape[0] > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return answer_loss(net, batch)

    train(starved, corpus, tight, replace(OPTIONS, token_budget=400, say=said.append))
    assert "out of memory" in said[0]
    for name, tensor in weights(usual).items():
        assert torch.allclose(tensor, weights(starved)[name], atol=2e-4), name


def test_memory_that_never_suffices_is_an_error_after_three_tries(base, corpus):
    def hungry(net, batch):
        raise torch.OutOfMemoryError("CUDA out of memory")

    said = []
    with pytest.raises(torch.OutOfMemoryError):
        train(read_weights(base), corpus, hungry, replace(OPTIONS, say=said.append))
    assert len(said) == 3


def test_a_loss_that_runs_away_rolls_back_and_halves_the_rate(base, corpus, answer_loss, tmp_path):
    seen, said = {"count": 0}, []

    def runaway(net, batch):
        seen["count"] += 1
        return answer_loss(net, batch) * (50.0 if 60 < seen["count"] <= 115 else 1.0)

    options = replace(OPTIONS, steps=130, scratch=tmp_path, learning_rate=1e-5, say=said.append)
    done = train(read_weights(base), corpus, runaway, replace(options, batch_size=48))
    assert done.rollbacks == 1
    assert any("learning rate halved" in line for line in said)


def test_divergence_gives_up_after_two_rollbacks():
    with pytest.raises(QualityGateFailed, match="after 2 rollbacks"):
        guard.require_rollback_left(2, [9.0] * 50)


def test_a_full_disk_says_how_much_is_missing_and_keeps_the_last_good(base, corpus, answer_loss, tmp_path, monkeypatch):
    options = replace(OPTIONS, scratch=tmp_path)
    with pytest.raises(Killed):
        train(read_weights(base), corpus, dying(answer_loss, 3), options)
    before = [path.name for path in checkpoints.steps(tmp_path)]

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints.artifacts, "seal", full)
    with pytest.raises(SpiritsafeError, match="MB are free"):
        train(read_weights(base), corpus, answer_loss, options)
    assert [path.name for path in checkpoints.steps(tmp_path)] == before


def test_a_disk_without_room_for_three_checkpoints_is_refused_at_the_start(
    base, corpus, answer_loss, tmp_path, monkeypatch
):
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(SpiritsafeError, match="the disk is full"):
        train(read_weights(base), corpus, answer_loss, replace(OPTIONS, scratch=tmp_path))


def test_each_step_is_an_event(base, corpus, answer_loss, tmp_path):
    events = tmp_path / "events.jsonl"
    train(read_weights(base), corpus, answer_loss, replace(OPTIONS, events=events))
    rows = [json.loads(line) for line in events.read_text().splitlines()]
    assert [row["step"] for row in rows] == list(range(1, 13))
    assert {"loss", "learning_rate", "tokens_per_s", "eta_s"} <= rows[0].keys()
