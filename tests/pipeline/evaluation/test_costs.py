"""What a thousand calls cost: unknown prices stay unknown, and the student's range is that of its machines."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from analytics.assumptions import Assumptions, defaults
from pipeline.evaluation.costs import calls_per_month, student_cost, teacher_cost

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_teachers_cost_is_that_of_the_priced_calls():
    found = teacher_cost([Decimal("0.01"), Decimal("0.03"), None] * 40, range(120), 1)
    assert (found.usd, found.n, found.unpriced) == (pytest.approx(20), 80, 40)
    assert found.low < 20 < found.high
    assert teacher_cost([None] * 5, range(5), 1).usd is None


def test_the_students_cost_runs_from_a_busy_machine_to_machines_of_its_own():
    given: Assumptions = defaults()
    found = student_cost("head", 2.0, 1_000_000, given)
    assert found.low == pytest.approx(1_000 * 0.10 / (3600 * 1_000 * 0.6))
    assert found.usd == found.high == pytest.approx(1_000 * 2 * 0.10 * 730 / 1e6)
    assert student_cost("head", None, 1e6, given).usd is None
    assert student_cost("head", 2.0, None, given).usd == pytest.approx(found.low)
    assert student_cost("causal", 900.0, 1e6, given).usd > found.usd


def test_calls_a_month_need_a_day_of_log():
    times = [START + timedelta(hours=n) for n in range(73)]
    assert calls_per_month(times, [1.0] * 73) == pytest.approx(73 * 730 / 72)
    assert calls_per_month(times[:5], [1.0] * 5) is None and calls_per_month([None], [1.0]) is None
