"""The rule from figures and gates to a verdict, each reason with its number."""

import doctest
import re

import pytest

from analytics import amounts, drivers, gates
from analytics.alternatives import exact_cache, smaller_model
from analytics.assumptions import defaults
from analytics.contracts import Interval, Verdict
from analytics.costs import npv_usd
from analytics.decision import evaluate
from analytics.gates import Gates, Signal
from analytics.inputs import inputs_of


def at(spend, **values):
    return defaults().with_values({"monthly_spend_usd": spend, **values})


def decide(spend, given=None, alternatives=(), **values):
    return evaluate(at(spend, **values), given, alternatives, fast=True)


def good(**changes):
    return Gates(**{"licence_ok": True, "trainable_rows": 20_000, "min_rows": 2_000, **changes})


def codes(found):
    return [reason.code for reason in found.reasons]


def sentence(found, code):
    return next(reason.sentence for reason in found.reasons if reason.code == code)


@pytest.mark.parametrize("module", [amounts, gates])
def test_examples_in_the_docstrings_hold(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted and not outcome.failed


@pytest.mark.parametrize(
    ("spend", "verdict"),
    [
        (1, Verdict.DO_NOT_DISTILL),
        (5_000, Verdict.DO_NOT_DISTILL),
        (9_500, Verdict.DO_NOT_DISTILL),
        (9_950, Verdict.WAIT),
        (20_000, Verdict.PILOT),
        (39_400, Verdict.PILOT),
        (41_200, Verdict.DISTILL),
        (50_000, Verdict.DISTILL),
        (500_000, Verdict.DISTILL),
    ],
)
def test_the_seed_rule_at_default_assumptions(spend, verdict):
    assert evaluate(at(spend)).verdict is verdict


def test_the_verdict_only_improves_with_spend():
    order = [Verdict.DO_NOT_DISTILL, Verdict.WAIT, Verdict.PILOT, Verdict.DISTILL]
    found = [decide(spend) for spend in range(5_000, 100_001, 5_000)]
    ranks = [order.index(one.verdict) for one in found]
    chances = [one.economics.simulation.p_break_even[12] for one in found]
    assert ranks == sorted(ranks)
    assert chances == sorted(chances)


def test_low_volume_is_refused_with_the_spend_that_would_pay():
    found = decide(3_000, good())
    assert found.verdict is Verdict.DO_NOT_DISTILL
    assert codes(found)[0] == "low-volume"
    assert "$3,000" in sentence(found, "low-volume") and "$17,231" in sentence(found, "low-volume")


def test_calls_cheaper_than_serving_never_pay():
    found = decide(20_000, call_cost_usd=0.0003)
    assert (found.verdict, codes(found)[0]) == (Verdict.DO_NOT_DISTILL, "never-pays")
    assert found.economics.break_even_spend_12m_usd is None


def test_too_few_rows_come_before_everything_else():
    found = decide(50_000, good(trainable_rows=40, licence_ok=False))
    assert found.verdict is Verdict.NOT_ENOUGH_DATA
    assert codes(found) == ["too-few-rows", "licence"]
    assert "40" in sentence(found, "too-few-rows")


def test_unknown_prices_leave_the_spend_unknown():
    assert decide(50_000, good(unpriced_share=0.7)).verdict is Verdict.NOT_ENOUGH_DATA
    partly = decide(50_000, good(unpriced_share=0.02))
    assert partly.verdict is Verdict.DISTILL
    assert "2.0%" in sentence(partly, "partly-unpriced")


@pytest.mark.parametrize("code", ["open-ended", "multi-step-reasoning", "long-tail", "teacher-unreliable"])
def test_each_kind_of_unsuitable_task_is_refused_for_its_own_reason(code):
    found = decide(80_000, good(**{code.replace("-", "_"): Signal(True, f"because of {code}")}))
    assert found.verdict is Verdict.DO_NOT_DISTILL
    assert codes(found) == [code]
    assert sentence(found, code) == f"because of {code}"


def test_a_signal_that_does_not_hold_changes_nothing():
    assert decide(80_000, good(open_ended=Signal(False, "narrow"))).verdict is Verdict.DISTILL


def test_low_volume_of_the_log_is_refused_although_the_spend_would_pay():
    found = decide(80_000, good(low_volume=Signal(True, "12 calls a month")))
    assert (found.verdict, codes(found)[0]) == (Verdict.DO_NOT_DISTILL, "low-volume")


def test_a_licence_that_forbids_training_stops_it_and_an_unknown_one_is_said():
    assert codes(decide(80_000, good(licence_ok=False))) == ["licence"]
    assert "licence-unconfirmed" in codes(decide(80_000, good(licence_ok=None)))


def test_a_student_that_would_hand_back_most_calls_is_refused():
    weak = Interval(0.40, 0.37, 0.43, "95% Wilson", 1_000)
    found = decide(80_000, good(predicted_agreement=weak))
    assert codes(found) == ["infeasible-escalation"]
    assert "59%" in sentence(found, "infeasible-escalation") and "40%" in sentence(found, "infeasible-escalation")
    assert decide(80_000, good(predicted_agreement=weak, feasible_escalation=0.1)).verdict is Verdict.DISTILL


def test_needed_escalation_is_zero_for_a_student_that_is_good_enough():
    assert gates.needed_escalation(0.01, 0.02) == 0


def test_a_measured_cache_that_pays_more_comes_first_and_is_named():
    found = decide(20_000, good(), [exact_cache(0.5, is_measured=True)])
    assert (found.verdict, codes(found)[0]) == (Verdict.CHEAPER_FIX_FIRST, "cheaper-fix")
    assert "exact cache" in sentence(found, "cheaper-fix") and "50%" in sentence(found, "cheaper-fix")


def test_a_cache_is_advised_without_a_student_only_where_it_removes_much_of_the_bill():
    assert decide(8_000, good(), [exact_cache(0.6, is_measured=True)]).verdict is Verdict.CHEAPER_FIX_FIRST
    small = decide(8_000, good(), [exact_cache(0.15, is_measured=True)])
    assert small.verdict is Verdict.DO_NOT_DISTILL
    assert {"low-volume", "cheaper-fix"} <= set(codes(small))


def test_an_untested_small_model_is_reported_and_does_not_decide():
    found = decide(80_000, good(), [smaller_model(0.075)])
    assert found.verdict is Verdict.DISTILL
    assert "nobody has measured" in sentence(found, "untested-alternative")


def test_a_pilot_says_which_two_inputs_decide_and_where_they_turn():
    told = sentence(decide(20_000), "decided-by")
    assert "yearly price decline" in told and "45.5%" in told
    assert "monthly spend" in told and "$15,809" in told


TORNADO = {
    "yearly_price_decline": (93_900, 982),
    "monthly_spend_usd": (7_671, 93_268),
    "monthly_growth": (10_635, 95_430),
    "engineer_weeks": (69_007, 7_519),
    "teacher_generation_usd": (61_667, 5_753),
}


def test_published_sensitivities():
    found = {swing.name: (swing.npv_at_low_usd, swing.npv_at_high_usd) for swing in drivers.tornado(at(20_000))}
    for name, expected in TORNADO.items():
        assert found[name] == pytest.approx(expected, abs=1)


def test_the_three_largest_drivers_are_named_in_order():
    found = decide(20_000).drivers
    assert [driver.name for driver in found] == ["yearly_price_decline", "monthly_spend_usd", "monthly_growth"]
    assert found[0].swing_usd >= found[1].swing_usd >= found[2].swing_usd


@pytest.mark.parametrize("name", ["yearly_price_decline", "monthly_spend_usd", "engineer_weeks", "fallback_share"])
def test_the_value_changes_sign_at_the_flip_value(name):
    turn = drivers.flip_value(at(20_000), name)
    below, above = (npv_usd(inputs_of(at(20_000, **{name: turn * factor})))[0] for factor in (0.999, 1.001))
    assert (below >= 0) != (above >= 0)


def test_there_is_no_flip_value_where_nothing_in_range_turns_it():
    assert drivers.flip_value(at(100), "engineer_weeks") is None


def test_nothing_varied_leaves_no_driver():
    settings = at(20_000).settings
    fixed = at(20_000, **{name: (s.value,) * 3 for name, s in settings.items() if name in drivers.COLUMNS})
    assert drivers.largest(fixed) == ()
    assert evaluate(fixed, fast=True).economics.simulation.npv_p50_usd == pytest.approx(46368.48769855)


def test_a_task_that_hardly_pays_is_refused_where_neither_pilot_nor_waiting_would_tell_more():
    found = decide(9_950, good())
    assert (found.verdict, codes(found)[-1]) == (Verdict.DO_NOT_DISTILL, "no-pilot")
    assert decide(9_950).verdict is Verdict.WAIT  # a question without a log keeps the rule's cut-points


def test_waiting_says_until_when():
    found = decide(15_000, good())
    assert (found.verdict, codes(found)[0]) == (Verdict.WAIT, "waiting-pays")
    assert "months" in sentence(found, "waiting-pays") and "$15,809" in sentence(found, "waiting-pays")


def test_a_pilot_is_advised_where_it_is_worth_more_than_it_costs():
    assert "pilot-pays" in codes(decide(20_000))
    assert "pilot-pays" not in codes(decide(20_000, pilot_usd=100_000))
    assert "depends" in codes(decide(30_000))


def test_until_somebody_says_what_an_error_costs_the_verdict_says_so():
    open_question = decide(20_000, good(error_cost_confirmed=False))
    assert "10 calls" in open_question.caveat and re.search(r"changes sign at [\d,]+ calls", open_question.caveat)
    assert decide(20_000, good()).caveat == ""
    hopeless = decide(100, good(error_cost_confirmed=False))
    assert "no cost turns its sign" in hopeless.caveat


def test_information_is_looked_at_only_where_the_verdict_depends_on_it():
    assert decide(80_000).prospects is None
    assert decide(20_000).prospects is not None
    assert evaluate(at(80_000), alternatives=(), fast=True, in_full=True).prospects is not None
