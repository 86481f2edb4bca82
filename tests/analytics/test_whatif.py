"""``spiritsafe whatif``: the decision without a log."""

import json

import pytest
from cyclopts import App

from analytics import cli_whatif
from analytics.assumptions import defaults
from analytics.cli_whatif import parse
from analytics.errors import InputError, UnknownName

PROMISED = {
    "cumulative_12m_usd",
    "npv_24m_usd",
    "payback_months",
    "break_even_spend_12m_usd",
    "p_break_even_12m",
    "p_break_even_24m",
    "npv_24m_p5_usd",
    "npv_24m_p50_usd",
    "npv_24m_p95_usd",
    "verdict",
    "reasons",
}


def run(*arguments, base=None):
    app = App(name="test", result_action="return_value")
    cli_whatif.mount(app, base)
    app(["whatif", *arguments])


@pytest.fixture
def answer(capsys):
    def ask(*arguments, **options):
        run(*arguments, "--json", **options)
        return json.loads(capsys.readouterr().out)

    return ask


def test_the_defaults_give_the_published_case(answer):
    found = answer()
    assert set(found) >= PROMISED
    assert found["cumulative_12m_usd"] == pytest.approx(18031.29398867, abs=1e-6)
    assert found["npv_24m_usd"] == pytest.approx(46368.48769855, abs=1e-6)
    assert found["payback_months"] == pytest.approx(8.8558419298, abs=1e-6)
    assert found["break_even_spend_12m_usd"] == pytest.approx(17230.856736539, abs=1e-6)
    assert found["p_break_even_12m"] == pytest.approx(0.4137, abs=0.005)
    assert found["verdict"] == "pilot"
    assert (found["serving"]["name"], found["serving"]["machines"]) == ("L40S", 2)
    assert found["serving"]["usd_per_month"] == pytest.approx(3274.05)


def test_values_are_set_together_or_one_by_one(answer):
    together = answer("--set", "monthly_spend_usd=50000", "engineer_weeks=12")
    apart = answer("--set", "monthly_spend_usd=50000", "--set", "engineer_weeks=12")
    assert together == apart
    used = {one["name"]: one for one in together["assumptions"]}
    assert (used["engineer_weeks"]["value"], used["engineer_weeks"]["origin"]) == (12, "user-set")
    assert used["build_months"]["origin"] == "default"


def test_no_payback_is_null_and_not_zero(answer):
    found = answer("--set", "monthly_spend_usd=5000")
    assert found["payback_months"] is None
    assert found["irr_24m_yearly"] is None
    assert found["verdict"] == "do-not-distill"
    assert found["reasons"][0]["code"] == "low-volume"


def test_settings_of_the_workspace_are_the_start(answer):
    base = defaults().with_values({"engineer_weeks": 12})
    assert answer(base=lambda _: base)["break_even_spend_12m_usd"] == pytest.approx(23757.76, abs=0.01)


def test_a_person_sees_the_verdict_and_its_reasons(capsys):
    run("--set", "monthly_spend_usd=50000")
    shown = capsys.readouterr().out
    assert "distill at $50,000 a month" in shown
    assert "breaks even after" in shown and "4.3 months" in shown
    assert "monthly_spend_usd $50,000 (user-set)" in shown.replace("\n", " ")


@pytest.mark.parametrize("bad", ["monthly_spend_usd", "monthly_spend_usd=", "=3", "monthly_spend_usd=1e12"])
def test_a_bad_setting_ends_with_a_usage_error(bad):
    with pytest.raises(InputError) as raised:
        run("--set", bad)
    assert raised.value.exit_code == 2


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownName, match="engineer_weeks"):
        run("--set", "engineers=3")


def test_a_name_is_set_once():
    with pytest.raises(InputError, match="twice"):
        parse(["engineer_weeks=3", "engineer_weeks=4"])


def test_the_document_says_where_the_verdict_turns_and_what_waiting_is_worth(answer):
    found = answer()
    assert {"name", "unit", "value", "flip_value", "verdict_flip_value", "flips_to"} == set(found["flip_values"][0])
    assert {one["flips_to"] for one in found["flip_values"]} == {"wait"}
    assert found["verdict_flip_draws"]["money"] >= 1_000
    assert {"months", "worth_usd", "now_usd", "gain_usd"} == set(found["waiting"])
    assert "sobol" not in found and "surface" not in found


def test_sobol_and_surface_come_when_asked_for(answer):
    found = answer("--sobol", "--surface", "monthly_spend_usd=10000:40000:3,fallback_share=0.1:0.3:2")
    total = {one["name"]: one["total"] for one in found["sobol"]}
    published = {"teacher_generation_usd": 0.262, "yearly_price_decline": 0.177, "monthly_growth": 0.143}
    assert {name: total[name] for name in published} == pytest.approx(published, abs=0.02)
    assert len(found["surface"]["points"]) == 6 and found["surface"]["x"]["name"] == "monthly_spend_usd"


def test_a_person_sees_both(capsys):
    run("--sobol", "--surface", "monthly_spend_usd=10000:40000:3,fallback_share=0.1:0.3:2")
    said = capsys.readouterr().out
    assert all(
        one in said for one in ("Sobol'", "the value changes sign at", "| ", "36%: wait", "Choosing in 3 months")
    )


def test_a_bad_axis_is_named_before_anything_is_computed(answer):
    with pytest.raises(UnknownName, match="spend"):
        answer("--surface", "spend,fallback_share")
