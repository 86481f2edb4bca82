"""Which projects to do: exact, within limits, nothing counted twice, risk shown."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.assumptions import defaults
from analytics.decision import evaluate
from analytics.portfolio_plan import Limits, Project, choose, make_plan, scarcer_resource
from analytics.portfolio_projects import SHARED, TaskCase, own_draws, projects_of
from analytics.simulate import COLUMNS


def project(key, mean, weeks=1.0, usd=1.0, shares=None, sd=0.0):
    draws = mean + sd * np.linspace(-1, 1, 101)
    return Project(key, key, "student", (key,), weeks, usd, draws, shares or key)


SMALL = st.tuples(st.integers(-20, 100), st.integers(0, 12), st.integers(0, 12), st.integers(0, 3))


def best_by_trying_all(projects, limits):
    sets = itertools.chain.from_iterable(itertools.combinations(projects, n) for n in range(len(projects) + 1))
    return max(
        sum(one.mean_usd for one in some)
        for some in sets
        if sum(one.engineer_weeks for one in some) <= limits.engineer_weeks
        and sum(one.one_off_usd for one in some) <= limits.budget_usd
        and len({one.shares for one in some}) == len(some)
    )


@given(st.lists(SMALL, max_size=9), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=80, deadline=None)
def test_no_other_choice_pays_more(rows, weeks, usd):
    projects = [project(f"p{at}", *row[:3], shares=f"s{row[3]}" if row[3] else None) for at, row in enumerate(rows)]
    limits = Limits(weeks, usd)
    chosen = choose(projects, limits)
    assert sum(one.mean_usd for one in chosen) == pytest.approx(best_by_trying_all(projects, limits))
    assert sum(one.engineer_weeks for one in chosen) <= weeks and sum(one.one_off_usd for one in chosen) <= usd


def test_sixty_projects_are_chosen_exactly_and_soon():
    rng = np.random.default_rng(1)
    projects = [project(f"p{at}", rng.uniform(1, 9), rng.uniform(1, 9), rng.uniform(1, 9)) for at in range(60)]
    greedy = 0.0
    weeks = usd = 60.0
    for one in sorted(projects, key=lambda one: -one.mean_usd / (one.engineer_weeks + one.one_off_usd)):
        if one.engineer_weeks <= weeks and one.one_off_usd <= usd:
            weeks, usd, greedy = weeks - one.engineer_weeks, usd - one.one_off_usd, greedy + one.mean_usd
    assert sum(one.mean_usd for one in choose(projects, Limits(60, 60))) >= greedy


def test_without_limits_everything_that_pays_on_average_is_chosen():
    plan = make_plan([project("good", 5.0), project("bad", -1.0)], Limits())
    assert [(one.project.key, one.is_chosen) for one in plan.ranked] == [("good", True), ("bad", False)]
    assert plan.ranked[1].left_out_because == "loses on average"


def test_of_projects_that_are_one_piece_of_work_only_one_is_counted():
    plan = make_plan([project("a", 5.0, shares="same"), project("b", 7.0, shares="same")], Limits())
    assert plan.total.mean == pytest.approx(7.0)


def test_the_ranking_is_by_value_per_unit_of_what_is_scarcer():
    projects = [project("slow", 9.0, weeks=9.0, usd=1.0), project("dear", 8.0, weeks=1.0, usd=8.0)]
    assert scarcer_resource(projects, Limits(10, 100)) == "engineer-weeks"
    assert [one.project.key for one in make_plan(projects, Limits(10, 100)).ranked] == ["dear", "slow"]
    assert [one.project.key for one in make_plan(projects, Limits(100, 9)).ranked] == ["slow", "dear"]


def test_no_engineer_does_nothing():
    assert choose([project("a", 5.0)], Limits(0, None)) == []
    plan = make_plan([project("a", 5.0)], Limits(0, None))
    assert plan.ranked[0].left_out_because == "more engineering than there is"
    assert plan.total.mean == 0


def test_risk_is_shown_and_falls_by_spreading():
    plan = make_plan([project("a", 5.0, sd=10.0)], Limits())
    assert plan.total.p5 < 0 < plan.total.mean and plan.total.p_loss == pytest.approx(0.25, abs=0.02)


def case(task_id, spend=50_000, **values):
    assumptions = defaults().with_values({"monthly_spend_usd": spend, **values}, "measured")
    decision = evaluate(assumptions, fast=True)
    from analytics.configuration import with_levers
    from analytics.levers import from_assumptions

    student = with_levers(assumptions, decision.economics.configuration, from_assumptions(assumptions))
    return TaskCase(task_id, task_id, assumptions, student, decision)


def test_projects_share_the_market_and_nothing_else():
    one, other = own_draws("a", 2_000), own_draws("b", 2_000)
    for at, name in enumerate((*COLUMNS, "failure")):
        assert (one[:, at] == other[:, at]).all() == (name in SHARED)
        assert sorted(one[:, at]) == sorted(other[:, at])
    assert (own_draws("a", 2_000) == one).all()


def test_the_total_is_less_spread_than_the_sum_of_ranges_and_more_than_independent_ones():
    projects = projects_of([case("a"), case("b"), case("c")], draws=5_000)
    total = make_plan(projects, Limits()).total
    single = [make_plan([one], Limits()).total for one in projects]
    assert total.mean == pytest.approx(sum(one.mean for one in single))
    assert total.p5 > sum(one.p5 for one in single)
    shared = np.corrcoef(projects[0].npv_usd, projects[1].npv_usd)[0, 1]
    assert 0.1 < shared < 0.95


def test_a_students_value_is_counted_on_what_the_levers_leave():
    plain, levered = case("a"), case("a", exact_repeat_share=0.1)
    students = [one for one in projects_of([levered], 5_000) if one.kind == "student"]
    levers = [one for one in projects_of([levered], 5_000) if one.kind == "lever"]
    alone = projects_of([plain], 5_000)[0]
    assert students[0].mean_usd < alone.mean_usd
    assert [one.name for one in levers] == ["exact cache"]
    assert levers[0].mean_usd == pytest.approx(levered.decision.economics.configuration.npv_24m_usd, rel=0.1)


def test_one_cache_for_two_tasks_is_set_up_once():
    levers = [one for one in projects_of([case("a", exact_repeat_share=0.1), case("b", exact_repeat_share=0.1)], 2_000)
              if one.kind == "lever"]  # fmt: skip
    (cache,) = levers
    assert (cache.one_off_usd, cache.engineer_weeks, cache.tasks) == (5_000, 1.0, ("a", "b"))
