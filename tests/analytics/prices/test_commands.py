"""The commands on a real workspace: keys, figures, refusals, and nothing stored that was not asked for."""

import json
import shutil
from decimal import Decimal

import pytest
from cyclopts import App

from analytics import cli_prices
from analytics.errors import DataMissing, InputError, QualityGateFailed, UnknownName
from analytics.reconcile import month_of
from analytics.store import open_store
from analytics.workspace import Workspace


@pytest.fixture
def home(mail_home, tmp_path):
    return shutil.copytree(mail_home, tmp_path / "home")


@pytest.fixture
def run(home, capsys):
    app = App(name="test", result_action="return_value")
    cli_prices.mount(app)

    def called(*arguments):
        app(["prices", *map(str, arguments), "--home", str(home), "--json"])
        return json.loads(capsys.readouterr().out)

    return called


def spend(home):
    with open_store(Workspace(home)) as store:
        ((cost, listed, said),) = store.connection.sql(
            "select sum(cost_usd * weight::decimal(18, 6)), sum(list_cost_usd), any_value(price_adjustment) from calls"
        ).fetchall()
    return cost, listed, said


def test_repricing_at_the_day_s_own_prices_changes_nothing(run):
    found = run("reprice", "--as-of", "2026-08-01")
    assert set(found) == {"start", "end", "how", "token_ratio", "tasks", "total"}
    assert found["total"]["repriced_usd"] == found["total"]["cost_usd"] == found["total"]["low_usd"] > 0
    assert set(found["tasks"][0]) == {
        "task_id", "name", "calls", "cost_usd", "repriced_usd", "low_usd", "high_usd", "unpriced_calls",
    }  # fmt: skip
    same = run("reprice", "--model", "gpt-4o=openai/gpt-4o")
    assert same["total"]["repriced_usd"] == same["total"]["cost_usd"]


def test_another_model_s_price_is_a_range_where_tokens_would_differ(run, home):
    before = spend(home)
    mini = run("reprice", "--model", "gpt-4o=openai/gpt-4o-mini")
    assert mini["total"]["low_usd"] == mini["total"]["high_usd"] == pytest.approx(0.06 * mini["total"]["cost_usd"])
    other = run("reprice", "--model", "gpt-4o=anthropic/claude-3-5-haiku-20241022")
    total = other["total"]
    assert total["low_usd"] == pytest.approx(0.8 * total["repriced_usd"])
    assert total["high_usd"] == pytest.approx(1.35 * total["repriced_usd"])
    assert "assumed" in other["token_ratio"]["basis"]
    own = run("reprice", "--model", "gpt-4o=anthropic/claude-3-5-haiku-20241022", "--token-ratio", "0.9:1")
    assert own["total"]["high_usd"] == pytest.approx(total["repriced_usd"])
    assert spend(home) == before


def test_a_discount_changes_every_cost_and_shows_why(run, home):
    before = spend(home)[0]
    entry = run("discount", "openai", "--percent", "12.5", "--why", "contract 4711", "--by", "ann")
    assert (entry["multiplier"], entry["set_by"]) == ("0.875000", "ann")
    after, _, said = spend(home)
    assert after == before * Decimal("0.875")
    assert "12.5 % (contract 4711; set by ann" in said
    run("discount", "openai/gpt-4o", "--percent", "0", "--why", "not in it")
    assert spend(home)[0] == before
    assert [one["kind"] for one in run("discount")] == ["discount", "discount"]
    assert run("set", "openai/other", "--input", "1", "--output", "1")["model"] == "other"
    assert len(run("discount")) == 2  # setting a price keeps them


def test_a_month_is_held_against_its_invoice(run, home):
    found = run("reconcile", "--month", "2026-08", "--invoice", "1400")
    assert {
        "month", "provider", "invoice_usd", "costed_usd", "list_usd", "difference_usd", "difference_percent", "calls",
        "unpriced_calls", "standard_error_usd", "calibration_factor", "is_applied", "explanations",
    } == set(found)  # fmt: skip
    assert found["difference_usd"] == pytest.approx(1400 - found["costed_usd"])
    assert {"sampling"} <= {one["name"] for one in found["explanations"]}
    assert not found["is_applied"] and run("discount") == []


