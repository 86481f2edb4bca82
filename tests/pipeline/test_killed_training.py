"""A real worker, killed at random moments of any stage, ends with the student that an undisturbed one makes."""

import json
import os
import random
import time

import pytest
from corpus import TOPICS, sentence
from tiny_encoder import tiny_encoder

from analytics.workspace import Workspace
from pipeline import api, run
from pipeline.contracts import PairsSource, Training
from pipeline.views import ENDED, show_run

KILLS = int(os.environ.get("SPIRITSAFE_KILLS", "5"))  # 50 is the published figure
LIFE_S = 25.0  # longest that a worker lives before it is killed


def write_pairs(path):
    dice = random.Random(3)
    with path.open("w") as file:
        for number in range(900):
            topic = dice.choice(sorted(TOPICS))
            words = f"{sentence(dice, topic)} {number % 300}"
            file.write(json.dumps({"ask": words, "say": json.dumps({"topic": topic})}) + "\n")
    return PairsSource(str(path), "ask", "say")


@pytest.mark.slow
def test_kills_change_nothing(workspace, kill, tmp_path):
    base, pairs = tiny_encoder(str(tmp_path / "base")), write_pairs(tmp_path / "pairs.jsonl")
    training = Training(max_steps=250, learning_rate=1e-3)
    calm, dice, killed, seed = Workspace(tmp_path / "calm").create(), random.Random(1), [], 0
    while len(killed) < KILLS:
        seed += 1
        recipe = api.Recipe(student="encoder", base=base, alpha=0.2, training=training, seed=seed)
        plan_id = api.plan(calm, recipe, None, pairs).plan_id
        undisturbed = run.wait(calm, run.launch(calm, plan_id).run_id, 600)
        assert api.plan(workspace, recipe, None, pairs).plan_id == plan_id
        done = killed_now_and_then(workspace, plan_id, kill, dice, killed)
        assert (undisturbed.state, done.state) == ("succeeded", "succeeded"), (undisturbed.error, done.error)
        assert done.student_id == undisturbed.student_id
    print(f"{len(killed)} kills over {seed} runs, in {sorted(set(map(str, killed)))}")


def killed_now_and_then(workspace, plan_id, kill, dice, killed):
    """The plan's run after kills at random moments; ``killed`` gets the stage of each."""
    started = run.launch(workspace, plan_id)
    while len(killed) < KILLS:
        time.sleep(dice.uniform(0.2, LIFE_S))
        view = show_run(workspace, started.run_id)
        if view.state in ENDED:
            return view
        kill(started.run_id)
        killed.append(view.stage)
        run.resume(workspace, started.run_id)
    return run.wait(workspace, started.run_id, 600)
