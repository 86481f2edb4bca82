"""The cost model against the published figures of docs/methods.md, to 1e-6."""

import doctest
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import alternatives, assumptions_page, break_even, costs, inputs, levers, serving
from analytics.assumptions import BY_NAME, REGISTRY, defaults, known
from analytics.errors import InputError, UnknownName
from analytics.workspace import SHIPPED

EXACT = 1e-6


def case(**values):
    return inputs.inputs_of(defaults().with_values(values))


def first_usd(months=12, *, discounted=False, **values):
    return break_even.break_even(case(**values), months, discounted=discounted).first_usd


@pytest.mark.parametrize("module", [costs, serving, alternatives])
def test_examples_in_the_docstrings_hold(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted and not outcome.failed


def test_one_off_cost_is_the_sum_of_its_parts():
    assert costs.one_off_usd(case())[0] == 45_500


def test_a_month_adds_up():
    twenty = case()
    assert costs.api_usd(twenty, 4)[0] == pytest.approx(18293.824385, abs=EXACT)
    assert costs.kept_share(twenty)[0] == pytest.approx(0.8565)
    assert costs.serving_usd(twenty, 4)[0] == pytest.approx(3274.05)
    assert costs.net_usd(twenty, 4)[0] == pytest.approx(8638.777252, abs=EXACT)


@given(growth=st.floats(-0.03, 0.05), decline=st.floats(0, 0.6), build=st.floats(1, 4))
def test_months_one_by_one_add_up_to_the_path(growth, decline, build):
    one = case(monthly_growth=growth, yearly_price_decline=decline, build_months=build)
    nets = [float(costs.net_usd(one, month)[0]) for month in range(1, 25)]
    path = costs.paths(one).cumulative_usd[:, 0]
    assert np.diff(path) == pytest.approx(nets, rel=1e-9, abs=1e-6)
    last = list(costs.months_of(one))[-1]
    assert (last.volume_usd[0], last.api_usd[0]) == pytest.approx(
        (costs.volume_usd(one, 24)[0], costs.api_usd(one, 24)[0]), rel=1e-12
    )


def test_nothing_is_saved_before_the_student_serves():
    assert costs.net_usd(case(), 2)[0] == 0
    assert costs.ramp(case(), 3)[0] == 0.5


@pytest.mark.parametrize(
    ("spend", "fleet", "cumulative_12m", "npv_24m", "payback", "irr"),
    [
        (5_000, (2, "L40S"), -79641.30150283, -119586.36954250, None, None),
        (10_000, (2, "L40S"), -47083.76967233, -64268.08379548, None, None),
        (15_000, (2, "L40S"), -14526.23784183, -8949.79804847, None, None),
        (20_000, (2, "L40S"), 18031.29398867, 46368.48769855, 8.8558419298, 1.6114054792),
        (50_000, (2, "H100"), 179124.88497167, 311825.51823395, 4.2845683151, 18.8828520916),
    ],
)
def test_published_value_payback_and_return(spend, fleet, cumulative_12m, npv_24m, payback, irr):
    given_case = case(monthly_spend_usd=spend)
    chosen = serving.cheapest_fleet(given_case, costs.served_calls(given_case, 4))
    saved = costs.paths(given_case).cumulative_usd[:, 0]
    assert (chosen.machines, chosen.name) == fleet
    assert costs.cumulative_usd(given_case, 12)[0] == pytest.approx(cumulative_12m, abs=EXACT)
    assert costs.npv_usd(given_case)[0] == pytest.approx(npv_24m, abs=EXACT)
    assert costs.payback_months(saved) == (payback and pytest.approx(payback, abs=EXACT))
    assert costs.irr_yearly(saved) == (irr and pytest.approx(irr, abs=EXACT))


@pytest.mark.parametrize(("spend", "month"), [(15_000, 22), (20_000, 31), (50_000, 47)])
def test_falling_prices_end_every_project(spend, month):
    assert costs.retire_month(case(monthly_spend_usd=spend)) == month


@pytest.mark.parametrize(
    ("months", "cumulative", "npv"),
    [
        (12, 17230.856736539, 17742.582424116),
        (18, 15616.128362620, 16042.762255157),
        (24, 15456.553621609, 15808.936676870),
        (36, 16481.085459643, 16618.628257146),
    ],
)
def test_published_break_even_spend(months, cumulative, npv):
    assert first_usd(months) == pytest.approx(cumulative, abs=EXACT)
    assert first_usd(months, discounted=True) == pytest.approx(npv, abs=EXACT)


def test_the_scan_agrees_with_the_closed_form_where_the_fleet_does_not_change():
    fixed = 3274.05 + 1500 + 0.25 * 45_500 / 6
    assert break_even.closed_form_usd(case(), fixed, 12) == pytest.approx(first_usd(), abs=EXACT)
    discounted = break_even.closed_form_usd(case(), fixed, 24, discounted=True)
    assert discounted == pytest.approx(first_usd(24, discounted=True), abs=EXACT)


@pytest.mark.parametrize(
    ("decline", "expected"),
    [
        (0, (13097, 14085, 16588, 20171)),
        (0.15, (14367, 15451, 18198, 22133)),
        (0.30, (16021, 17231, 20297, 24690)),
    ],
)
def test_published_break_even_by_price_decline_and_fallback(decline, expected):
    spends = [first_usd(yearly_price_decline=decline, fallback_share=share) for share in (0.05, 0.10, 0.20, 0.30)]
    assert [round(spend) for spend in spends] == list(expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"teacher_generation_usd": 50_000}, 28447),
        ({"error_delta": 0.01}, 19253),
        ({"build_months": 4}, 19850),
        ({"peak_to_mean": 10}, 22491),
    ],
)
def test_published_break_even_one_change_at_a_time(values, expected):
    assert round(first_usd(**values)) == expected


