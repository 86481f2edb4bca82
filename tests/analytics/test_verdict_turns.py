"""Where the verdict turns: the rule itself, scanned with the same draws."""

import numpy as np
import pytest

from analytics.assumptions import defaults
from analytics.contracts import Verdict
from analytics.decision import Question, evaluate
from analytics.gates import Gates, Signal
from analytics.verdict_turns import verdict_at, verdict_turns


def at(spend, **values):
    return defaults().with_values({"monthly_spend_usd": spend, **values})


def turns(spend, *names, gates=None, **values):
    question = Question(at(spend, **values), gates)
    decision = evaluate(question.assumptions, gates, fast=True)
    return verdict_turns(question, decision, names)


def test_the_cut_points_of_the_rule_are_found_from_both_sides():
    above = turns(50_000, "monthly_spend_usd")["monthly_spend_usd"]
    below = turns(36_000, "monthly_spend_usd")["monthly_spend_usd"]
    assert (above.verdict, below.verdict) == (Verdict.PILOT, Verdict.DISTILL)
    assert above.value == pytest.approx(40_288, rel=0.04) and below.value == pytest.approx(40_288, rel=0.04)
    hopeless = turns(7_000, "monthly_spend_usd")["monthly_spend_usd"]
    assert hopeless.verdict is Verdict.WAIT and hopeless.value == pytest.approx(9_724, rel=0.04)


def test_the_verdict_turns_before_the_value_changes_its_sign():
    (turn,) = turns(20_000, "yearly_price_decline").values()
    decision = evaluate(at(20_000), fast=True)
    sign = next(one.flip_value for one in decision.drivers if one.name == "yearly_price_decline")
    assert turn.verdict is Verdict.WAIT and 0.30 < turn.value < sign


def test_on_the_far_side_of_the_turn_the_rule_says_so():
    question, decision = Question(at(50_000)), evaluate(at(50_000), fast=True)
    (turn,) = verdict_turns(question, decision, ["monthly_growth"]).values()
    beyond = Question(question.assumptions.at("monthly_growth", turn.value))
    before = Question(question.assumptions.at("monthly_growth", turn.value * 0.9))
    assert verdict_at(beyond, decision.economics) is turn.verdict
    assert verdict_at(before, decision.economics) is decision.verdict


def test_the_nearer_side_counts():
    (turn,) = turns(30_000, "monthly_spend_usd").values()
    assert turn.value > 30_000 and turn.verdict is Verdict.DISTILL


def test_nothing_turns_what_the_task_itself_refuses():
    gates = Gates(licence_ok=True, trainable_rows=20_000, min_rows=2_000, open_ended=Signal(True, "Open-ended."))
    assert turns(50_000, "monthly_spend_usd", gates=gates) == {"monthly_spend_usd": None}


def test_a_spend_of_a_dollar_is_far_from_every_turn():
    assert turns(1, "engineer_weeks") == {"engineer_weeks": None}


def test_a_spread_that_was_measured_moves_with_its_value():
    given = defaults().with_values({"fallback_share": (0.1, 0.2, 0.3)})
    moved = given.at("fallback_share", 0.4).settings["fallback_share"].spread
    assert (moved.low, moved.high) == pytest.approx((0.2, 0.6))
    growth = given.at("monthly_growth", 0.02).settings["monthly_growth"].spread
    assert (growth.low, growth.high) == pytest.approx((-0.01, 0.07))


@pytest.mark.parametrize(
    ("name", "grid"),
    [("yearly_price_decline", np.linspace(0.2, 0.4, 21)), ("engineer_weeks", np.geomspace(4, 9, 21))],
)
def test_the_turn_found_is_the_nearest_on_a_fine_grid(name, grid):
    question, decision = Question(at(20_000)), evaluate(at(20_000), fast=True)
    (turn,) = verdict_turns(question, decision, [name]).values()
    asked = {x: verdict_at(Question(question.assumptions.at(name, x)), decision.economics) for x in grid}
    others = [x for x, verdict in asked.items() if verdict is not decision.verdict]
    nearest = min(others, key=lambda x: abs(x - question.assumptions.value(name)))
    assert turn.value == pytest.approx(nearest, rel=0.05) and turn.verdict is asked[nearest]
