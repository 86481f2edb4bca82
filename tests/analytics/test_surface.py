"""Value and chance over two inputs."""

import pytest

from analytics.assumptions import defaults
from analytics.decision import Question
from analytics.errors import InputError, UnknownName
from analytics.simulate import simulate
from analytics.surface import Surface, default_surface, parse_axes, surface

QUESTION = Question(defaults())


def grid(text, draws=2_000) -> Surface:
    return surface(QUESTION, *parse_axes(QUESTION, text), draws)


def test_a_point_is_the_case_that_set_would_decide():
    found = grid("monthly_spend_usd=10000:20000:2,engineer_weeks=6:12:2", 4_000)
    assert [(one.x, one.y) for one in found.points] == [(10_000, 6), (20_000, 6), (10_000, 12), (20_000, 12)]
    case = defaults().with_values({"monthly_spend_usd": 10_000, "engineer_weeks": 12})
    assert found.points[2].npv_24m_p50_usd == simulate(case, (), 4_000).npv_p50_usd


def test_the_published_chances_lie_on_it():
    found = grid("monthly_spend_usd=10000:50000:5,fallback_share=0.1:0.2:2", 20_000)
    chance = {one.x: one.p_break_even_24m for one in found.points if one.y == 0.1}
    published = {10_000: 0.0579, 20_000: 0.5244, 30_000: 0.8035, 50_000: 0.9404}
    assert {spend: chance[spend] for spend in published} == pytest.approx(published, abs=0.01)


def test_the_boundary_lies_where_the_sign_changes_and_rises_with_what_is_handed_back():
    found = default_surface(QUESTION)
    assert found.x.now in found.x.values and found.y.now in found.y.values
    crossings = [one.x[0] for one in found.boundary]
    assert crossings == sorted(crossings) and len(found.points) == len(found.x.values) * len(found.y.values)
    here = next(one for one in found.boundary if one.y == 0.1)
    assert here.x == pytest.approx((20_000,), rel=0.05)  # the median at $20K is worth about nothing


def test_a_grid_without_a_change_has_no_boundary():
    assert {one.x for one in grid("monthly_spend_usd=100:200:3,build_months").boundary} == {()}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("monthly_spend_usd", "--surface takes two"),
        ("monthly_spend_usd,", "--surface takes two"),
        ("fallback_share,fallback_share", "fallback_share is named twice"),
        ("fallback_share=0.5:0.1,engineer_weeks", "--surface fallback_share takes LOW:HIGH"),
        ("fallback_share=0:2,engineer_weeks", "fallback_share .* from 0 to 1"),
        ("fallback_share=0:x,engineer_weeks", "fallback_share .* not '0:x'"),
        ("fallback_share=nan:1,engineer_weeks", "--surface fallback_share"),
        ("fallback_share=0:1:999,engineer_weeks", "fallback_share takes 2 to 60 points"),
        ("batchable_share,engineer_weeks", "batchable_share is 0"),
    ],
)
def test_an_axis_that_makes_no_sense_is_named(text, names):
    with pytest.raises(InputError, match=names):
        parse_axes(QUESTION, text)
    with pytest.raises(UnknownName, match="engineer_weeks"):
        parse_axes(QUESTION, "engineer_week,fallback_share")
