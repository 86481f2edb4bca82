"""Trackers: told of every step through their own interface, never a reason to fail."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from analytics.errors import InputError, MissingExtra, UnknownName
from pipeline import trackers
from pipeline.launch_options import LaunchOptions, launch_options, read_options
from pipeline.trackers import Told, measures_of

EVENT = {"at": 1.0, "step": 3, "steps": 9, "loss": 0.5, "learning_rate": 1e-3, "machine_usd": None, "paid_usd": 0.25}
RUN = Told("spiritsafe", "run_1", {"method": "lora", "seed": 1})


def recorder(calls, name, result=None):
    def call(*arguments, **named):
        calls.append((name, arguments, named))
        return result

    return call


@pytest.fixture
def fake(monkeypatch):
    """A module with the interface of a tracker's package, that writes down its calls."""
    calls = []

    def install(name):
        module = ModuleType(name)
        for call in ("set_experiment", "start_run", "log_params", "log_metrics", "end_run", "log", "finish"):
            setattr(module, call, recorder(calls, call))
        run = SimpleNamespace(log=recorder(calls, "log"), finish=recorder(calls, "finish"))
        module.init = recorder(calls, "init", run)
        module.__spec__ = SimpleNamespace(name=name)
        monkeypatch.setitem(sys.modules, name, module)
        return calls

    return install


@pytest.mark.parametrize("name", trackers.names())
def test_every_tracker_opens_logs_and_closes(fake, name):
    calls = fake(name)
    (tracker,) = trackers.open_all([name], RUN, print)
    tracker.log(3, measures_of(EVENT))
    tracker.close()
    logged = [call for call in calls if call[0] in ("log", "log_metrics")]
    assert logged == [(logged[0][0], ({"loss": 0.5, "learning_rate": 1e-3, "paid_usd": 0.25},), {"step": 3})]
    assert calls[-1][0] in ("finish", "end_run")
    assert any("run_1" in str(call) for call in calls)


def test_what_is_unknown_is_no_measure():
    assert "machine_usd" not in measures_of(EVENT)


def test_a_tracker_that_fails_is_said_once_and_training_goes_on(fake, monkeypatch):
    fake("wandb")
    said = []
    (tracker,) = trackers.open_all(["wandb"], RUN, said.append)

    def away(*_, **__):
        raise ConnectionError("the network is away")

    tracker.inner.run.log = away
    tracker.log(1, {"loss": 1.0})
    tracker.log(2, {"loss": 1.0})
    tracker.close()
    assert len(said) == 1 and "network is away" in said[0]
    sys.modules["wandb"].init = away
    assert trackers.open_all(["wandb"], RUN, said.append) == []
    assert "did not start" in said[1]


def test_a_missing_or_unknown_tracker_is_refused_before_the_start(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"spiritsafe\[trackers\]"):
        launch_options("local", 1, ("mlflow",), None, False)
    with pytest.raises(UnknownName, match="trackio"):
        launch_options("local", 1, ("notebook",), None, False)


@pytest.mark.parametrize(("gpus", "rent", "word"), [(0, None, "at least 1"), (2, None, "torchrun"), (1, -1.0, "USD")])
def test_launch_options_are_checked(gpus, rent, word):
    with pytest.raises(InputError, match=word):
        launch_options("local", gpus, (), rent, False)


def test_launch_options_are_kept_for_resuming(tmp_path):
    assert read_options(tmp_path) == LaunchOptions()
    chosen = LaunchOptions("ray", 1, ("mlflow", "wandb"), 2.5, True)
    chosen.save(tmp_path)
    assert read_options(tmp_path) == chosen
