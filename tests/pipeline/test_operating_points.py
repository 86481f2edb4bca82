"""What a threshold would do, point by point."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics import clopper_pearson_upper
from pipeline.contracts import Answer
from pipeline.operating_points import OperatingPoint, OperatingRange, points

ANSWERS = [Answer("a", confidence, 0.1) for confidence in (0.99, 0.9, 0.9, 0.8, 0.5)]
RIGHT = [True, True, False, True, False]
rows = st.lists(st.tuples(st.sampled_from([0.5, 0.7, 0.9, 0.99]), st.booleans(), st.booleans()), min_size=1)


def test_each_point_counts_what_it_would_serve_and_get_wrong():
    made = points(ANSWERS, RIGHT, 1.0, 0.05)
    assert [(one.threshold, one.served, one.errors) for one in made] == [
        (0.99, 1, 0),
        (0.9, 3, 1),
        (0.8, 4, 1),
        (0.5, 5, 2),
    ]
    assert made[1].coverage == 0.6 and made[1].error == pytest.approx(1 / 3)
    assert made[1].error_upper == pytest.approx(clopper_pearson_upper(1, 3, 0.05))


def test_what_is_unfamiliar_is_never_served():
    strange = [*ANSWERS[:4], Answer("a", 0.999, 7.0)]
    assert max(one.coverage for one in points(strange, RIGHT, 1.0, 0.05)) == 0.8


@given(rows)
def test_coverage_rises_as_the_threshold_falls_and_bounds_hold_the_error(drawn):
    answers = [Answer("a", sure, 9.0 if strange else 0.0) for sure, _, strange in drawn]
    made = points(answers, [right for _, right, _ in drawn], 1.0, 0.1)
    assert [one.threshold for one in made] == sorted({one.threshold for one in made}, reverse=True)
    assert [one.coverage for one in made] == sorted(one.coverage for one in made)
    for one in made:
        assert one.error_low <= one.error <= 1 and one.errors <= one.served <= len(drawn)
        assert one.errors == one.served or one.error <= one.error_upper


def made_range(*, calls=30_437.5, teacher=2.0, student=0.5):
    point = OperatingPoint(0.9, 0.5, 0.02, 0.01, 0.03, 50, 1)
    loose = OperatingPoint(0.5, 1.0, 0.2, 0.1, 0.3, 100, 20)
    return OperatingRange("s", 0.05, 0.05, 0.9, 100, calls, teacher, student, [point, loose])


def test_shares_become_errors_a_day_and_dollars_a_month():
    found = made_range()
    assert found.errors_a_day(found.points[0]) == pytest.approx(10.0)  # 1,000 calls a day, half served, 2 % wrong
    assert found.saved_usd_a_month(found.points[0]) == pytest.approx(30_437.5 * 0.5 * 1.5 / 1000)


def test_what_is_not_known_is_no_figure():
    assert made_range(calls=None).errors_a_day(made_range().points[0]) is None
    assert made_range(teacher=None).saved_usd_a_month(made_range().points[0]) is None


def test_the_cut_is_where_the_upper_bound_still_keeps_the_promise():
    assert made_range().highest_within().threshold == 0.9
    assert made_range().nearest(0.55).threshold == 0.5
