"""What was foretold, day by day, is the brief's own path."""

import pytest

from analytics.costs import cumulative_usd
from analytics.inputs import inputs_of
from analytics.production.foretold import case_of, foretold
from tests.support.decisions import decision


def test_ten_months_of_service_are_the_months_of_the_brief():
    case = case_of(decision(build_months=1.5))  # serves in full from month 3 on
    told = foretold(case, 304)
    brief = float(cumulative_usd(inputs_of(case.student), 12)[0])
    assert told.cumulative_usd[-1] == pytest.approx(brief, abs=60)
    assert told.period.net_usd == pytest.approx(told.cumulative_usd[-1], abs=1e-6)


def test_a_cache_leaves_calls_that_are_asked_and_not_paid_for():
    plain, cached = (case_of(decision(levers)) for levers in ((), (("exact cache", 0.25, True),)))
    cheaper = case_of(decision((("prompt cache", 0.25, False),)))
    asked = [foretold(case, 30).period.volume.calls for case in (plain, cached, cheaper)]
    assert asked[1] == pytest.approx(asked[0]) and asked[2] == pytest.approx(asked[0])
    assert cached.asked_call_usd == pytest.approx(0.75 * plain.asked_call_usd)
    assert cached.student.value("call_cost_usd") == plain.student.value("call_cost_usd")
    assert cheaper.student.value("call_cost_usd") == pytest.approx(0.75 * plain.student.value("call_cost_usd"))
