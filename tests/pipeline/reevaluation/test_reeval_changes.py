"""What counts as a change: beyond thresholds and noise, with the tasks that it touches."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import task, world

from pipeline.reevaluation.changes import Effect, Evidence, Routed, changes, is_step, weeks
from pipeline.reevaluation.world import KnownBase, World

TODAY = date(2026, 11, 25)


def found(before, after, prices=None, routed=None, rests_on=None):
    return changes(before, after, Evidence(TODAY, prices or {}, routed or {}, rests_on or {}))


def kinds(*arguments, **more):
    return [one.kind for one in found(*arguments, **more)]


def test_the_same_world_has_not_changed():
    assert found(world(task()), world(task())) == []


def test_a_new_base_is_told_with_its_day_and_touches_nobody_by_itself():
    after = world(task(), bases={"qwen9": KnownBase("2026-11-20", None, "abc")})
    (one,) = found(world(task()), after)
    assert (one.kind, one.subject, one.on, one.tasks) == ("new-base", "qwen9", "2026-11-20", ())


def test_a_base_that_goes_or_changes_touches_whoever_rests_on_it():
    old, newer = KnownBase("2025-01-01", None, "abc"), KnownBase("2025-01-01", "2026-12-31", "def")
    rests = {"t-1": "own"}
    assert kinds(world(task(), bases={"own": old}), world(task()), rests_on=rests) == ["base-gone"]
    told = found(world(task(), bases={"own": old}), world(task(), bases={"own": newer}), rests_on=rests)
    assert [(one.kind, one.tasks) for one in told] == [("base-changed", ("t-1",)), ("base-retires", ("t-1",))]
    assert told[1].on == "2026-12-31"


def test_prices_are_told_by_what_the_same_calls_cost():
    same = world(task())
    (one,) = found(same, same, prices={"t-1": Effect(10_000.0, 7_000.0)})
    assert one.kind == "prices" and "-30%" in one.sentence
    assert found(same, same, prices={"t-1": Effect(10_000.0, 9_900.0)}) == []
    assert found(same, same, prices={"t-1": Effect(None, 9_900.0), "gone": Effect(1.0, 2.0)}) == []


def test_a_teacher_is_told_once_a_day_is_known_and_again_when_it_is_near():
    far, near = task(models={"gpt-x": "2028-01-01"}), task(models={"gpt-x": "2027-01-14"})
    assert kinds(world(task()), world(far)) == ["teacher-retires"]
    assert kinds(world(far), world(far)) == []
    (one,) = found(world(near), world(near))
    assert (one.subject, one.on, one.tasks) == ("gpt-x", "2027-01-14", ("t-1",))


def test_volume_counts_beyond_a_fifth_and_beyond_what_weeks_differ_by():
    more = task(monthly_calls=456_000.0, recent_daily_calls=[15_000.0] * 28)
    assert kinds(world(task()), world(more)) == ["volume"]
    little = task(monthly_calls=334_400.0, recent_daily_calls=[11_000.0] * 28)
    assert kinds(world(task()), world(little)) == []
    restless = [2_000.0] * 7 + [30_000.0] * 7
    a = task(recent_daily_calls=restless * 2)
    b = task(monthly_calls=380_000.0, recent_daily_calls=[value * 1.25 for value in restless] * 2)
    assert kinds(world(a), world(b)) == []


def test_drift_is_told_once():
    drift = {"months": 3, "of": "answers", "divergence": 0.2, "by_chance": 0.05, "between": "2026-09 to 2026-10"}
    moved, calm = task(drift=drift), task(drift=drift | {"divergence": 0.04})
    assert kinds(world(task()), world(moved)) == ["drift"]
    assert kinds(world(moved), world(moved)) == []
    assert kinds(world(task()), world(calm)) == []


def test_failures_are_those_of_the_calls_since():
    worse = task(calls=1_100_000.0, failure_share=20_000 / 1_100_000)  # 10 % of the newest 100,000
    (one,) = found(world(task()), world(worse))
    assert one.kind == "failures" and "10.0%" in one.sentence
    assert kinds(world(task()), world(task(calls=1_100_000.0))) == []


def test_a_students_own_traffic_is_counted():
    same = world(task())
    (one,) = found(same, same, routed={"t-1": Routed(7, 40, 3)})
    assert one.kind == "failures" and "7 failures" in one.sentence and "3 of 40" in one.sentence


def test_inputs_and_verdicts_are_told_as_from_to():
    new = task(verdict="distill", inputs={"engineer_weeks": 3.0})
    inputs, verdict = found(world(task()), world(new))
    assert "not set to 3" in inputs.sentence
    assert (verdict.kind, verdict.tasks) == ("verdict", ("t-1",)) and "it was pilot" in verdict.sentence


def test_tasks_come_and_go():
    assert kinds(world(), world(task())) == ["task"]
    assert kinds(world(task()), world()) == ["task"]


@given(st.lists(st.floats(0, 1e6), max_size=40))
def test_weeks_hold_the_newest_days(daily):
    whole = len(daily) // 7 * 7
    assert len(weeks(daily)) == whole // 7
    assert sum(weeks(daily)) == pytest.approx(sum(daily[len(daily) - whole :]))


@given(st.lists(st.floats(1, 1e5), min_size=2, max_size=6), st.floats(0.1, 10))
def test_a_step_does_not_depend_on_the_unit(before, factor):
    after = [value * 3 for value in before]
    assert is_step(before, after) == is_step([v * factor for v in before], [v * factor for v in after])


def test_a_world_survives_json():
    made = world(task(), bases={"b": KnownBase(None, None, "1")})
    assert World.of(made.as_json()) == made
