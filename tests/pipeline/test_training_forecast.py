"""Memory and time before a launch: shown by the plan, refused where there is no room, compared afterwards."""

import json
from dataclasses import replace

import pytest

from analytics.errors import DoesNotFit, UnknownName
from pipeline import run, training_forecast
from pipeline.contracts import PairsSource, Training
from pipeline.machines import GPUS, find_machine
from pipeline.measured_training import FILE, MeasuredTraining, compared
from pipeline.plan import Recipe, make_plan
from pipeline.views import show_run

SMALL = replace(find_machine("cpu"), name="a small machine", memory_gb=3.0, available_gb=3.0)


@pytest.fixture
def planned(workspace, pairs_file):
    def make(**more):
        pairs = PairsSource(str(pairs_file), "question", "answer")
        return make_plan(workspace, Recipe(student="causal", **more), pairs=pairs)

    return make


@pytest.fixture
def on(monkeypatch):
    """Pretends to be on another machine."""
    return lambda machine: monkeypatch.setattr(training_forecast, "this_machine", lambda: machine)


def test_a_plan_says_what_training_needs(planned, on):
    on(replace(SMALL, available_gb=30.0))
    memory = planned().memory
    assert memory["fits"] and memory["needed_gb"] < 30.0 and memory["would_fit"] == []
    assert memory["needed_gb"] == pytest.approx(1.1 * sum(memory["parts"].values()), rel=0.02)


def test_a_kind_without_a_decoder_needs_no_forecast(workspace, pairs_file):
    pairs = PairsSource(str(pairs_file), "question", "answer")
    assert make_plan(workspace, Recipe(), pairs=pairs).memory is None


def test_what_does_not_fit_says_what_would(planned, on):
    on(replace(SMALL, available_gb=30.0))
    on(replace(SMALL, available_gb=planned().memory["needed_gb"] + 0.01))
    memory = planned(base="smollm2-135m-instruct", training=Training(method="full")).memory
    assert not memory["fits"]
    said = " ".join(memory["would_fit"])
    assert "--method lora" in said and "GPU with 24 GB" in said


def test_each_way_out_fits_when_it_is_taken(planned, on):
    card = GPUS[0]
    on(card)
    made = planned(base="qwen3-8b", training=Training(batch_size=512))
    ways = made.memory["would_fit"]
    assert not made.memory["fits"]
    assert any("--method qlora" in way for way in ways)
    smaller = next(way.split("--base ")[1].rstrip(")") for way in ways if "--base" in way)
    assert planned(base=smaller, training=Training(batch_size=512)).memory["fits"]
    gpu = next(way for way in ways if "a GPU with" in way)
    on(find_machine(gpu.split("(")[1].split(")")[0]))
    spared = "--gradient-checkpointing" in gpu
    assert planned(base="qwen3-8b", training=Training(batch_size=512, gradient_checkpointing=spared)).memory["fits"]


def test_a_launch_without_room_is_refused_unless_forced(workspace, planned, on, start):
    on(replace(SMALL, available_gb=0.5))
    plan = planned()
    with pytest.raises(DoesNotFit, match="would fit") as refused:
        run.launch(workspace, plan.plan_id, start)
    assert refused.value.exit_code == 3
    assert not start.owners
    forced = run.launch(workspace, plan.plan_id, start, run.LaunchOptions(is_forced=True))
    run.wait(workspace, forced.run_id, 30)
    assert show_run(workspace, forced.run_id).training["predicted_gb"] == plan.memory["needed_gb"]


def test_time_comes_from_what_was_measured_here(workspace, planned, on):
    on(replace(SMALL, available_gb=30.0))
    before = planned().memory
    folder = workspace.runs / "run_1"
    folder.mkdir()
    MeasuredTraining("cpu", 10**9, 10.0, 100, flops_per_s=SMALL.flops / 10).save(folder)
    (workspace.runs / "run_2").mkdir()
    (workspace.runs / "run_2" / FILE).write_text("{ torn")
    after = planned().memory
    assert after["seconds"] == pytest.approx(10 * before["seconds"], rel=0.05)
    assert "measured on the last 1" in after["seconds_basis"]


def test_predicted_stands_beside_measured(tmp_path):
    assert compared(tmp_path) is None
    MeasuredTraining("cpu", None, 12.0, 100, 1e9).save(tmp_path)
    (tmp_path / "predicted.json").write_text(json.dumps({"needed_gb": 4.0, "seconds": 10.0}))
    found = compared(tmp_path)
    assert found == {"predicted_gb": 4.0, "peak_gb": None, "predicted_train_s": 10.0, "train_s": 12.0}


def test_machines_are_found_by_name():
    assert find_machine("h100").memory_gb == 80
    assert find_machine("A100 80 GB").memory_gb == 80
    assert find_machine(None).memory_gb > 0
    with pytest.raises(UnknownName, match="rtx-4090"):
        find_machine("abacus")


def test_flags_that_a_kind_ignores_make_no_other_plan(workspace, pairs_file):
    pairs = PairsSource(str(pairs_file), "question", "answer")
    ids = {make_plan(workspace, Recipe(training=Training(epochs=epochs)), pairs=pairs).plan_id for epochs in (None, 3)}
    assert len(ids) == 1