def test_value_falls_where_one_more_machine_is_needed_so_the_safe_spend_is_higher():
    found = break_even.break_even(case(engineer_weeks=12), 12)
    assert found.first_usd == pytest.approx(23757.76, abs=0.01)
    assert found.safe_usd == pytest.approx(26271.81, abs=0.01)


def test_no_spend_pays_when_a_call_costs_less_than_serving_it():
    assert break_even.break_even(case(call_cost_usd=0.0003), 12).first_usd is None


def test_a_student_that_runs_on_cpus_is_served_on_them():
    cheap = case(cpu_capacity_rps=serving.cpu_capacity_rps(latency_ms_p50=2))
    fleet = serving.cheapest_fleet(cheap, costs.served_calls(cheap, 4))
    assert (fleet.name, fleet.machines) == ("2-vCPU instance", 2)
    assert fleet.usd_per_month == pytest.approx(2 * 0.10 * 730)
    assert first_usd(cpu_capacity_rps=1000.0) < first_usd()


def test_a_student_trained_on_the_log_pays_for_no_teacher_and_no_gpu():
    student = inputs.inputs_of(serving.for_cpu_student(defaults(), latency_ms_p50=2.5))
    assert costs.one_off_usd(student)[0] == 45_500 - 10_000 - 1_500
    assert student.cpu_capacity_rps[0] == 800


@settings(deadline=None)
@given(spend=st.floats(100, 1e6), factor=st.floats(1, 5))
def test_more_spend_never_needs_a_cheaper_fleet(spend, factor):
    low, high = case(monthly_spend_usd=spend), case(monthly_spend_usd=spend * factor)
    assert costs.serving_usd(high, 4)[0] >= costs.serving_usd(low, 4)[0]


@settings(deadline=None)
@given(spend=st.floats(1_000, 200_000), decline=st.floats(0, 0.9), growth=st.floats(-0.1, 0.1))
def test_one_case_equals_its_place_in_a_scan(spend, decline, growth):
    one = case(monthly_spend_usd=spend, yearly_price_decline=decline, monthly_growth=growth)
    scan = case(yearly_price_decline=decline, monthly_growth=growth).but(
        "monthly_spend_usd", np.array([1_000.0, spend, 5e5])
    )
    assert costs.npv_usd(scan)[1] == pytest.approx(costs.npv_usd(one)[0])


ALTERNATIVES = [
    (alternatives.prompt_cache(0.2355, is_measured=True), 69189.2209),
    (alternatives.batch(0.30, is_measured=True), 40661.9241),
    (alternatives.exact_cache(0.08, is_measured=True), 18284.3649),
    (alternatives.smaller_model(0.075), 250265.7614),
    (alternatives.cascade(0.75, 0.075), 159290.8023),
    (alternatives.DO_NOTHING, 0),
]


@pytest.mark.parametrize(("lever", "npv"), ALTERNATIVES, ids=[lever.name for lever, _ in ALTERNATIVES])
def test_published_value_of_the_alternatives(lever, npv):
    assert alternatives.npv_usd(lever, case())[0] == pytest.approx(npv, abs=1e-4)


def test_levers_compose_on_what_is_left():
    assert alternatives.compose([0.2355, 0.15]) == pytest.approx(1 - 0.7645 * 0.85)
    assert alternatives.compose([]) == 0


def test_only_levers_with_a_known_share_are_listed():
    names = [lever.name for lever in levers.from_assumptions(defaults())]
    assert names == ["do nothing", "smaller vendor model"]
    measured = defaults().with_values({"exact_repeat_share": 0.2}, "measured")
    cache = levers.from_assumptions(measured)[1]
    assert (cache.name, cache.is_measured) == ("exact cache", True)


def test_cached_tokens_cost_less():
    rates = tuple(Decimal(rate) / 1_000_000 for rate in ("2", "0.2", "2.5", "4", "10", "10"))
    fresh = costs.call_cost_usd((1500, 0, 0, 0, 300, 0), rates)
    cached = costs.call_cost_usd((1000, 500, 0, 0, 300, 0), rates)
    assert (fresh, cached) == (Decimal("0.006"), Decimal("0.0051"))


def test_the_registry_and_the_inputs_name_the_same_things():
    assert len(BY_NAME) == len(REGISTRY)
    assert set(BY_NAME) == set(inputs.Inputs.__dataclass_fields__)


def test_the_page_of_assumptions_is_printed_from_the_registry():
    assert (SHIPPED.parent / "docs" / "assumptions.md").read_text() == assumptions_page.page()


@pytest.mark.parametrize("bad", ["nan", float("nan"), "inf", "abc", "-0.6", "", True, "0.1:0:0.2", [1, 2], "1:2"])
def test_a_bad_value_is_refused_with_the_range(bad):
    with pytest.raises(InputError, match="monthly_growth takes"):
        defaults().with_values({"monthly_growth": bad})


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownName, match="error_delta"):
        defaults().with_values({"growth": 0.1})
    assert known("error_delta").unit == "errors / call"


def test_a_range_is_refused_where_nothing_is_simulated():
    with pytest.raises(InputError, match="one value"):
        defaults().with_values({"yearly_discount": "0.1:0.12:0.2"})


def test_who_set_a_value_is_kept():
    changed = defaults().with_values({"monthly_growth": 0.01}, "measured").with_values({"build_months": "3"})
    assert {name: setting.origin for name, setting in changed.changed().items()} == {
        "monthly_growth": "measured",
        "build_months": "user-set",
    }
    assert defaults().changed() == {}


def test_a_project_without_outlay_has_paid_back_at_once():
    assert costs.payback_months(np.array([0.0, 5.0])) == 0