def test_a_calibration_is_stored_when_asked_and_not_counted_twice(run, home):
    costed = run("reconcile", "--month", "2026-08", "--invoice", "1")["costed_usd"]
    invoice = round(costed * 1.1, 2)
    applied = run("reconcile", "--month", "2026-08", "--invoice", invoice, "--provider", "openai", "--apply")
    assert applied["is_applied"] and applied["calibration_factor"] == pytest.approx(1.1, rel=1e-4)
    again = run("reconcile", "--month", "2026-08", "--invoice", invoice)
    assert again["costed_usd"] == costed
    with pytest.raises(QualityGateFailed, match="no calibration"):
        run("reconcile", "--month", "2026-08", "--invoice", invoice * 5, "--apply")


def test_a_commitment_and_a_missing_discount_are_named(run):
    cheaper = run("reconcile", "--month", "2026-08", "--invoice", "900")
    assert any("discount of" in one["text"] for one in cheaper["explanations"])
    run("discount", "openai", "--percent", "5", "--commit", "5000", "--why", "commitment")
    found = {one["name"]: one for one in run("reconcile", "--month", "2026-08", "--invoice", "5000")["explanations"]}
    assert found["committed-use"]["usd"] > 0


def test_a_price_cut_is_shown_by_task(run, tmp_path):
    genai = [{"id": "openai", "models": [{"id": "gpt-4o", "match": {"starts_with": "gpt-4o"}, "prices": {"input_mtok": 1.25, "cache_read_mtok": 1.25, "output_mtok": 5}}]}]  # fmt: skip
    for name, value in (("genai.json", genai), ("map.json", {})):
        (tmp_path / name).write_text(json.dumps(value))
    synced = run("sync", "--genai", tmp_path / "genai.json", "--litellm", tmp_path / "map.json", "--date", "2026-12-01")
    assert set(synced) == {"snapshot", "before", "is_new", "models", "sources"}
    found = run("diff")
    assert set(found) == {"before", "after", "snapshots", "models", "changes", "tasks"}
    (task,) = found["tasks"]
    assert task["after_usd_per_month"] == pytest.approx(task["before_usd_per_month"] / 2)
    assert task["percent"] == pytest.approx(-50)
    assert run("diff", "shipped", "shipped")["changes"] == []


@pytest.mark.parametrize(
    ("error", "arguments"),
    [
        (InputError, ["reprice"]),
        (InputError, ["reprice", "--as-of", "yesterday"]),
        (InputError, ["reprice", "--model", "gpt-4o"]),
        (InputError, ["reprice", "--model", "never-called=openai/gpt-4o"]),
        (DataMissing, ["reprice", "--model", "gpt-4o=openai/gpt-9"]),
        (InputError, ["reprice", "--model", "gpt-4o=openai/o3", "--token-ratio", "2"]),
        (InputError, ["discount", "openai", "--percent", "10"]),
        (InputError, ["discount", "openai", "--percent", "110", "--why", "x"]),
        (UnknownName, ["discount", "opnai", "--percent", "10", "--why", "x"]),
        (UnknownName, ["discount", "openai", "--percent", "10", "--why", "x", "--tier", "gold"]),
        (
            InputError,
            ["discount", "openai", "--percent", "1", "--why", "x", "--from", "2026-02-01", "--to", "2026-01-01"],
        ),
        (InputError, ["reconcile", "--month", "2026-13", "--invoice", "1"]),
        (InputError, ["reconcile", "--month", "2026-08", "--invoice", "much"]),
        (DataMissing, ["reconcile", "--month", "2020-01", "--invoice", "1"]),
        (DataMissing, ["reconcile", "--month", "2026-08", "--invoice", "1", "--provider", "anthropic"]),
        (UnknownName, ["diff", "2020-01-01"]),
    ],
)
def test_what_cannot_be_done_says_why(run, error, arguments):
    with pytest.raises(error):
        run(*arguments)


def test_the_year_ends():
    assert [day.isoformat()[:10] for day in month_of("2026-12")] == ["2026-12-01", "2027-01-01"]
