"""The ladder over real runs: it stops where it may, goes on where it must, and says what each rung adds."""

import json
import random

import pytest
from corpus import TOPICS, sentence
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InputError, UnknownName
from pipeline import lease, run, views, worker
from pipeline.contracts import Gate, PairsSource
from pipeline.ladder import Rung, _judge, climb, is_pareto
from pipeline.plan import Recipe


@pytest.fixture
def follow(workspace):
    """Does a plan's run in this process."""

    def follow_now(plan_id):
        launched = run.launch(workspace, plan_id, lambda home, run_id: lease.this_process())
        if launched.state != "succeeded":
            worker.execute(workspace, launched.run_id)
        return views.show_run(workspace, launched.run_id)

    return follow_now


def write_pairs(path, answer, rows=1_600):
    dice = random.Random(5)
    with path.open("w") as file:
        for number in range(rows):
            topic = dice.choice(sorted(TOPICS))
            text = f"{sentence(dice, topic)} {dice.randrange(400)}"
            file.write(json.dumps({"ask": text, "say": answer(topic, number)}) + "\n")
    return PairsSource(str(path), "ask", "say")


RECIPE = Recipe(alpha=0.1, gate=Gate(least_rows=100))


def test_it_stops_at_the_first_that_passes_and_serves_enough(workspace, follow, tmp_path):
    pairs = write_pairs(tmp_path / "pairs.jsonl", lambda topic, _: topic)
    made = list(climb(workspace, RECIPE, follow, None, pairs, ("lookup", "head", "encoder")))[-1]
    lookup, head = made.rungs
    assert (made.chosen, head.passed) == (head.student_id, True)
    assert lookup.coverage is None or lookup.coverage < 0.9
    assert head.against_below["low"] > 0.3
    assert head.is_pareto and "cheapest" in made.reason
    again = list(climb(workspace, RECIPE, follow, None, pairs, ("lookup", "head", "encoder")))[-1]
    assert [one.run_id for one in again.rungs] == [one.run_id for one in made.rungs]


def test_a_kind_that_cannot_give_such_answers_is_passed_over(workspace, follow, tmp_path):
    pairs = write_pairs(tmp_path / "pairs.jsonl", lambda topic, n: json.dumps({"topic": topic, "n": n % 7}))
    made = list(climb(workspace, RECIPE, follow, None, pairs, ("lookup", "head"), go_on=True))[-1]
    assert [one.state for one in made.rungs] == ["succeeded", "skipped"]
    assert made.chosen is None and "no rung passes" in made.reason


@pytest.mark.parametrize(
    ("names", "coverage", "error"),
    [(("oracle",), 0.9, UnknownName), ((), 0.9, InputError), (("head",), 1.5, InputError)],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(workspace, names, coverage, error):
    with pytest.raises(error):
        next(climb(workspace, RECIPE, pytest.fail, "support", None, names, coverage))


def rung(name, agreement, p50_ms, **more):
    return Rung(name, "succeeded", "", student_id=name, agreement={"value": agreement}, p50_ms=p50_ms, **more)


def test_a_pass_that_serves_little_is_not_chosen():
    rungs = [rung("lookup", 0.4, 0.1, passed=True, coverage=0.2), rung("head", 0.9, 1.0, passed=True, coverage=0.95)]
    assert _judge("x", rungs, 0.9).chosen == "head"


def test_too_few_rows_to_say_is_not_a_pass():
    assert _judge("x", [rung("head", 0.9, 1.0, passed=None, coverage=1.0)], 0.9).chosen is None


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 100)), min_size=1, max_size=6))
def test_the_pareto_is_never_empty_and_nothing_on_it_is_beaten(points):
    rungs = [rung(str(n), *point) for n, point in enumerate(points)]
    best = [one for one in rungs if is_pareto(one, rungs)]
    assert best
    for one in best:
        for other in rungs:
            better = other.agreement["value"] >= one.agreement["value"] and other.p50_ms <= one.p50_ms
            same = (other.agreement["value"], other.p50_ms) == (one.agreement["value"], one.p50_ms)
            assert not better or same
